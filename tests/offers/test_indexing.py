from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch.area.national import load_soc
from skillsmatch.area.themes import load_themes
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.matching import Document, Matcher, Query
from skillsmatch.matching.meaning import shipped_encoder
from skillsmatch.offers import indexing
from skillsmatch.offers.documents import documents
from skillsmatch.offers.indexing import build_index, index_folder, index_is_stale, open_index, refresh_index
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.models import Catalogue, Offer, Venue
from tests.offers.course_files import course, courses, write_file

SUBJECTS = ("Bricklaying", "Payroll", "Food hygiene", "Forklift driving", "Dog grooming", "Spreadsheets")


@pytest.fixture
def catalogue(in_app: Flask, tmp_path: Path) -> Flask:
    """An app with twenty-four offers and its index."""
    rows = [
        course(
            COURSE_ID=f"C{n}",
            COURSE_NAME=f"{SUBJECTS[n % 6]}, part {n // 6}",
            WHO_THIS_COURSE_IS_FOR="Anyone.",
        )
        for n in range(24)
    ]
    report = load_offers(write_file(tmp_path, *rows))
    assert (report.taken, report.index_problem) == (24, "")
    return in_app


def found(words: str) -> list[str]:
    """The titles that the saved index finds, best first."""
    index = open_index()
    assert index is not None
    ids = [int(match.id) for match in index.offers.rank(Query(words))]
    titles = dict(db.session.execute(select(Offer.id, Offer.title)).tuples().all())
    return [titles[id] for id in ids]


def edit(which: str, /, **changed: Any) -> None:
    """Changes an offer as the web does: the offer, its digest and the catalogue's number."""

    def work() -> None:
        offer = db.session.scalars(select(Offer).where(Offer.title == which)).one()
        for name, value in changed.items():
            setattr(offer, name, value)
        offer.digest = offer.digest[::-1]
        db.session.scalars(select(Catalogue)).one().number += 1

    keep(work)


def builds() -> list[str]:
    return sorted(folder.name for folder in index_folder().iterdir() if folder.is_dir())


def test_there_is_no_index_before_the_first_load(in_app: Flask) -> None:
    assert open_index() is None
    assert index_is_stale()


def test_a_load_makes_its_offers_searchable(catalogue: Flask) -> None:
    index = open_index()

    assert index is not None
    assert (index.number, index.version) == (1, index.offers.version)
    assert not index_is_stale()
    assert found("forklift driver")[0].startswith("Forklift driving")


def test_the_index_codes_words_by_theme_and_by_occupation(catalogue: Flask) -> None:
    index = open_index()

    assert index is not None
    assert index.themes.label("MIG welding")[0][0] in load_themes().themes
    assert index.occupations.label("MIG welding")[0][0] in load_soc()


def test_an_empty_catalogue_has_an_index_that_finds_nothing(in_app: Flask) -> None:
    build_index()

    assert found("welding") == []
    assert not index_is_stale()


def test_offers_reach_the_engine_as_they_are(in_app: Flask, tmp_path: Path) -> None:
    load_offers(
        write_file(tmp_path, course(), course(COURSE_ID="C2", COST="", DURATION_VALUE="", NATIONAL="1"))
    )
    first, second = documents()

    day = date(2027, 1, 18).toordinal()
    assert first == Document(
        id=first.id,
        title="MIG welding for beginners",
        text="People who fix trailers, gates and frames. You weld mild steel, safely.",
        kind="short-course",
        level=2,
        lat=52.6447,
        lon=-1.133,
        mode="classroom",
        attendance="evening",
        starts=(day,),
        price=420.5,
        weeks=10.0,
        confirmed=date(2026, 11, 1).toordinal(),
    )
    assert (second.price, second.weeks, second.national) == (None, None, True)


def test_withdrawn_offers_are_not_found(catalogue: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, course(COURSE_NAME="Payroll again")), complete=True)

    assert set(found("forklift driver") + found("payroll")) == {"Payroll again"}


