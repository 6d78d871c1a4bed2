from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from skillsmatch.area.models import PostcodePoint
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.offers import indexing, staging
from skillsmatch.offers.catalogue import note_change
from skillsmatch.offers.comparing import LoadReport
from skillsmatch.offers.documents import documents
from skillsmatch.offers.loading import TRIES, Refused, load_offers
from skillsmatch.offers.models import Catalogue, Offer, Provider, Venue
from skillsmatch.offers.writing import provider_facts
from tests.conftest import NOW
from tests.offers.course_files import course, courses, everything, write_file


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Counts the builds of the search index in place of making them; test_indexing makes real ones."""
    built: list[str] = []
    monkeypatch.setattr(indexing, "build_index", lambda: built.append("built"))
    monkeypatch.setattr(indexing, "index_is_stale", lambda: False)
    return built


def only_offer() -> Offer:
    return db.session.scalars(select(Offer)).one()


def offers_by_key() -> dict[str, Offer]:
    return {offer.source_ref: offer for offer in db.session.scalars(select(Offer))}


def number() -> int:
    return db.session.scalar(select(Catalogue.number)) or 0


def test_an_offer_says_what_its_row_says(in_app: Flask, tmp_path: Path) -> None:
    report = load_offers(write_file(tmp_path, course()))

    assert report == LoadReport(taken=1)
    offer = only_offer()
    assert (offer.source, offer.source_ref, offer.kind) == ("ncs-live-courses", "C1/R1", "short-course")
    assert (offer.title, offer.level, offer.route) == ("MIG welding for beginners", 2, "engineering")
    assert (offer.cost, offer.duration_value, offer.duration_unit) == (
        Decimal("420.50"),
        Decimal("10"),
        "weeks",
    )
    assert (offer.start_dates, offer.next_start(date(2026, 11, 23))) == (["2027-01-18"], date(2027, 1, 18))
    assert (offer.source_updated, offer.confirmed_on) == (date(2026, 11, 1), date(2026, 11, 1))
    assert (offer.created_at, offer.changed_at, offer.withdrawn_at) == (NOW, NOW, None)
    assert (offer.provider.ukprn, offer.provider.name) == (10003867, "Leicester College")
    assert offer.venue is not None
    assert (offer.venue.name, offer.venue.postcode, offer.venue.district) == (
        "Abbey Park Campus",
        "LE1 3WA",
        "E06000016",
    )
    assert (offer.venue.lat, offer.venue.lon) == (52.6447, -1.133)


def test_the_same_file_again_changes_nothing(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(3))
    load_offers(path)
    before = everything()
    in_app.config["CLOCK"] = lambda: datetime(2026, 12, 24, 9, 0)

    report = load_offers(path)

    assert report == LoadReport(unchanged=3)
    assert everything() == before


def test_a_file_that_does_not_say_when_confirms_its_offers_again(
    in_app: Flask, tmp_path: Path, no_index: list[str]
) -> None:
    path = write_file(tmp_path, course(), course(COURSE_ID="C9", UPDATED_DATE=""))
    load_offers(path)
    digests = {offer.digest for offer in offers_by_key().values()}
    in_app.config["CLOCK"] = lambda: datetime(2026, 12, 24, 9, 0)

    report = load_offers(path)

    # then nothing has changed but the day, and the index, which ranks by it, is built anew
    assert report == LoadReport(unchanged=2, confirmed=1)
    found = offers_by_key()
    assert {offer.digest for offer in found.values()} == digests
    assert (found["C1/R1"].confirmed_on, found["C9/R1"].confirmed_on) == (
        date(2026, 11, 1),
        date(2026, 12, 24),
    )
    assert found["C9/R1"].changed_at == NOW
    assert (len(no_index), number()) == (2, 2)
    assert load_offers(path) == LoadReport(unchanged=2)


def test_a_providers_own_file_confirms_all_that_it_names(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(2))
    load_offers(path)

    report = load_offers(path, ukprn=10003867, by="Leicester College")

    assert report == LoadReport(unchanged=2, confirmed=2)
    assert {(o.confirmed_on, o.confirmed_by) for o in offers_by_key().values()} == {
        (date(2026, 11, 23), "Leicester College")
    }
    assert load_offers(path) == LoadReport(unchanged=2)  # the national file does not put that back


def test_packed_and_mixed_up_it_is_the_same_file(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(3)))
    packed = tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(write_file(tmp_path, *reversed(courses(3))).read_bytes(), mtime=0))

    assert load_offers(packed) == LoadReport(unchanged=3)


def test_only_what_differs_is_changed(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(3)))
    ids = {key: offer.id for key, offer in offers_by_key().items()}
    later = datetime(2026, 12, 1, 9, 0)
    in_app.config["CLOCK"] = lambda: later
    rows = courses(4)
    elsewhere = {"LOCATION_NAME": "Frog Island", "LOCATION_TELEPHONE": "0116 000 0000"}
    rows[1] |= {"COST": "99", "STARTDATE": "01/02/2027", **elsewhere}

    report = load_offers(write_file(tmp_path, *rows))

    assert report == LoadReport(taken=1, changed=1, unchanged=2)
    found = offers_by_key()
    assert {key: found[key].id for key in ids} == ids
    changed = found["C2/R2"]
    assert (changed.cost, changed.start_dates, changed.changed_at) == (Decimal("99"), ["2027-02-01"], later)
    assert changed.created_at == NOW
    assert changed.venue is not None
    assert changed.venue.phone == "0116 000 0000"
    assert found["C1/R1"].changed_at == NOW
    assert number() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"COURSE_NAME": "Another"},
        {"WHO_THIS_COURSE_IS_FOR": "Others"},
        {"LOCATION_POSTCODE": "LE11 3BT"},
        {"LOCATION_LATITUDE": "52.70000"},
        {"ENTRY_REQUIREMENTS": "Boots"},
        {"UPDATED_DATE": "2026-11-02"},
        {"NATIONAL": "1"},
    ],
)
def test_whatever_a_reader_sees_is_a_change(in_app: Flask, tmp_path: Path, changed: dict[str, str]) -> None:
    load_offers(write_file(tmp_path, course()))
    digest = only_offer().digest

    report = load_offers(write_file(tmp_path, course(**changed)))

    assert report == LoadReport(changed=1)
    assert only_offer().digest != digest


def test_relative_dates_start_from_the_day_of_loading(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, course(STARTDATE="+10", COURSE_ID="DEMO-1", UPDATED_DATE=""))
    load_offers(path)
    assert (only_offer().start_dates, only_offer().demonstration) == (["2026-12-03"], True)
    assert only_offer().confirmed_on == date(2026, 11, 23)

    in_app.config["CLOCK"] = lambda: datetime(2026, 11, 24, 9, 0)

    assert load_offers(path) == LoadReport(changed=1)
    assert only_offer().start_dates == ["2026-12-04"]
    assert only_offer().confirmed_on == date(2026, 11, 24)


def test_nothing_is_confirmed_in_the_future(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, course(UPDATED_DATE="2027-06-01")))

    assert only_offer().source_updated == date(2027, 6, 1)
    assert only_offer().confirmed_on == date(2026, 11, 23)


def test_a_date_that_has_passed_is_taken_and_counted(in_app: Flask, tmp_path: Path) -> None:
    report = load_offers(write_file(tmp_path, course(STARTDATE="2026-01-05")))

    assert report == LoadReport(taken=1, passed=1)
    assert only_offer().date_has_passed(date(2026, 11, 23))


def test_nothing_is_withdrawn_unless_the_file_is_complete(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(3)))
    fewer = write_file(tmp_path, *courses(1))

    assert load_offers(fewer) == LoadReport(unchanged=1)
    assert load_offers(fewer, complete=True) == LoadReport(unchanged=1, withdrawn=2)
    assert load_offers(fewer, complete=True) == LoadReport(unchanged=1)

    found = offers_by_key()
    assert (found["C1/R1"].withdrawn_at, found["C2/R2"].withdrawn_at) == (None, NOW)


def test_an_offer_that_comes_back_is_offered_again(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(2)))
    load_offers(write_file(tmp_path, *courses(1)), complete=True)

    assert load_offers(write_file(tmp_path, *courses(2))) == LoadReport(changed=1, unchanged=1)
    assert offers_by_key()["C2/R2"].withdrawn_at is None


def test_offers_of_other_sources_are_left_alone(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(2)))

    def move() -> None:
        offers_by_key()["C2/R2"].source = "desk"

    keep(move)

    assert load_offers(write_file(tmp_path, *courses(1)), complete=True) == LoadReport(unchanged=1)


PLACES = [
    ({"LOCATION_POSTCODE": "LE1 3WA"}, True),
    ({"LOCATION_POSTCODE": "LE13 0HJ"}, True),
    ({"LOCATION_POSTCODE": "NG1 1GW"}, False),
    ({"LOCATION_POSTCODE": "NG1 1GW", "DELIVER_MODE": "2"}, True),
    ({"LOCATION_POSTCODE": "NG1 1GW", "NATIONAL": "1"}, True),
    ({"LOCATION_POSTCODE": "", "DELIVER_MODE": "3", "REGIONS": "Derby;Leicester"}, True),
    ({"LOCATION_POSTCODE": "", "DELIVER_MODE": "3", "REGIONS": "Kent"}, False),
    ({"LOCATION_POSTCODE": "", "DELIVER_MODE": "3", "REGIONS": ""}, True),
    (
        {"LOCATION_POSTCODE": "CV9 3DT"},
        False,
    ),  # the edge of a postcode district that is mostly in Warwickshire
]


def test_courses_outside_the_area_are_left_out_when_asked(in_app: Flask, tmp_path: Path) -> None:
    rows = [course(COURSE_ID=f"C{n}", **place) for n, (place, _) in enumerate(PLACES)]
    path = write_file(tmp_path, *rows)

    report = load_offers(path, area_only=True)

    inside = {f"C{n}/R1" for n, (_, wanted) in enumerate(PLACES) if wanted}
    assert set(offers_by_key()) == inside
    assert report == LoadReport(taken=len(inside), outside=len(PLACES) - len(inside))
    assert load_offers(path) == LoadReport(taken=report.outside, unchanged=report.taken)


def test_a_full_postcode_that_is_known_decides_what_is_inside(in_app: Flask, tmp_path: Path) -> None:
    keep(lambda: db.session.add(PostcodePoint(postcode="CV93DT", lat=52.6, lon=-1.5, district="E07000132")))

    report = load_offers(write_file(tmp_path, course(LOCATION_POSTCODE="CV9 3DT")), area_only=True)

    assert report == LoadReport(taken=1)
    assert db.session.scalars(select(Venue.district)).one() == "E07000132"


@pytest.mark.parametrize(
    ("postcode", "district"),
    [("LE1 3WA", "E06000016"), ("LE13 0HJ", "E07000133"), ("LE2 1AA", ""), ("NG1 1GW", ""), ("SW1A 1AA", "")],
)
def test_a_district_is_named_only_where_the_postcode_leaves_no_doubt(
    in_app: Flask, tmp_path: Path, postcode: str, district: str
) -> None:
    load_offers(write_file(tmp_path, course(LOCATION_POSTCODE=postcode)))

    assert db.session.scalars(select(Venue.district)).one() == district


def test_a_postcode_that_becomes_known_puts_its_venues_right(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, course(LOCATION_POSTCODE="LE2 1AA"))
    load_offers(path)
    keep(lambda: db.session.add(PostcodePoint(postcode="LE21AA", lat=52.6, lon=-1.1, district="E07000135")))

    load_offers(path)

    assert db.session.scalars(select(Venue.district)).one() == "E07000135"


def test_a_venue_without_coordinates_is_placed_by_its_postcode(in_app: Flask, tmp_path: Path) -> None:
    # given a course that says its postcode and no more
    path = write_file(
        tmp_path, course(LOCATION_LATITUDE="", LOCATION_LONGITUDE="", LOCATION_POSTCODE="LE10 1QU")
    )
    load_offers(path)
    (seen,) = documents()

    # then distances start from the middle of LE10
    middle = in_app.extensions["area"].postcode_districts["LE10"]
    assert (seen.lat, seen.lon) == (middle.lat, middle.lon)

    # when that postcode becomes known, then from the postcode itself, and a changed file does not undo it
    keep(lambda: db.session.add(PostcodePoint(postcode="LE101QU", lat=52.5434, lon=-1.3739)))
    load_offers(path)
    load_offers(
        write_file(
            tmp_path,
            course(LOCATION_LATITUDE="", LOCATION_LONGITUDE="", LOCATION_POSTCODE="LE10 1QU", COST="1"),
        )
    )
    (seen,) = documents()
    assert (seen.lat, seen.lon) == (52.5434, -1.3739)


def test_what_a_file_says_of_a_place_stands_over_its_postcode(in_app: Flask, tmp_path: Path) -> None:
    keep(lambda: db.session.add(PostcodePoint(postcode="LE13WA", lat=52.6, lon=-1.2)))

    load_offers(write_file(tmp_path, course()))

    assert [(seen.lat, seen.lon) for seen in documents()] == [(52.6447, -1.133)]


def test_a_venue_outside_the_area_has_no_place_but_its_own(in_app: Flask, tmp_path: Path) -> None:
    nowhere = {"LOCATION_LATITUDE": "", "LOCATION_LONGITUDE": ""}
    load_offers(
        write_file(
            tmp_path,
            course(**nowhere, LOCATION_POSTCODE="SW1A 1AA"),
            course(**nowhere, COURSE_ID="C2", LOCATION_POSTCODE=""),
        )
    )

    assert [(seen.lat, seen.lon) for seen in documents()] == [(None, None), (None, None)]


def test_a_place_is_one_venue_however_many_courses_it_has(in_app: Flask, tmp_path: Path) -> None:
    rows = [
        *courses(1_200),
        course(COURSE_ID="X", LOCATION_NAME="Freemen's Park", LOCATION_POSTCODE="LE2 7LW"),
    ]
    load_offers(
        write_file(
            tmp_path,
            *rows,
            course(
                COURSE_ID="Y", LOCATION_NAME="", LOCATION_ADDRESS1="", LOCATION_POSTCODE="", DELIVER_MODE="2"
            ),
        )
    )

    assert db.session.scalar(select(func.count()).select_from(Offer)) == 1_202
    assert db.session.scalar(select(func.count()).select_from(Venue)) == 2
    assert offers_by_key()["Y/R1"].venue is None


def test_a_provider_that_no_one_knows_is_named_by_its_first_venue(in_app: Flask, tmp_path: Path) -> None:
    unknown = {"PROVIDER_UKPRN": "10099999"}
    load_offers(write_file(tmp_path, course(**unknown, LOCATION_NAME="Hinckley Workshop")))
    load_offers(write_file(tmp_path, course(**unknown, COURSE_ID="C2", LOCATION_NAME="Another Place")))

    provider = db.session.scalars(select(Provider)).one()
    assert (provider.ukprn, provider.name) == (10099999, "Hinckley Workshop")


def test_local_providers_are_known_by_their_public_names() -> None:
    facts = provider_facts("leicestershire")

    assert facts[10003867].name == "Leicester College"
    assert facts[10004112].postcode == "LE11 3BT"
    assert len(facts) >= 60
    assert not [known.name for known in facts.values() if known.name.isupper() or known.name.islower()]
    assert provider_facts("example") == {}


def test_the_catalogue_counts_its_changes_and_remembers_the_last(in_app: Flask, tmp_path: Path) -> None:
    path = write_file(tmp_path, *courses(2), name="november.csv")
    load_offers(path)
    load_offers(path)

    catalogue = db.session.scalars(select(Catalogue)).one()
    assert (catalogue.number, catalogue.changed_at) == (1, NOW)
    assert (catalogue.last_load["file"], catalogue.last_load["taken"]) == ("november.csv", 2)


def test_the_index_is_built_after_a_change_and_only_then(
    in_app: Flask, tmp_path: Path, no_index: list[str]
) -> None:
    path = write_file(tmp_path, *courses(2))
    load_offers(path)
    assert len(no_index) == 1

    load_offers(path)
    assert len(no_index) == 1


def test_the_load_stands_when_the_index_cannot_be_built(
    in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError("no space left")

    monkeypatch.setattr(indexing, "build_index", full)

    report = load_offers(write_file(tmp_path, *courses(2)))

    assert (report.taken, report.index_problem) == (2, "OSError: no space left")
    assert len(offers_by_key()) == 2


def test_a_load_that_breaks_half_way_leaves_nothing_behind(
    in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_offers(write_file(tmp_path, *courses(4)))
    before = everything()
    written: list[dict[str, int]] = []

    def break_at_the_end(self: staging.Staging) -> None:
        written.append({key: offer.cost == 1 for key, offer in offers_by_key().items()})
        raise RuntimeError("the power went")

    monkeypatch.setattr(staging.Staging, "_withdraw", break_at_the_end)

    with pytest.raises(RuntimeError, match="the power went"):
        load_offers(write_file(tmp_path, *courses(3, COST="1"), course(COURSE_ID="new")), complete=True)

    assert written == [{"C1/R1": True, "C2/R2": True, "C3/R3": True, "C4/R4": False, "new/R1": False}]
    assert everything() == before


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What others do between a load's comparison and its writing; the first at its first try, and so on."""
    waiting: list[Callable[[], object]] = []
    close = staging.Staging.confirm

    def confirm(self: staging.Staging, days: list[tuple[int, date]]) -> None:
        close(self, days)
        if waiting and not db.session.connection().get_execution_options().get("sqlite_begin"):
            keep(waiting.pop(0))

    monkeypatch.setattr(staging.Staging, "confirm", confirm)
    return waiting


