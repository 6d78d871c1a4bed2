"""Ten thousand files that nobody should send: each is taken whole or refused in words, and never half applied.

The same files every time. `pytest -m corpus` runs them all; CI runs the first few hundred.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from skillsmatch.extensions import db
from skillsmatch.offers import indexing
from skillsmatch.offers.checking import Refused, WrongUse
from skillsmatch.offers.directory_courses import DIRECTORY_COURSES, DIRECTORY_OTHER_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.live_courses import COLUMNS, LIVE_COURSES
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from tests.offers.course_files import (
    APPRENTICESHIP,
    COLLEGE,
    DIRECTORY,
    RIGHT,
    VENUE,
    courses,
    write_file,
    write_table,
)
from tests.offers.test_standards import WELDER, write

QUICK, ALL = 200, 10_000  # files
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RIGHT_ROWS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    LIVE_COURSES.source: (COLUMNS, RIGHT),
    DIRECTORY_COURSES.source: (tuple(DIRECTORY_COURSES.columns), DIRECTORY),
    DIRECTORY_OTHER_COURSES.source: (tuple(DIRECTORY_OTHER_COURSES.columns), DIRECTORY),
    OLD_APPRENTICESHIPS.source: (tuple(OLD_APPRENTICESHIPS.columns), APPRENTICESHIP),
    VENUES.source: (tuple(VENUES.columns), VENUE),
    PROVIDERS.source: (tuple(PROVIDERS.columns), {"Org UKPRN": "10003867", "Org Legal Name": "A college"}),
}
NASTY = [
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "\r",
        "a\rb",
        "\n",
        "\x1b[31m",
        "\x1f",
        "\ufeff",
        "\u202eabc",
        "\u2066",
        "\u200b",
    ),
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1", "＝1", '=HYPERLINK("http://x")', "%0A=1"),
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://[",
        "http://a@b.example",
        "//x",
    ),
    *(
        "../../etc/passwd",
        "..\\..\\x",
        "C:\\x",
        "file:///etc/passwd",
        "<script>",
        "<b>x</b>",
        "<img src=x>",
        "<3",
    ),
    *(
        "31/12/9999",
        "9999-12-31",
        "0000-00-00",
        "30/02/2027",
        "1/1/1",
        "+9999",
        "+0",
        "2027-13-01",
        "29/02/2027",
    ),
    *("NaN", "inf", "1e400", "-0", "1,00", "1,000,000", "£", "£5", "999999.99", "1000000", "0.001", "٣", "Ⅻ"),
    *(
        "LE1",
        "LE1 1AA",
        "ZZ99 9ZZ",
        "10003867",
        "99999999",
        "ST0349",
        "st0349",
        "9",
        "Entry Level",
        "Level 2",
    ),
    *(
        "ﬀ",
        "é",
        "e\u0301",
        "𝔘",
        "\ud7ff",
        "\ue000",
        "\U0010ffff",
        "a" * 300,
        "x, " * 2_000,
        "(" * 500,
        "a@" * 200,
    ),
    *(
        "Yes",
        "No",
        "Online",
        "Classroom based",
        "Day/Block Release",
        "null",
        "None",
        "DROP TABLE offer;--",
        "{{7*7}}",
    ),
]
FAULTS = ("header", "line ends", "rows", "cells", "cells", "length", "encoding", "packing")
OWN = ("COURSE_ID", "COURSE_NAME", "YOUR_REFERENCE", "VENUE_NAME")  # which tell rows apart
PLACES = [{"VENUE_NAME": f"{VENUE['VENUE_NAME']}{number}", "YOUR_VENUE_REFERENCE": ""} for number in range(4)]
any_text = st.text(max_size=40)
cell = st.one_of(
    st.sampled_from(NASTY), any_text, st.builds("".join, st.lists(st.sampled_from(NASTY), max_size=3))
)
encodings = st.sampled_from(
    ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7"]
)
json_value = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), cell),
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@graph",
                    "name",
                    "hasCourseInstance",
                    "startDate",
                    "referenceNumber",
                    "title",
                    "level",
                    "status",
                    "skills",
                    "typicalDuration",
                    "maxFunding",
                    "offers",
                    "location",
                    "price",
                    "larsCode",
                ]
            ),
            inside,
            max_size=6,
        ),
    ),
    max_leaves=20,
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A table of a known format that is right, or in which one thing or two are wrong in any way."""
    columns, right = RIGHT_ROWS[draw(st.sampled_from(sorted(RIGHT_ROWS)))]
    wrong = draw(st.sets(st.sampled_from(FAULTS), max_size=2))
    header = list(draw(st.permutations(columns))) if draw(st.booleans()) else list(columns)
    if "header" in wrong:
        header[draw(st.integers(0, len(header) - 1))] = draw(cell)
    out = io.StringIO()
    ends = ["\r\n", "\n", "\r"] if "line ends" in wrong else ["\r\n", "\n"]
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(ends)))
    writer.writerow(header)
    for number in range(draw(st.integers(0 if "rows" in wrong else 1, 4))):
        row = right | {name: f"{right.get(name, '')}{number}" for name in OWN if name in columns}
        if "cells" in wrong:
            row |= draw(st.dictionaries(st.sampled_from(columns), cell, min_size=1, max_size=3))
        cells = [row.get(name, "") for name in header]
        if "length" in wrong:
            cells = cells[: draw(st.integers(0, len(cells)))] + draw(st.lists(cell, max_size=2))
        writer.writerow(cells)
    coding = (
        draw(encodings) if "encoding" in wrong else draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
    )
    data = out.getvalue().encode(coding, "replace")
    return draw(wrapped(data)) if "packing" in wrong else data


