"""Counting distinct employers in SQL: against counting by hand, alike on both databases, and who counts at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import settings
from flask import Flask

from demand.signals import IN_Q1, ask, employer
from skillsmatch import create_app
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand import counting, lattice, synthetic
from skillsmatch.demand.counting import Counts, count, shown_tables
from skillsmatch.demand.disclosure import WINSOR, Counted, Rules
from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.models import DemandSignal
from skillsmatch.demand.periods import read_period
from skillsmatch.extensions import db

Q1, YEAR = read_period("2026Q1", 4), read_period("2025", 4)


def counted(app: Flask, period: Any = Q1, demonstration: bool = False, **rules: int) -> Counts:
    return count(period, app.extensions["area"], Rules(**rules), provider_digests(), demonstration)


def themes(app: Flask, **more: Any) -> dict[str, int]:
    return {cell[0]: c.employers for cell, c in counted(app, **more).tables["theme"].items()}


def by_hand(people: synthetic.Population, spec: lattice.Spec) -> dict[tuple[str, str], Counted]:
    """The same counts in plain Python; the population has no employer with too many themes."""
    groups = lattice.theme_groups()
    who: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in people.asked:
        said = {
            "theme": (one.theme,),
            "theme-group": (groups.get(one.theme, ""),),
            "district": (one.district,),
            "sector": (one.sector,),
            "level": ("" if one.level is None else str(one.level),),
            "size": (one.size,),
            "kind": (one.kind,),
            "outcome": (lattice.OUTCOME_OF[one.outcome],),
            "reason": one.reasons,
            "counting": ("counted",),
        }
        for first in said[spec.dimensions[0]]:
            for second in said[spec.dimensions[1]] if len(spec.dimensions) == 2 else ("",):
                who[first, second].add(one.employer)
    return {
        cell: Counted(len(them), sum(people.record_keys[n] for n in them) % 4096)
        for cell, them in who.items()
    }


def test_every_table_holds_what_counting_by_hand_gives(in_app: Flask) -> None:
    people = synthetic.population(in_app.extensions["area"], 300, 7, YEAR.first_day, YEAR.last_day)
    keep(lambda: synthetic.store(people, "test"))

    found = counted(in_app, YEAR, demonstration=True)

    assert found.employers == len({one.employer for one in people.asked})
    for spec in lattice.specs_for("year"):
        if spec.counts == "employers":
            assert found.tables[spec.name] == by_hand(people, spec), spec.name
    for theme in {one.theme for one in people.asked}:
        each: dict[int, int] = {}
        for one in people.asked:
            if one.theme == theme and one.people:
                each[one.employer] = max(each.get(one.employer, 0), min(one.people, WINSOR))
        total = found.people.get((theme, ""))
        biggest = [*sorted(each.values(), reverse=True), 0, 0]
        assert (total[1:] if total else (0, 0, 0)) == (sum(each.values()), *biggest[:2]), theme


@pytest.mark.postgresql
def test_the_same_signals_give_the_same_release_on_both_databases_cell_by_cell(
    migrated_sqlite: Path, postgresql_server: str, migrated_postgresql: str, tmp_path: Path
) -> None:
    import shutil

    from conftest import _on_server

    shutil.copy(migrated_sqlite, tmp_path / "same.sqlite")
    _on_server(postgresql_server, f"CREATE DATABASE same_release TEMPLATE {migrated_postgresql}")
    released: list[dict[str, dict[tuple[str, str], int | None]]] = []
    exact: list[Counts] = []
    for url in (f"sqlite:///{tmp_path / 'same.sqlite'}", postgresql_server.format(name="same_release")):
        app = create_app(settings(url, tmp_path / "data"))
        with app.app_context():
            area = app.extensions["area"]
            people = synthetic.population(area, 900, 3, YEAR.first_day, YEAR.last_day)
            keep(lambda people=people: synthetic.store(people, "same"))  # type: ignore[misc]
            keep(lambda: crowd(6))
            for period in (YEAR, *YEAR.quarters):
                exact.append(counted(app, period, demonstration=True, most_themes=2))
                released.append(shown_tables(exact[-1], period, area, Rules()))
            db.session.remove()
            db.engine.dispose()
    _on_server(postgresql_server, "DROP DATABASE same_release WITH (FORCE)")

    half = len(released) // 2
    assert released[:half] == released[half:]
    assert exact[:half] == exact[half:]
    assert sum(shown is not None for shown in released[0]["theme"].values()) > 20


def crowd(how_many: int) -> None:
    """Employers who ask for more themes than count, some confirmed by them, some at the same moment."""
    codes = list(lattice.theme_groups())
    for number in range(how_many):
        key, chance = employer(5000 + number), Random(number)
        for theme in chance.sample(codes, 6):
            moment = datetime(2025, 5, chance.randrange(1, 4), 9)
            ask(key, theme, countable_at=moment, made_on=moment.date(), theme_confirmed=chance.random() < 0.5)


def test_an_employer_counts_once_however_often_it_asks(in_app: Flask) -> None:
    def work() -> None:
        key = employer(1)
        for _ in range(30):
            ask(key, people=3)

    keep(work)
    found = counted(in_app)

    assert found.tables["theme"] == {("CON-BRICK", ""): Counted(1, 1009)}
    assert found.employers == 1


def test_two_employers_with_the_same_record_key_are_two(in_app: Flask) -> None:
    keep(lambda: [ask(employer(n, record_key=4000)) for n in (1, 2)])

    assert counted(in_app).tables["theme"]["CON-BRICK", ""] == Counted(2, 8000 % 4096)


def test_only_signals_that_became_countable_in_the_period_count(in_app: Flask) -> None:
    moments = [
        Q1.start - timedelta(microseconds=1),
        Q1.start,
        Q1.end - timedelta(microseconds=1),
        Q1.end,
        None,
    ]
    keep(lambda: [ask(employer(n), countable_at=moment) for n, moment in enumerate(moments)])

    assert themes(in_app) == {"CON-BRICK": 2}


def test_signals_taken_back_or_set_aside_do_not_count_and_are_told_as_left_out(in_app: Flask) -> None:
    def work() -> None:
        ask(employer(1))
        ask(employer(2), withdrawn_at=now())
        ask(employer(3), suspect=True)
        ask(employer(4, provider=True))
        ask(employer(5), countable_at=None)
        ask(employer(6, provider=True, confirmed_at=IN_Q1))
        ask(employer(7, confirmed_at=IN_Q1), suspect=True)
        ask(employer(8), channel="demo")

    keep(work)
    found = counted(in_app)

    assert found.tables["theme"]["CON-BRICK", ""].employers == 3  # 1, 6 and 7
    assert found.tables["employers"]["counted", ""].employers == 3
    assert found.tables["employers"]["not-counted", ""].employers == 3  # 3, 4 and 5: a withdrawn need is gone


def test_invented_employers_count_in_the_demonstration_only(in_app: Flask) -> None:
    keep(lambda: [ask(employer(1)), ask(employer(2), channel="demo")])

    assert themes(in_app) == {"CON-BRICK": 1}
    assert themes(in_app, demonstration=True) == {"CON-BRICK": 2}


def test_five_themes_of_an_employer_count_in_a_quarter_the_confirmed_and_the_earliest_first(
    in_app: Flask,
) -> None:
    codes = ["CON-BRICK", "CON-CARP", "CON-ELEC", "CON-PLUMB", "CON-FINISH", "CON-ROOF", "CON-PLANT"]

    def work() -> None:
        key = employer(1)
        for number, theme in enumerate(codes):
            ask(
                key, theme, countable_at=IN_Q1 + timedelta(hours=number), theme_confirmed=theme == "CON-PLANT"
            )
        ask(key, "CON-ROOF", countable_at=Q1.end)  # the next quarter has room of its own

    keep(work)

    assert set(themes(in_app)) == {*codes[:4], "CON-PLANT"}
    assert set(themes(in_app, most_themes=2)) == {"CON-BRICK", "CON-PLANT"}
    assert set(themes(in_app, period=Q1.whole_year)) == {*codes[:4], "CON-PLANT", "CON-ROOF"}


def test_codes_that_are_no_longer_known_count_as_not_said_and_places_elsewhere_as_outside(
    in_app: Flask,
) -> None:
    keep(
        lambda: ask(
            employer(1),
            "OLD-THEME",
            district="E06000099",
            sic_section="U",
            level=None,
            need_kind="gone",
            size_band="",
        )
    )
    found = counted(in_app, Q1.whole_year).tables

    assert found["theme"] == {("", ""): Counted(1, 1009)}
    assert list(found["theme-by-district"]) == [("", lattice.OUTSIDE)]
    assert list(found["kind-by-theme-group"]) == [("", "")]
    assert list(found["sector"]) == [("U", "")]


def test_what_was_wrong_is_told_of_unmet_needs_only(in_app: Flask) -> None:
    def work() -> None:
        ask(employer(1), outcome="none-fits", reasons=["too-far", "too-long"])
        ask(employer(2), outcome="nothing-fitted", reasons=["too-far", "not a reason"])
        ask(employer(3), outcome="fits", reasons=["too-far"])

    keep(work)
    found = counted(in_app).tables["reason"]

    assert {cell[0]: c.employers for cell, c in found.items()} == {"too-far": 2, "too-long": 1}


def test_every_cell_of_the_lattice_is_shown_or_hidden_so_that_none_is_missing(in_app: Flask) -> None:
    keep(lambda: ask(employer(1)))
    area = in_app.extensions["area"]
    shown = shown_tables(counted(in_app, Q1.whole_year), Q1.whole_year, area, Rules())
    known = lattice.categories(area)

    assert set(shown) == {spec.name for spec in lattice.specs_for("year")}
    for spec in lattice.specs_for("year"):
        assert set(shown[spec.name]) == set(lattice.cells_of(spec, known))
        assert set(shown[spec.name].values()) == {None}
    assert max(len(names) for names in known.values()) < 1 << counting.SECOND


def test_counting_leaves_nothing_behind(in_app: Flask) -> None:
    keep(lambda: ask(employer(1)))

    first = counted(in_app)
    second = counted(in_app)

    assert first == second
    assert db.session.query(DemandSignal).count() == 1