def test_a_load_that_is_overtaken_compares_again_and_loses_nothing(
    in_app: Flask, tmp_path: Path, between: list[Callable[[], object]]
) -> None:
    load_offers(write_file(tmp_path, *courses(3)))

    def another() -> None:
        note_change()
        first = db.session.execute(select(*Offer.__table__.c).limit(1)).mappings().one()
        new = {**first, "id": 99_999, "source_ref": "C4/R4", "title": "What another load said"}
        db.session.execute(Offer.__table__.insert(), new)

    between.append(another)

    report = load_offers(write_file(tmp_path, *courses(4, COST="1")), complete=True)

    # then what the other wrote is one of the offers that this load changes, and no second one
    assert report == LoadReport(changed=4)
    assert {key: offer.cost for key, offer in offers_by_key().items()} == dict.fromkeys(
        ("C1/R1", "C2/R2", "C3/R3", "C4/R4"), Decimal("1")
    )
    assert offers_by_key()["C4/R4"].id == 99_999


def test_a_change_that_nobody_counted_is_noticed_too(
    in_app: Flask, tmp_path: Path, between: list[Callable[[], object]]
) -> None:
    load_offers(write_file(tmp_path, *courses(2)))

    def edited() -> None:
        offers_by_key()["C2/R2"].digest = "0" * 32

    between.append(edited)

    assert load_offers(write_file(tmp_path, *courses(2, COST="1"))) == LoadReport(changed=2)
    assert between == []


