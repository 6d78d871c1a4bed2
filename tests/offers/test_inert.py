"""No cell that goes out is a formula, whatever was typed; and what was typed comes back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skillsmatch.offers.inert import as_written, inert, is_live
from skillsmatch.offers.open_data import offer_cells

STARTS = ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠", "−"]
BEFORE = ["", " ", "\u00a0", "\ufeff", "\u200b", " \u2003", "\u00ad", "\u3000", "'", "''", "' "]
CELLS = st.builds(
    lambda *parts: "".join(parts), *map(st.sampled_from, (BEFORE, BEFORE, STARTS)), st.text(max_size=9)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SEEN = "".join(STARTS)


def shown_first(cell: str) -> str:
    """The first character of a cell that takes room."""
    unseen = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
    return next((c for c in cell if not (c.isspace() and c not in SEEN) and c not in unseen), "")


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", BEFORE[:8])
def test_what_would_be_a_formula_is_marked(before: str, start: str) -> None:
    assert inert(f"{before}{start}cmd|'/c calc'!A1") == f"'{before}{start}cmd|'/c calc'!A1"


@pytest.mark.parametrize("text", ["", "-1.13300", "-5", "Welding", "'quoted'", "a=b", "1+1"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


@settings(max_examples=5_000, deadline=None)
@given(st.one_of(st.text(max_size=12), CELLS))
@example("-1.5")
@example("'-1.5")
@example("\r\n=1")
def test_no_cell_begins_as_a_formula_and_each_comes_back(text: str) -> None:
    cell = inert(text)

    plain_number = cell[:1] == "-" and cell[1:].replace(".", "", 1).isdecimal()
    assert plain_number or shown_first(cell) not in STARTS
    assert not is_live(cell)
    assert as_written(cell) == text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), CELLS),
        min_size=40,
        max_size=40,
    )
)
def test_a_table_of_them_is_parsed_again_without_one(texts: list[str]) -> None:
    """12,000 cells in all, through the offer's own road to its row."""
    row = offer_cells(dict(zip(map(str, range(40)), texts, strict=True)))
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(inert(cell) for cell in row.values())

    (cells,) = csv.reader(io.StringIO(file.getvalue(), newline=""))

    assert not [cell for cell in cells if is_live(cell)]
    assert [as_written(cell) for cell in cells] == texts
