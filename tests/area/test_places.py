"""Where an employer is: tolerant postcodes, straddling districts, towns, and places outside."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.area.areas import load_area
from skillsmatch.area.national import load_postcode_districts
from skillsmatch.area.places import distance_km, find_place, parse_postcode

LEICESTER, CHARNWOOD, BLABY = "E06000016", "E07000130", "E07000129"
HINCKLEY, NORTH_WEST = "E07000132", "E07000134"


@pytest.mark.parametrize(
    ("typed", "halves"),
    [
        ("LE10 1AA", ("LE10", "1AA")),
        ("le10 1aa", ("LE10", "1AA")),
        ("le101aa", ("LE10", "1AA")),
        ("  Le10   1Aa ", ("LE10", "1AA")),
        ("LE1-6HL", ("LE1", "6HL")),
        ("LE1.6HL.", ("LE1", "6HL")),
        ("LE10 1AA,", ("LE10", "1AA")),
        ("LE1O 1AA", ("LE10", "1AA")),
        ("LE10 OHJ", ("LE10", "0HJ")),
        ("LE1OAA", ("LE1", "0AA")),
        ("LE 10 1AA", ("LE10", "1AA")),
        ("le10", ("LE10", None)),
        ("LE1", ("LE1", None)),
        ("LE10 1", ("LE10", None)),
        ("LE10 1A", ("LE10", None)),
        ("LE101", ("LE10", None)),
        ("LE101A", ("LE10", None)),
        ("M1 1AE", ("M1", "1AE")),
        ("EC1A 1BB", ("EC1A", "1BB")),
        ("sw1a1aa", ("SW1A", "1AA")),
        ("W1T 4JT", ("W1T", "4JT")),
    ],
)
def test_a_postcode_is_read_however_it_is_typed(typed: str, halves: tuple[str, str | None]) -> None:
    assert parse_postcode(typed) == halves


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "Leicester",
        "12345",
        "LE",
        "10 LE",
        "M6 bolts",
        "LE10 1AA please",
        "LE10 11A",
        "🙂",
        "L" * 500,
    ],
)
def test_what_has_not_the_shape_of_a_postcode_is_none(typed: str) -> None:
    assert parse_postcode(typed) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_place(text: str) -> None:
    halves, place = parse_postcode(text), find_place(text, load_area())

    assert halves is None or place is not None
    assert place is None or place.inside or not place.exact


@pytest.mark.parametrize(
    ("code", "district"),
    [
        ("LE1", LEICESTER), ("LE2", None), ("LE3", None), ("LE4", LEICESTER), ("LE5", LEICESTER),
        ("LE6", HINCKLEY), ("LE7", CHARNWOOD), ("LE8", None), ("LE9", None), ("LE10", HINCKLEY),
        ("LE11", CHARNWOOD), ("LE12", CHARNWOOD), ("LE13", "E07000133"), ("LE14", "E07000133"),
        ("LE15", "E06000017"), ("LE16", "E07000131"), ("LE17", "E07000131"), ("LE18", "E07000135"),
        ("LE19", BLABY), ("LE65", NORTH_WEST), ("LE67", NORTH_WEST), ("CV13", HINCKLEY), ("DE12", None),
        ("DE74", NORTH_WEST),
    ],
)  # fmt: skip
def test_each_postcode_district_is_inside_and_names_a_council_only_where_one_holds_most_of_it(
    code: str, district: str | None
) -> None:
    place = find_place(code, load_area())

    assert place is not None
    assert place.inside
    assert not place.exact
    assert place.lat is not None
    assert place.district == district
    assert bool(place.straddles) == (district is None)


def test_a_straddling_postcode_district_lists_its_councils_likeliest_first() -> None:
    place = find_place("LE3 1AA", load_area())

    assert place is not None
    assert place.straddles == (LEICESTER, BLABY, HINCKLEY)


def test_a_postcode_with_a_known_point_is_exact_and_has_its_own_council() -> None:
    # given a table that knows one postcode
    points = {"LE33AA": (52.63, -1.2, BLABY)}

    # when that postcode is typed, and another
    found, other = (find_place(t, load_area(), exact=points.get) for t in ("le3 3aa", "LE3 1AA"))

    # then only the first is exact
    assert found is not None
    assert (found.lat, found.lon, found.district, found.exact) == (52.63, -1.2, BLABY, True)
    assert found.straddles == ()
    assert other is not None
    assert not other.exact


def test_a_known_point_without_a_council_keeps_what_its_postcode_district_tells() -> None:
    area = load_area()

    sure = find_place("LE1 1AA", area, exact=lambda _: (52.63, -1.13, None))
    unsure = find_place("LE2 1AA", area, exact=lambda _: (52.61, -1.11, None))

    assert sure is not None
    assert sure.district == LEICESTER
    assert unsure is not None
    assert unsure.district is None
    assert unsure.straddles[0] == LEICESTER


def test_a_point_decides_on_which_side_of_the_edge_a_postcode_lies() -> None:
    area = load_area()

    outside = find_place("DE12 6AA", area, exact=lambda _: (52.75, -1.6, "E07000039"))
    inside = find_place("CV9 3AA", area, exact=lambda _: (52.6, -1.5, HINCKLEY))
    far_but_inside = find_place("CV10 0RY", area, exact=lambda _: (52.55, -1.48, HINCKLEY))

    assert [p.inside for p in (outside, inside, far_but_inside) if p] == [False, True, True]


def test_a_postcode_elsewhere_is_outside_and_stands_in_the_middle_of_its_district() -> None:
    blind = find_place("B1 1AA", load_area())
    known = find_place("B1 1AA", load_area(), exact=lambda _: (52.48, -1.9, "E08000025"))

    assert blind is not None
    assert (blind.inside, blind.district, blind.exact, blind.text) == (False, None, False, "B1 1AA")
    assert blind.lat == pytest.approx(52.48, abs=0.02)
    assert blind.lon == pytest.approx(-1.91, abs=0.03)
    assert known is not None
    assert (known.inside, known.lat, known.exact) == (False, 52.48, True)


def test_a_postcode_district_that_nobody_knows_has_no_place() -> None:
    place = find_place("ZZ9 9ZZ", load_area())

    assert place is None or place.lat is None


def test_the_national_middles_of_our_districts_are_near_our_own() -> None:
    area, national = load_area(), load_postcode_districts()
    for code, known in area.postcode_districts.items():
        if known.kind != "box":
            assert distance_km(known.lat, known.lon, *national[code]) < 6, code


def test_a_postcode_district_at_the_edge_is_outside_yet_has_a_place() -> None:
    place = find_place("NG32", load_area())

    assert place is not None
    assert (place.inside, place.district) == (False, None)
    assert place.lat is not None


def test_a_box_number_district_names_no_council() -> None:
    place = find_place("LE87 2BB", load_area())

    assert place is not None
    assert (place.inside, place.district, place.straddles) == (True, None, ())


@pytest.mark.parametrize(
    ("typed", "town", "district"),
    [
        ("Hinckley", "Hinckley", HINCKLEY),
        ("hinkley", "Hinckley", HINCKLEY),
        ("Loughborugh", "Loughborough", CHARNWOOD),
        ("leciester", "Leicester", LEICESTER),
        ("ashby", "Ashby-de-la-Zouch", NORTH_WEST),
        ("Ashby de la Zouch", "Ashby-de-la-Zouch", NORTH_WEST),
        ("near Coalville", "Coalville", NORTH_WEST),
        ("Unit 4, Enderby", "Enderby", BLABY),
        ("we are in Loughborough", "Loughborough", CHARNWOOD),
    ],
)
def test_a_town_is_found_by_name_its_spelling_forgiven(typed: str, town: str, district: str) -> None:
    place = find_place(typed, load_area())

    assert place is not None
    assert (place.text, place.district, place.inside, place.exact) == (town, district, True, False)


@pytest.mark.parametrize("typed", ["Oakam", "Oadbey"])
def test_near_names_do_not_steal_each_others_spelling(typed: str) -> None:
    place = find_place(typed, load_area())

    assert place is not None
    assert place.text == {"Oakam": "Oakham", "Oadbey": "Oadby"}[typed]


OUTSIDE = (
    "Nottingham Derby Coventry Birmingham Nuneaton Corby Kettering Northampton Rugby Grantham Stamford London"
)


@pytest.mark.parametrize("typed", ["", "anywhere", "M6 bolts", "on site", *OUTSIDE.split()])
def test_a_place_we_do_not_know_is_none(typed: str) -> None:
    assert find_place(typed, load_area()) is None


def test_a_postcode_inside_an_address_wins_over_the_town() -> None:
    place = find_place("12 High St, Hinckley LE9 7AA", load_area())

    assert place is not None
    assert place.outcode == "LE9"


def test_distance_is_as_the_crow_flies() -> None:
    # Leicester station to Loughborough station
    assert distance_km(52.6314, -1.1252, 52.7790, -1.1960) == pytest.approx(17.1, abs=0.3)
    assert distance_km(52.6, -1.1, 52.6, -1.1) == 0
    assert distance_km(52.6, -1.1, 52.7, -1.2) == distance_km(52.7, -1.2, 52.6, -1.1)


def test_each_town_stands_among_postcodes_of_its_own_council(shared: Path) -> None:
    # given real local postcodes
    with gzip.open(shared / "data/geography/postcodes_llr_2014.csv.gz", "rt", encoding="utf-8") as file:
        points = [
            (float(r["lat"]), float(r["lon"]), r["outcode"], r["lad_code"]) for r in csv.DictReader(file)
        ]

    for town in load_area().towns:
        # when the five nearest to the town are taken
        near = sorted(points, key=lambda p: (p[0] - town.lat) ** 2 + 0.37 * (p[1] - town.lon) ** 2)[:5]

        # then most of them share its council and its postcode district
        assert sum(p[3] == town.district for p in near) >= 3, town.name
        assert sum(p[2] == town.postcode_district for p in near) >= 3, town.name
        assert distance_km(town.lat, town.lon, near[0][0], near[0][1]) < 0.4, town.name


def test_most_local_postcodes_are_placed_in_their_true_council_or_said_to_be_unsure(shared: Path) -> None:
    # given real local postcodes and no table of points
    area = load_area()
    with gzip.open(shared / "data/geography/postcodes_llr_2014.csv.gz", "rt", encoding="utf-8") as file:
        rows = [r for n, r in enumerate(csv.DictReader(file)) if n % 20 == 0]

    # when each is found by its first half
    places = [(find_place(r["postcode"], area), r["lad_code"]) for r in rows]
    said = [(p.district, true) for p, true in places if p and p.district]

    # then a council that is named is nearly always the right one
    assert len(said) > len(rows) / 2
    assert sum(named == true for named, true in said) / len(said) > 0.9
