"""Unmet needs gathered: what an officer does to groups stays, and a group's name goes with the words it is."""

from __future__ import annotations

import contextlib
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch.accounts.models import AuditEntry
from skillsmatch.accounts.roles import Role
from skillsmatch.cases import grouping
from skillsmatch.cases.case_keeping import live_case
from skillsmatch.cases.grouping import NO_WORDS, Words, encode, group_new, name_of, plan_for, waiting
from skillsmatch.cases.models import FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.regrouping import RegroupingRefused, likely_the_same, merge, rename, split
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.forgetting import forget
from skillsmatch.needs.models import Facet, Need
from tests.accounts.signing import make_account
from tests.cases.asking import need, say
from tests.cases.at_work import case_about
from tests.cases.conftest import FORKLIFT, WELDING, group

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def groups() -> dict[int, list[str]]:
    """The texts of each standing group, by its number."""
    query = select(GroupedFacet.group_id, Facet.text).join(GroupedFacet.facet).order_by(Facet.id)
    found: dict[int, list[str]] = {}
    for number, text in db.session.execute(query):
        found.setdefault(number, []).append(text)
    return found


def get(number: int) -> NeedGroup:
    return db.session.get_one(NeedGroup, number)


def test_needs_that_mean_the_same_are_in_one_group_with_the_theme_of_most(needs: Flask) -> None:
    with needs.app_context():
        assert list(groups().values()) == [list(FORKLIFT), list(WELDING)]
        assert sorted(db.session.scalars(select(NeedGroup.theme))) == ["ENG-WELD", "TRA-FORK"]
        assert db.session.scalar(select(func.count(FiledNeed.name.distinct()))) == 6
        assert waiting() == 0


@only_sqlite
def test_a_need_that_is_met_withdrawn_a_robots_or_a_colleges_own_is_in_no_group(app: Flask) -> None:
    say(app, 1, "forklift training", outcome="offers-shown")
    say(app, 2, "forklift training", suspect=True)
    say(app, 3, "forklift training", provider=True)
    say(app, 4, "forklift training", channel="demo")
    with app.app_context():
        assert waiting() == 0
        app.config["DEMO"] = True
        assert waiting() == 1


def test_a_new_need_joins_the_group_that_stands(needs: Flask) -> None:
    with needs.app_context():
        before = set(groups())
    say(needs, 9, "training for fork lift drivers please", theme="TRA-FORK")

    group(needs)

    with needs.app_context():
        assert set(groups()) == before
        assert [len(texts) for texts in groups().values()] == [4, 3]


@only_sqlite
def test_what_an_officer_merged_stays_together_and_draws_what_either_drew(needs: Flask) -> None:
    with needs.app_context():
        first, second = groups()
        keep(lambda: merge(get(second), get(first)))
        assert get(second).standing.id == first
    say(needs, 9, "TIG welding")
    say(needs, 10, "fork lift driver training")

    group(needs)

    with needs.app_context():
        assert [len(texts) for texts in groups().values()] == [8]
        assert db.session.scalars(select(AuditEntry.action)).all() == ["need group merged"]


@only_sqlite
def test_what_an_officer_split_off_stays_apart_and_draws_its_like(needs: Flask) -> None:
    with needs.app_context():
        welding = next(number for number, texts in groups().items() if WELDING[0] in texts)
        mig = db.session.scalars(select(Facet.id).where(Facet.text == WELDING[2])).one()
        new = keep(lambda: split(get(welding), [mig], "MIG").id)
        assert (get(new).made_by, get(new).split_from_id, get(new).theme) == ("officer", welding, "ENG-WELD")
    say(needs, 9, "MIG and TIG welding")

    group(needs)

    with needs.app_context():
        assert groups()[new] == [WELDING[2], "MIG and TIG welding"]
        assert groups()[welding] == list(WELDING[:2])


@only_sqlite
def test_an_officers_name_stays_and_touches_no_theme(needs: Flask) -> None:
    with needs.app_context():
        number = next(iter(groups()))
        keep(lambda: rename(get(number), "Everything about fork lifts"))
    say(needs, 9, "forklift driver training")

    group(needs)

    with needs.app_context():
        assert (get(number).name, get(number).theme) == ("Everything about fork lifts", "TRA-FORK")


@only_sqlite
def test_what_makes_no_sense_is_refused_with_the_reason(needs: Flask) -> None:
    with needs.app_context():
        first, second = groups()
        with pytest.raises(RegroupingRefused, match="same one"):
            keep(lambda: merge(get(first), get(first)))
        with pytest.raises(RegroupingRefused, match="Choose the needs"):
            keep(lambda: split(get(first), [10_000], "x"))
        own = db.session.scalars(select(GroupedFacet.facet_id).where(GroupedFacet.group_id == first)).all()
        with pytest.raises(RegroupingRefused, match="Leave at least one"):
            keep(lambda: split(get(first), own, "x"))
        keep(lambda: merge(get(second), get(first)))
        with pytest.raises(RegroupingRefused, match="merged a moment ago"):
            keep(lambda: merge(get(second), get(first)))
        assert likely_the_same(get(first)) == []


@only_sqlite
def test_one_that_stood_alone_is_gathered_with_what_comes_later(app: Flask) -> None:
    say(app, 1, "drone pilots for roof surveys")
    group(app)
    with app.app_context():
        alone = next(iter(groups()))
    say(app, 2, "drone pilot training")
    say(app, 3, "drone pilots")

    group(app)

    with app.app_context():
        assert list(groups()) == [alone]