def test_a_load_that_is_always_overtaken_has_the_database_to_itself_in_the_end(
    in_app: Flask, tmp_path: Path, between: list[Callable[[], object]]
) -> None:
    between += [note_change] * TRIES

    assert load_offers(write_file(tmp_path, *courses(2))) == LoadReport(taken=2)
    assert (between, number()) == ([], TRIES + 1)


def test_what_the_tables_refuse_is_refused_before_anything_is_written(
    in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a reader that lets through what no table takes
    before = everything()
    offer_of = staging.Staging._offer
    monkeypatch.setattr(
        staging.Staging, "_offer", lambda *given: offer_of(*given) | {"kind": "a kind that is none"}
    )

    with pytest.raises(NotSaved):
        load_offers(write_file(tmp_path, course()))

    assert everything() == before


def test_the_tables_go_on_checking_once_a_load_is_in(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, course()))

    def spoil() -> None:
        only_offer().kind = "a kind that is none"

    with pytest.raises(IntegrityError):
        keep(spoil)


def test_progress_is_told_from_checking_to_saving(in_app: Flask, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    load_offers(write_file(tmp_path, *courses(1_500)), progress=lambda *news: told.append(news))

    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "Checking",
        "Preparing",
        "Saving",
        "Building the search index",
    ]
    assert all(0 <= done <= whole for _, done, whole in told)