@st.composite
def wrapped(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes as they are, packed, cut, or damaged in one place."""
    how = draw(st.integers(0, 9))
    if how == 1:
        data = gzip.compress(data, mtime=0)
    elif how == 2:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(draw(st.sampled_from(["../../x.csv", "xl/workbook.xml", "courses.csv"])), data)
        data = packed.getvalue()
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(max_size=6)) + data[place + draw(st.integers(0, 30)) :]
    return data


documents = st.builds(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"), json_value)
any_file = st.one_of(tables(), tables(), tables(), documents.flatmap(wrapped), st.binary(max_size=400))
wish = st.fixed_dictionaries({"complete": st.booleans(), "area_only": st.booleans(), "said": st.booleans()})


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without the search index, which the same tests of it cover."""
    monkeypatch.setattr(indexing, "build_index", lambda: None)
    monkeypatch.setattr(indexing, "index_is_stale", lambda: False)
    yield


def stored() -> bytes:
    """A hash of every byte of the database, which a file that is refused leaves alone."""
    db.session.rollback()
    file = Path(db.engine.url.database or "")
    whole = blake2b(file.read_bytes())
    beside = file.with_name(file.name + "-wal")
    if beside.exists():
        whole.update(beside.read_bytes())
    return whole.digest()


def take_or_refuse(path: Path, data: bytes, wishes: dict[str, Any], held: dict[str, Any]) -> None:
    """Loads the bytes; fails unless they are taken whole, or refused in printable words with nothing changed."""
    path.write_bytes(data)
    said = {"complete": wishes["complete"], "area_only": wishes["area_only"]}
    if wishes["said"]:
        said["ukprn"] = COLLEGE
    before = held["stored"]
    try:
        report = load_offers(path, **said)
    except Refused as refused:
        assert refused.lines
        assert all(line.isprintable() for line in refused.lines)
        assert stored() == before
    except WrongUse as wrong:
        assert str(wrong).isprintable()
        assert stored() == before
    else:
        held["taken"] += 1
        held["stored"] = stored()
        assert report.made_a_change or held["stored"] == before or report.in_file


def runs(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


def check_all(examples: int, folder: Path) -> int:
    """Loads so many files, one after the other, into one database; how many there were."""
    load_offers(write_file(folder, *courses(3)))
    load_offers(write(folder, [WELDER]))
    load_offers(write_table(folder, VENUES, *({**VENUE, **own} for own in PLACES)), ukprn=COLLEGE)
    held: dict[str, Any] = {"stored": stored(), "count": 0, "taken": 0}

    @runs(examples)
    @given(any_file, wish)
    def each(data: bytes, wishes: dict[str, Any]) -> None:
        held["count"] += 1
        take_or_refuse(folder / "any.csv", data, wishes, held)

    each()
    # A generator that only makes rubbish would prove nothing about what is taken.
    assert 0.05 * held["count"] < held["taken"] < 0.9 * held["count"]
    return int(held["count"])


@only_sqlite
def test_a_few_hundred_made_up_files_are_taken_or_refused(
    in_app: Flask, no_index: None, tmp_path: Path
) -> None:
    assert check_all(QUICK, tmp_path) >= QUICK


@pytest.mark.corpus
@only_sqlite
def test_ten_thousand_made_up_files_are_taken_or_refused(
    in_app: Flask, no_index: None, tmp_path: Path
) -> None:
    assert check_all(ALL, tmp_path) >= ALL
