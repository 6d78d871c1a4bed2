"""docs/formats.md lists every format with its columns, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skillsmatch.offers.formats import DOCUMENTS, TABLES, Format
from skillsmatch.offers.tables import TableFormat
from skillsmatch.offers.views import SOURCES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", TABLES, ids=lambda form: form.source)
def test_each_table_stands_there_with_its_columns_in_order(form: TableFormat) -> None:
    assert f"```\n{','.join(form.columns)}\n```" in PAGE


def test_the_table_of_formats_names_each_once() -> None:
    named = re.findall(r"\| `([a-z-]+)` \|$", PAGE, re.MULTILINE)

    assert sorted(named) == sorted(form.source for form in (*TABLES, *DOCUMENTS))


def test_each_column_that_it_speaks_of_is_one() -> None:
    known = {name for form in TABLES for name in form.columns}

    spoken = set(re.findall(r"`([A-Z]{2,}_[A-Z_]+)`", PAGE)) - {"SKILLSMATCH_STANDARDS_URL"}
    assert spoken <= known


@pytest.mark.parametrize("form", [*TABLES, *DOCUMENTS], ids=lambda form: form.source)
def test_an_offers_page_has_words_for_where_it_came_from(form: Format) -> None:
    assert form.makes != "course" or form.source in SOURCES
    assert len(form.source) <= 30