def test_no_wrong_row_is_taken_with_the_right_ones(in_app: Flask, tmp_path: Path) -> None:
    rows = courses(1_001)
    rows[-1]["EDUCATION_LEVEL"] = "9"

    with pytest.raises(Refused) as refused:
        load_offers(write_file(tmp_path, *rows))

    assert [(error.row, error.column) for error in refused.value.errors] == [(1_002, "EDUCATION_LEVEL")]
    assert offers_by_key() == {}
    assert number() == 0


def test_cells_of_the_greatest_length_fit_the_tables(in_app: Flask, tmp_path: Path) -> None:
    from skillsmatch.offers.live_courses import FORMAT

    texts = (
        *(
            "COURSE_ID",
            "COURSE_RUN_ID",
            "COURSE_NAME",
            "WHO_THIS_COURSE_IS_FOR",
            "COST_DESCRIPTION",
            "REGIONS",
        ),
        *("LOCATION_NAME", "LOCATION_ADDRESS1", "LOCATION_ADDRESS2", "LOCATION_COUNTY", "LOCATION_TELEPHONE"),
        *("LOCATION_TOWN", "ENTRY_REQUIREMENTS", "HOW_YOU_WILL_BE_ASSESSED", "AWARDING_BODY"),
    )
    longest = {name: "é" * FORMAT[name][0] for name in texts}
    longest |= {
        name: "www.example.org/".ljust(FORMAT[name][0], "x") for name in ("COURSE_URL", "LOCATION_WEBSITE")
    }
    longest |= {"LOCATION_EMAIL": "a@b.".ljust(254, "c"), "COST": "999999.99", "DURATION_VALUE": "9999"}
    longest |= {"DURATION_UNIT": "6", "PROVIDER_UKPRN": "19999999", "LOCATION_POSTCODE": "SW1A 1AA"}

    report = load_offers(write_file(tmp_path, course(**longest)))

    assert report == LoadReport(taken=1)
    offer = only_offer()
    assert len(offer.source_ref) == 120
    assert (offer.cost, len(offer.title), len(offer.regions)) == (Decimal("999999.99"), 255, 5_000)


def test_all_the_real_courses_are_taken_and_again_nothing_changes(in_app: Flask, shared: Path) -> None:
    file = shared / "data/fe_courses/live_courses.csv.gz"

    assert load_offers(file) == LoadReport(taken=1013)
    assert load_offers(file) == LoadReport(unchanged=1013)

    districts = db.session.scalars(select(Venue.district).distinct())
    assert set(districts) >= set(in_app.extensions["area"].districts)


def test_what_a_file_first_says_of_a_venue_stands_whatever_was_loaded_before(
    in_app: Flask, tmp_path: Path
) -> None:
    rows = courses(2)
    load_offers(write_file(tmp_path, *rows))
    rows[1] |= {"LOCATION_TELEPHONE": "0116 000 0000"}  # though the first row gives its venue none

    report = load_offers(write_file(tmp_path, *rows))

    assert report == LoadReport(unchanged=2)
    assert [venue.phone for venue in db.session.scalars(select(Venue))] == [""]