@only_sqlite
def test_a_group_named_in_an_employers_words_is_renamed_when_they_are_forgotten(needs: Flask) -> None:
    with needs.app_context():
        number = next(iter(groups()))
        for _ in FORKLIFT:
            named_after = get(number).named_after_id
            assert get(number).name.casefold() in FORKLIFT
            of = db.session.get_one(Facet, named_after).need_id
            keep(lambda of=of: forget(db.session.get_one(Need, of)))
            db.session.expire_all()
        assert (get(number).name, get(number).named_after_id) == (NO_WORDS, None)


@only_sqlite
def test_a_name_shows_no_personal_data(app: Flask) -> None:
    say(app, 1, "welding, ask for Priya Patel on 07700 900123")
    group(app)
    with app.app_context():
        assert db.session.scalars(select(NeedGroup.name)).all() == ["Welding"]


@only_sqlite
def test_the_same_facets_give_the_same_plan_and_a_second_run_changes_nothing(app: Flask) -> None:
    texts = [*FORKLIFT, *WELDING, "sage payroll", "payroll in sage", "bricklaying"]
    words = [Words(number, text, None) for number, text in enumerate(texts)]

    assert plan_for(words, encode(texts)) == plan_for(words, encode(texts))

    with app.app_context():
        keep(lambda: [need(n, text) for n, text in enumerate(texts)] and None)
        first = group_new()
        assert first.gathered == len(texts)
        standing = groups()
        again = group_new()
        assert (again.joined, again.gathered, again.groups) == (0, 0, 0)
        assert groups() == standing


@only_sqlite
def test_a_name_holds_no_name_of_the_business(app: Flask) -> None:
    say(app, 1, "Anvil Works wants TIG welding", business_name="Anvil Works")
    group(app)
    with app.app_context():
        assert db.session.scalars(select(NeedGroup.name)).all() == [
            "[business name hidden] wants TIG welding"
        ]


@only_sqlite
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Roof surveys by drone. Who does it? Ask Priya Patel on 07700 900123", "Roof surveys by drone. Who does it?"),
        ("forklift licence, ask for Priya Patel on", "Forklift licence"),
        ("welding, as Priya Patel asked, for two", "Welding"),
    ],
)  # fmt: skip
def test_a_name_leaves_out_the_part_in_which_something_is_hidden(app: Flask, text: str, name: str) -> None:
    with app.app_context():
        assert name_of([Words(1, text, None)]) == (1, name)


@only_sqlite
def test_words_forgotten_while_groups_were_worked_out_name_none_and_stand_in_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = say(app, 1, FORKLIFT[0]), say(app, 2, FORKLIFT[1])
    real = grouping.plan_for

    def forgotten_meanwhile(*given: object) -> object:
        plan = real(*given)  # type: ignore[arg-type]
        db.session.rollback()
        keep(lambda: forget(db.session.get_one(Need, first)))
        return plan

    monkeypatch.setattr(grouping, "plan_for", forgotten_meanwhile)
    group(app)

    with app.app_context():
        assert list(groups().values()) == [[FORKLIFT[1]]]
        assert db.session.scalars(select(NeedGroup.named_after_id)).all() == [
            db.session.scalars(select(Facet.id).where(Facet.need_id == second)).one()
        ]


@only_sqlite
def test_a_group_of_one_that_a_case_is_about_is_left_where_it_is(app: Flask) -> None:
    say(app, 1, "drone pilots for roof surveys")
    group(app)
    with app.app_context():
        alone = next(iter(groups()))
    case_about(app, alone, make_account(app, Role.CHAMBER))
    say(app, 2, "drone pilot training")
    say(app, 3, "drone pilots")

    group(app)

    with app.app_context():
        assert alone in groups()
        assert get(alone).merged_into_id is None


@only_sqlite
def test_a_case_goes_with_its_group_and_two_open_ones_are_not_put_together(needs: Flask) -> None:
    with needs.app_context():
        first, second = groups()
    by = make_account(needs, Role.CHAMBER)
    one = case_about(needs, second, by)
    say(needs, 9, "bricklaying for garden walls")
    group(needs)
    with needs.app_context():
        third = max(groups())
        keep(lambda: merge(get(second), get(first)))
        found = live_case(group=get(first))
        assert found is not None
        assert found.id == one
    two = case_about(needs, third, by)

    with needs.app_context(), pytest.raises(RegroupingRefused, match=f"Case {two} and case {one} are open"):
        keep(lambda: merge(get(third), get(first)))


@only_sqlite
def test_outside_a_demonstration_real_needs_join_no_group_of_invented_ones(app: Flask) -> None:
    app.config["DEMO"] = True
    for number, text in enumerate(FORKLIFT, start=1):
        say(app, number, text, channel="demo")
    group(app)
    app.config["DEMO"] = False
    say(app, 9, "forklift driver training")

    group(app)

    with app.app_context():
        assert [len(texts) for texts in groups().values()] == [3, 1]


def test_two_officers_who_merge_two_groups_into_each_other_end_in_one(needs: Flask) -> None:
    with needs.app_context():
        first, second = groups()
    ready, answers = threading.Barrier(2, timeout=20), []

    def officer(from_: int, into: int) -> None:
        def work() -> None:
            group, other = get(from_), get(into)  # read before either holds anything
            if not answers:
                with contextlib.suppress(threading.BrokenBarrierError):
                    ready.wait(timeout=1)
            merge(group, other)

        with needs.app_context():
            try:
                keep(work)
                answers.append("done")
            except RegroupingRefused as refused:
                answers.append(str(refused))
            db.session.remove()

    threads = [threading.Thread(target=officer, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers)[1] == "done"
    assert "merged a moment ago" in sorted(answers)[0]
    with needs.app_context():
        assert [len(texts) for texts in groups().values()] == [6]
        assert get(first).standing is get(second).standing
