"""The area folders: whole, consistent, dated, and refused with file, row and field where they are wrong."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from skillsmatch.area import areas
from skillsmatch.area.areas import Area, AreaError, Priority, load_area
from skillsmatch.area.funding import SHARES
from skillsmatch.area.national import load_soc

FOLDER = Path(areas.__file__).parent
BOTH = pytest.mark.parametrize("slug", ["leicestershire", "example"])
TODAY = date(2026, 11, 23)


@BOTH
def test_an_area_loads_and_is_read_once_only(slug: str) -> None:
    area = load_area(slug)

    assert area.slug == slug
    assert area.name
    assert area.chamber
    assert load_area(slug) is area


@BOTH
def test_shares_sum_to_one_and_stand_largest_first(slug: str) -> None:
    for district in load_area(slug).postcode_districts.values():
        values = [share for _, share in district.shares]
        assert sum(values) == pytest.approx(1, abs=areas.SHARES_ERROR), district.code
        assert values == sorted(values, reverse=True), district.code


@BOTH
def test_every_district_in_a_share_has_a_name(slug: str) -> None:
    area = load_area(slug)
    for district in area.postcode_districts.values():
        for code, _ in district.shares:
            assert area.district_name(code) != code


@BOTH
def test_towns_stand_in_postcode_districts_that_reach_their_council(slug: str) -> None:
    area = load_area(slug)
    for town in area.towns:
        shares = dict(area.postcode_districts[town.postcode_district].shares)
        assert town.district in shares, town.name


@BOTH
def test_no_two_towns_share_a_name(slug: str) -> None:
    names = [name.casefold() for town in load_area(slug).towns for name in (town.name, *town.other_names)]
    assert len(names) == len(set(names))


@BOTH
def test_every_rule_has_a_source_an_address_and_spans_in_order(slug: str) -> None:
    for spans in load_area(slug).funding.rows.values():
        for before, after in pairwise(spans):
            assert before.valid_to is not None
            assert before.valid_to < after.valid_from, after.rule
        for rule in spans:
            assert rule.source
            assert rule.url.startswith("https://")
            assert rule.checked_on <= TODAY
            assert rule.words.endswith("."), rule.rule
            assert set(rule.kinds) <= set(SHARES), rule.rule


@BOTH
def test_every_sentence_of_a_rule_is_under_25_words(slug: str) -> None:
    for spans in load_area(slug).funding.rows.values():
        for rule in spans:
            assert len(rule.words.split()) < 25, rule.words


@BOTH
def test_every_priority_has_a_source_and_known_codes(slug: str) -> None:
    for priority in load_area(slug).priorities:
        assert priority.source
        assert priority.url.startswith("https://")
        assert set(priority.kinds) <= set(SHARES)
        assert all(code in load_soc() for code in priority.soc)


@BOTH
def test_sectors_are_the_21_sections_in_order_each_found_by_any_of_its_names(slug: str) -> None:
    area = load_area(slug)
    assert "".join(sector.letter for sector in area.sectors) == "ABCDEFGHIJKLMNOPQRSTU"
    for sector in area.sectors:
        for name in (sector.letter, sector.name, *sector.other_names):
            assert area.find_sector(name.upper()) == sector.letter, name


def leicestershire() -> Area:
    return load_area("leicestershire")


def test_leicestershire_has_eight_districts_and_rutland_as_an_option() -> None:
    area = leicestershire()
    fixed = [d.name for d in area.districts.values() if not d.optional]

    assert len(fixed) == 8
    assert [d.name for d in area.districts.values() if d.optional] == ["Rutland"]
    assert area.district_name("E07000132") == "Hinckley and Bosworth"
    assert area.district_name("E07000176") == "Rushcliffe"
    assert area.district_name(None) == ""
    assert area.district_name("E09999999") == "E09999999"


def test_district_codes_are_those_of_the_national_lookup(shared: Path) -> None:
    import csv

    with (shared / "data/geography/lad_to_lsip_2023.csv").open(encoding="utf-8-sig") as file:
        names = {row["LAD23CD"]: row["LAD23NM"] for row in csv.DictReader(file)}

    area = leicestershire()
    for code in (*area.districts, *area.neighbours):
        assert names[code] == area.district_name(code)


def test_leicestershire_has_24_postcode_districts_six_at_the_edge_and_six_of_boxes() -> None:
    kinds = [d.kind for d in leicestershire().postcode_districts.values()]

    assert {kind: kinds.count(kind) for kind in kinds} == {"main": 24, "edge": 6, "box": 6}


def test_the_postcode_districts_that_straddle_are_the_mixed_ones() -> None:
    straddling = {d.code for d in leicestershire().postcode_districts.values() if d.straddles}

    assert straddling == {"LE2", "LE3", "LE8", "LE9", "DE12", "PE9"}


def in_force(area: Area, day: date) -> list[Priority]:
    return [p for p in area.priorities if p.holds_on(day)]


def test_the_plan_asks_for_three_priorities_and_from_2025_six_recommendations_too() -> None:
    area = leicestershire()
    before, now = in_force(area, date(2024, 6, 1)), in_force(area, TODAY)

    assert [p.sort for p in before] == ["priority"] * 3
    assert [p.sort for p in now] == ["priority"] * 3 + ["recommendation"] * 6
    assert in_force(area, date(2022, 12, 31)) == []


@pytest.mark.parametrize(
    ("words", "letter"),
    [
        ("pub", "I"),
        ("Garage", "G"),
        ("haulage", "H"),
        ("care home", "Q"),
        ("hosiery", "C"),
        ("  farm ", "A"),
        ("F", "F"),
    ],
)
def test_a_sector_is_found_by_what_firms_call_themselves(words: str, letter: str) -> None:
    assert leicestershire().find_sector(words) == letter


def test_an_unknown_sector_is_none_and_has_no_name() -> None:
    assert leicestershire().find_sector("wizardry") is None
    assert leicestershire().sector_name("Z") == ""
    assert leicestershire().sector_name(None) == ""


def test_the_example_shares_no_district_with_leicestershire() -> None:
    example, real = load_area("example"), leicestershire()

    assert not set(example.districts) & set(real.districts)
    assert not set(example.postcode_districts) & set(real.postcode_districts)
    assert example.year_start_month != real.year_start_month
    assert example.sector_name("A") == "Hill farming and forestry"
    assert "farm" in next(s for s in example.sectors if s.letter == "A").other_names


# Wrong data -------------------------------------------------------------------------------------------------


WRONG = [
    ("districts.csv", "E99000001,Marlow Vale,no", "E1,Marlow Vale,no", "districts.csv, row 2, code: 'E1'"),
    (
        "districts.csv",
        "E99000002,Tarnside,no",
        "E99000001,Tarnside,no",
        "row 3, code: 'E99000001' stands twice",
    ),
    ("districts.csv", "Tarnside,no", "Tarnside,perhaps", "row 3, optional: 'perhaps' is neither yes nor no"),
    ("districts.csv", "code,name", "code,title", "row 1, name: this column is missing"),
    ("districts.csv", "Tarnside,no", "Tarnside,no,more", "row 3, cells: 3 are needed"),
    ("districts.csv", "Marlow Vale,no", ",no", "row 2, name: is missing"),
    ("postcode_districts.csv", "0.600", "0.700", "row 3, shares: the shares sum to 1.100, not 1"),
    ("postcode_districts.csv", "E99000001:1.000", "E99000007:1.000", "'E99000007' is neither a district"),
    ("postcode_districts.csv", "E99000001:1.000", "E99000001:much", "shares: 'much' is not a number"),
    ("postcode_districts.csv", "E99000002:0.600", "E99000001:0.600", "shares: 'E99000001' stands twice"),
    (
        "postcode_districts.csv",
        "ZZ1,main",
        "ZEBRA,main",
        "row 2, postcode_district: 'ZEBRA' is not the first half",
    ),
    ("postcode_districts.csv", "ZZ1,main", "ZZ1,middle", "row 2, kind: 'middle' is not main, edge or box"),
    ("postcode_districts.csv", "54.1000", "154.1", "row 2, lat: 154.1 is not between 49 and 61"),
    ("postcode_districts.csv", "-2.1000", "nan", "row 2, lon: nan is not between -9 and 2"),
    (
        "area.toml",
        "year_start_month = 9",
        "year_start_month = 13",
        "year_start_month: 13 is not between 1 and 12",
    ),
    (
        "area.toml",
        "year_start_month = 9",
        "year_start_month = 9.5",
        "year_start_month: 9.5 is not a whole number",
    ),
    ("area.toml", 'chamber = "', 'trade = "', "row 1, chamber: is missing"),
    ("area.toml", 'chamber = "', 'chamber = 5 # "', "row 1, chamber: 5 is not text"),
    (
        "area.toml",
        'postcode_district = "ZZ2"',
        'postcode_district = "ZZ9"',
        "[[towns]], row 2, postcode_district",
    ),
    ("area.toml", 'district = "E99000002"', 'district = "E99000009"', "[[towns]], row 2, district"),
    ("area.toml", 'name = "Tarnside Bridge"', 'name = "Marlow Cross"', "'Marlow Cross' stands twice"),
    ("area.toml", "[[towns]]", "[[towns", "area.toml: cannot be read"),
    (
        "priorities.toml",
        "2029-08-31",
        "2025-08-31",
        "[[priority]], row 1, valid_to: 2025-08-31 is before valid_from",
    ),
    ("priorities.toml", 'sort = "priority"', 'sort = "wish"', "row 1, sort: 'wish' is not priority"),
    ("priorities.toml", "valid_from = 2026-09-01", 'valid_from = "soon"', "valid_from: 'soon' is not a date"),
    ("priorities.toml", 'kinds = ["short-course"]', "kinds = [5]", "kinds: [5] is not a list of texts"),
    ("sectors.csv", "A,Hill", "Ä,Hill", "row 2, section: 'Ä' is not a SIC 2007 section"),
    ("funding.toml", 'rule = "t-level-share"', 'rule = "t-level"', 'no row has rule = "t-level-share"'),
    ("funding.toml", "value = 8\n", "value = 108\n", "value: 108 is not between 0 and 100"),
    ("funding.toml", "value = 8\n", "value = true\n", "value: is missing; a number is needed"),
    (
        "funding.toml",
        "https://example.org/rules",
        "example.org",
        "url: 'example.org' does not begin with https://",
    ),
    ("funding.toml", 'kinds = ["t-level-placement"]', "kinds = []", "kinds: names no kind of training"),
    ("funding.toml", "checked_on = 2026-09-01", "", "row 1, checked_on: None is not a date"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "words"), WRONG)
def test_wrong_data_is_refused_with_its_file_row_and_field(
    tmp_path: Path, file: str, right: str, wrong: str, words: str
) -> None:
    # given a copy of the example with one thing wrong
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER / "example", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong), encoding="utf-8")

    # when it is loaded, then it is refused in words that lead to the place
    with pytest.raises(AreaError) as refused:
        load_area("copy", folder)
    assert words in str(refused.value)
    assert file in str(refused.value)


def test_two_spans_of_one_rule_that_overlap_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER / "example", folder)
    text = (folder / "funding.toml").read_text(encoding="utf-8")
    again = text[text.index("[[rule]]") :].split("\n\n")[0]
    (folder / "funding.toml").write_text(text + "\n" + again + "\n", encoding="utf-8")

    with pytest.raises(AreaError, match="already has a row that holds on 2020-01-01"):
        load_area("copy", folder)


@pytest.mark.parametrize(
    "file", ["area.toml", "districts.csv", "postcode_districts.csv", "priorities.toml", "funding.toml"]
)
def test_a_missing_file_is_refused_by_name(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER / "example", folder)
    (folder / file).unlink()

    with pytest.raises(AreaError, match=file):
        load_area("copy", folder)


def test_an_area_without_a_sectors_file_has_the_national_ones(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER / "example", folder)
    (folder / "sectors.csv").unlink()

    assert load_area("copy", folder).sector_name("A") == "Farming, forestry and fishing"


@pytest.mark.parametrize("slug", ["nowhere", "../offers", "", "Leicester Shire"])
def test_an_area_that_is_not_there_is_refused(slug: str) -> None:
    with pytest.raises(AreaError):
        load_area(slug)
