"""Facts that are the same in every area."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from skillsmatch.area.national import (
    SECTIONS,
    all_sectors,
    load_divisions,
    load_routes,
    load_soc,
    read_sectors,
)
from skillsmatch.area.tables import AreaError

ROUTES = [
    "agriculture", "business", "care", "catering", "construction", "creative", "digital", "education",
    "engineering", "hair-and-beauty", "health-and-science", "legal-finance", "protective", "sales",
    "transport",
]  # fmt: skip


def test_there_are_412_occupations_each_of_four_digits() -> None:
    soc = load_soc()

    assert len(soc) == 412
    assert all(len(code) == 4 and code.isdigit() and title for code, title in soc.items())
    assert soc["5312"] == "Stonemasons and related trades"


def test_the_occupations_are_those_of_the_national_list(shared: Path) -> None:
    with gzip.open(shared / "data/soc2020/unit_groups.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]

    assert dict(load_soc()) == {row["id"]: " ".join(row["title"].split()) for row in rows}


def test_there_are_88_divisions_in_21_sections(shared: Path) -> None:
    with (shared / "data/sic2007/sic2007.csv").open(encoding="utf-8") as file:
        known = {(f"{int(row['code']) // 1000:02d}", row["section"]) for row in csv.DictReader(file)}

    assert {(d.code, d.section) for d in load_divisions().values()} == known
    assert {d.section for d in load_divisions().values()} == set(SECTIONS)


def test_the_routes_are_the_fifteen() -> None:
    assert list(load_routes()) == ROUTES
    assert all(len(route.includes) >= 5 for route in load_routes().values())


def test_sectors_are_in_plain_words_and_no_other_name_stands_for_two() -> None:
    sectors = all_sectors()
    names = [name.casefold() for s in sectors.values() for name in (s.name, *s.other_names)]

    assert "".join(sectors) == SECTIONS
    assert len(names) == len(set(names))


def test_national_lists_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        load_soc()["9999"] = "Wizards"  # type: ignore[index]


def test_a_letter_that_is_no_section_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sectors.csv"
    file.write_text("section,name,other_names\nV,Space,\n", encoding="utf-8")

    with pytest.raises(AreaError, match="row 2, section: 'V' is not a SIC 2007 section"):
        read_sectors(file)