def test_an_edit_makes_the_index_stale_until_it_is_refreshed(catalogue: Flask) -> None:
    assert not refresh_index()
    edit("Payroll, part 1", title="Beekeeping")
    assert index_is_stale()
    assert "Beekeeping" not in found("beekeeping")

    assert refresh_index()

    assert found("beekeeping")[0] == "Beekeeping"
    assert "Payroll, part 1" not in found("payroll")
    assert not index_is_stale()


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many offers each matcher was fitted on."""
    fits: list[int] = []
    fit = Matcher.fit.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Matcher], given: Any) -> Matcher:
        matcher: Matcher = fit(cls, given)
        fits.append(len(matcher))
        return matcher

    monkeypatch.setattr(Matcher, "fit", classmethod(counted))
    return fits


def test_a_load_of_a_few_changes_reads_only_these(catalogue: Flask, tmp_path: Path, fits: list[int]) -> None:
    load_offers(write_file(tmp_path, course(COURSE_ID="C3", COURSE_NAME="Beekeeping")))

    assert fits == []
    assert found("beekeeping")[0] == "Beekeeping"
    assert "Forklift driving, part 0" not in found("forklift driving")
    assert len(found("bricklaying payroll")) == 10


def test_an_operator_can_have_all_words_weighed_anew(catalogue: Flask, fits: list[int]) -> None:
    result = catalogue.test_cli_runner().invoke(args=["offers", "index"])

    assert (result.exit_code, 24 in fits) == (0, True)


def test_an_offer_whose_venue_has_moved_is_read_again(catalogue: Flask, fits: list[int]) -> None:
    # given the one venue of all offers, moved, though none of them says anything else
    def move() -> None:
        for venue in db.session.scalars(select(Venue)):
            venue.lat, venue.lon = 52.77, -1.21

    keep(move)
    build_index()

    # then all are read again, with their new place
    assert fits == [24]
    index = open_index()
    assert index is not None
    (best,) = index.offers.rank(Query("payroll", lat=52.77, lon=-1.21), 1)
    assert best.evidence.distance_km == pytest.approx(0.0, abs=0.01)


def test_a_few_changes_are_added_and_many_are_fitted_anew(catalogue: Flask, fits: list[int]) -> None:
    for title in ("Payroll, part 1", "Payroll, part 2"):  # a tenth of twenty-four is two
        edit(title, title=title.replace("Payroll", "Beekeeping"))
        refresh_index()
    assert fits == []

    edit("Payroll, part 3", title="Beekeeping, part 3")
    refresh_index()

    assert fits == [24]
    assert set(found("beekeeping")[:3]) == {f"Beekeeping, part {n}" for n in (1, 2, 3)}


def test_a_refresh_ranks_as_a_fresh_build_does_what_it_added(catalogue: Flask) -> None:
    edit("Dog grooming, part 1", title="Forklift driving, refresher", withdrawn_at=None)
    edit("Dog grooming, part 2", withdrawn_at=datetime(2026, 11, 23))
    refresh_index()
    added = found("forklift driving refresher")

    build_index()

    assert found("forklift driving refresher")[:1] == added[:1] == ["Forklift driving, refresher"]
    assert set(found("dog grooming")[:2]) == {"Dog grooming, part 0", "Dog grooming, part 3"}
    assert not {"Dog grooming, part 1", "Dog grooming, part 2"} & set(found("dog grooming"))


def test_the_build_before_is_kept_and_older_ones_go(catalogue: Flask) -> None:
    (first,) = builds()
    build_index()
    assert first in builds()

    build_index()

    assert first not in builds()
    assert len(builds()) == 2


def test_an_index_opened_earlier_answers_after_its_files_are_gone(catalogue: Flask) -> None:
    old = open_index()
    assert old is not None
    before = old.offers.rank(Query("payroll"))
    build_index()
    build_index()

    assert old.offers.rank(Query("payroll")) == before


def test_the_index_is_opened_once_and_again_when_another_takes_its_place(catalogue: Flask) -> None:
    first = open_index()
    assert open_index() is first

    build_index()

    assert open_index() is not first


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "an empty pointer": lambda root, _: (root / "current").write_text(""),
    "a pointer to nothing": lambda root, _: (root / "current").write_text("9-00000000"),
    "a pointer out of its folder": lambda root, _: (root / "current").write_text("../../1-00000000"),
    "a pointer of noise": lambda root, _: (root / "current").write_bytes(b"\xff\xfe\0"),
    "no build file": lambda _, build: (build / "build.json").unlink(),
    "half a build file": lambda _, build: (build / "build.json").write_text('{"format": 1, "num'),
    "a build file of another format": lambda _, build: (build / "build.json").write_text('{"format": 0}'),
    "a build file of another shape": lambda _, build: (build / "build.json").write_text("[1]"),
    "a build file without its number": lambda _, build: (build / "build.json").write_text('{"format": 1}'),
    "no themes": lambda _, build: (build / "themes").rename(build / "elsewhere"),
    "no occupations": lambda _, build: (build / "occupations").rename(build / "elsewhere"),
    "an array cut short": lambda _, build: cut_short(build / "offers"),
}


def cut_short(folder: Path) -> None:
    largest = max(folder.iterdir(), key=lambda file: file.stat().st_size)
    os.truncate(largest, largest.stat().st_size // 2)


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_index_is_none_with_one_line_in_the_log_and_is_rebuilt(
    catalogue: Flask, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    root = index_folder()
    (build,) = builds()
    DAMAGE[name](root, root / build)
    pointer = (root / "current").read_bytes()
    (root / "again").write_bytes(pointer)
    (root / "again").replace(root / "current")  # a new pointer file, as another process would see it first
    caplog.set_level(logging.WARNING)

    assert [open_index(), open_index(), open_index()] == [None, None, None]

    assert [record.name for record in caplog.records] == ["skillsmatch.offers.indexing"]
    assert "flask offers index" in caplog.text
    assert index_is_stale()
    assert refresh_index()
    assert found("payroll")[0].startswith("Payroll")


def test_a_build_that_fails_leaves_the_index_in_use(
    catalogue: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = builds()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(indexing, "_save_labels", full)

    with pytest.raises(OSError, match="no space left"):
        build_index()

    assert builds() == before
    assert found("payroll")


def test_only_one_builder_works_at_a_time(catalogue: Flask) -> None:
    edit("Payroll, part 1", title="Beekeeping")
    before = builds()
    with (index_folder() / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not refresh_index()
        assert builds() == before

    assert refresh_index()


def test_a_change_that_comes_while_building_is_caught_by_the_next_refresh(
    catalogue: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = indexing._save_labels
    edits: list[str] = []

    def edited_meanwhile(fresh: Path, before: Path | None) -> None:
        if not edits:
            edits.append("Payroll, part 1")
            edit("Payroll, part 1", title="Beekeeping")
        save(fresh, before)

    monkeypatch.setattr(indexing, "_save_labels", edited_meanwhile)
    build_index()
    assert index_is_stale()

    assert refresh_index()
    assert found("beekeeping")[0] == "Beekeeping"


def test_an_index_of_another_release_is_built_anew(catalogue: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "made_by", lambda: "a newer list of themes")
    assert index_is_stale()
    assert found("payroll")  # until then it answers as it did

    assert refresh_index()

    index = open_index()
    assert index is not None
    assert index.made_by == "a newer list of themes"
    assert not index_is_stale()


def test_each_database_has_an_index_of_its_own_whoever_signs_in(
    in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import make_url

    def folder_for(address: str) -> str:
        class Engine:
            url = make_url(address)

        monkeypatch.setattr(type(db), "engine", Engine)
        return index_folder().name

    reader = folder_for("postgresql+psycopg://reader:one@db.example.org/skills")
    assert folder_for("postgresql+psycopg://writer:two@db.example.org/skills") == reader
    assert folder_for("postgresql+psycopg://reader:one@db.example.org/other") != reader
    assert folder_for("sqlite:////srv/skills.sqlite") != reader
    assert "one" not in reader


def test_what_is_written_names_its_format_and_number(catalogue: Flask) -> None:
    (build,) = builds()
    folder = index_folder() / build

    assert json.loads((folder / "build.json").read_text()) == {
        "format": indexing.FORMAT,
        "number": 1,
        "changes": 0,
        "made_by": indexing.made_by(),
    }
    digests = json.loads((folder / "digests.json").read_text())
    assert digests.keys() == {str(id) for id in db.session.scalars(select(Offer.id))}
    assert len(set(digests.values())) == len(digests)


def test_a_thousand_courses_make_a_catalogue_that_answers(in_app: Flask, tmp_path: Path) -> None:
    load_offers(write_file(tmp_path, *courses(1_000)))

    assert len(found("welding, part 700")) == 10


def test_a_warmed_index_has_laid_out_all_that_a_first_search_needs(catalogue: Flask) -> None:
    # given an index that this process has opened but not asked
    index = open_index()
    assert index is not None
    assert "_table" not in vars(index.offers.speller)

    # when it is warmed
    index.warm()

    # then the words to spell by are laid out, and the encoder is read
    assert "_table" in vars(index.offers.speller)
    assert shipped_encoder.cache_info().currsize == 1
