"""Like needs of consenting employers form cohorts: by theme, meaning and distance, without chance, and for whom."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.leads.cohorts import CLASS_PEOPLE, NEAR, Cohort, Pooled, group
from skillsmatch.leads.models import CohortNotice
from skillsmatch.leads.pooling import tell_of_cohorts
from skillsmatch.mail.models import MailMessage
from skillsmatch.matching.meaning import meaning_alone
from tests.leads.conftest import LEICESTER, LOUGHBOROUGH, Employer
from tests.needs.journey import plain

New = Callable[..., Employer]
only_sqlite = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
KM_OF_A_DEGREE = 111.195  # of latitude


def at(angle: float) -> np.ndarray:
    """A vector of unit length at this angle from the first one."""
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def one(
    facet: int, employer: int = 0, km: float = 0.0, cosine: float = 1.0, theme: str = "a", people: int = 1
) -> Pooled:
    vector = at(float(np.arccos(cosine)))
    return Pooled(facet, employer or facet, theme, 52.6 + km / KM_OF_A_DEGREE, -1.1, people, vector)


def facets(cohorts: list[Cohort]) -> list[list[int]]:
    return [[m.facet for m in c.members] for c in cohorts]


def test_one_employer_alone_is_no_cohort_however_often_it_asks() -> None:
    assert group([one(1, employer=7), one(2, employer=7)]) == []
    assert facets(group([one(1), one(2)])) == [[1, 2]]


def test_another_theme_is_another_cohort() -> None:
    assert group([one(1, theme="a"), one(2, theme="b")]) == []


@pytest.mark.parametrize(("cosine", "together"), [(NEAR + 0.001, True), (NEAR, True), (NEAR - 0.001, False)])
def test_nearness_in_meaning_has_its_boundary(cosine: float, together: bool) -> None:
    assert bool(group([one(1), one(2, cosine=cosine)])) is together


@pytest.mark.parametrize(("km", "together"), [(14.99, True), (15.01, False)])
def test_every_member_is_within_15_km_of_every_other(km: float, together: bool) -> None:
    assert bool(group([one(1), one(2, km=km)])) is together


def test_a_chain_of_near_ones_is_no_cohort() -> None:
    assert facets(group([one(1), one(2, km=10), one(3, km=20)])) == [[1, 2]]


def test_the_same_needs_in_any_order_give_the_same_cohorts() -> None:
    chance = random.Random(5)
    needs = [
        one(n, km=chance.uniform(0, 40), cosine=chance.uniform(0, 1), theme=chance.choice("ab"))
        for n in range(1, 60)
    ]
    first = facets(group(needs))

    for _ in range(20):
        chance.shuffle(needs)
        assert facets(group(needs)) == first
    assert len(first) > 3


def test_who_asks_later_moves_nobody_who_asked_before() -> None:
    chance = random.Random(6)
    needs = [one(n, km=chance.uniform(0, 40), cosine=chance.uniform(0, 1)) for n in range(1, 60)]
    for upto in range(2, 60):
        before = facets(group(needs[: upto - 1]))
        after = facets(group(needs[:upto]))
        for cohort in before:
            assert any(grown[: len(cohort)] == cohort for grown in after)


def test_an_employer_that_asks_twice_counts_once_and_with_its_larger_number() -> None:
    cohort = group(
        [one(1, employer=1, people=2), one(2, employer=1, people=5), one(3, employer=2, people=4)]
    )[0]

    assert (cohort.employers, cohort.people) == (2, 9)


@pytest.mark.parametrize(("employers", "told"), [(4, 0), (5, 5), (9, 5), (10, 10)])
def test_members_are_told_from_5_and_in_fives(employers: int, told: int) -> None:
    assert group([one(n) for n in range(1, employers + 1)])[0].about == told


def test_most_pairs_that_one_class_would_serve_are_joined_and_few_others() -> None:
    with (Path(__file__).parent / "cohort_pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    near = {(p["one"], p["other"]): float(meaning_alone(p["one"]) @ meaning_alone(p["other"])) for p in pairs}
    joined = [p["together"] for p in pairs if near[p["one"], p["other"]] >= NEAR]

    assert [p["together"] for p in pairs].count("yes") == 51
    assert joined.count("yes") >= 46
    assert joined.count("no") <= 3
    assert near["AAT level 3", "bookkeeping level 2"] >= NEAR
    assert near["reach truck training", "telehandler ticket"] < NEAR


# --- with employers and colleges ---------------------------------------------------------------------


@pytest.fixture
def pooled(employer: New, college: FlaskClient, other_college: FlaskClient) -> Callable[..., list[Employer]]:
    """Makes employers that share a forklift need with Leicester College and agree to be pooled."""

    def make(number: int, **how: object) -> list[Employer]:
        made = [employer("forklift licence", people="2") for _ in range(number)]
        for each in made:
            assert (
                each.share(*(how.get("named") or [LEICESTER]), pool=how.get("pool", True)).status_code == 303
            )
        return made

    return make


def tell(app: Flask) -> int:
    with app.app_context():
        number = tell_of_cohorts()
        db.session.remove()
        return number


def subjects(app: Flask, key: str) -> list[str]:
    with app.app_context():
        found = select(MailMessage.to_address).where(MailMessage.key.startswith(key)).order_by(MailMessage.id)
        return list(db.session.scalars(found))


def test_a_college_sees_how_many_want_it_and_another_sees_none(
    college: FlaskClient, other_college: FlaskClient, pooled: Callable[..., list[Employer]]
) -> None:
    pooled(3)

    page = plain(college.get("/leads/cohorts"))

    assert (
        "3 employers want this, for 6 people in all" in page and f"{CLASS_PEOPLE} people make a class" in page
    )
    assert "There is no group at present" in plain(other_college.get("/leads/cohorts"))


@only_sqlite
def test_a_member_that_did_not_consent_to_this_college_is_neither_in_it_nor_counted(
    college: FlaskClient, other_college: FlaskClient, pooled: Callable[..., list[Employer]]
) -> None:
    pooled(2)
    pooled(1, named=[LOUGHBOROUGH])
    pooled(1, named=[LEICESTER], pool=False)

    assert "2 employers want this, for 4 people" in plain(college.get("/leads/cohorts"))
    assert "There is no group" in plain(other_college.get("/leads/cohorts"))


def test_consent_withdrawn_is_out_of_the_cohort_at_once(
    service: Flask, college: FlaskClient, pooled: Callable[..., list[Employer]]
) -> None:
    members = pooled(3)

    members[0].stop()
    assert "2 employers want this" in plain(college.get("/leads/cohorts"))
    with service.app_context():
        from skillsmatch.leads.models import Consent

        pool = select(Consent.id).where(Consent.purpose == "pool", Consent.withdrawn_at.is_(None))
        number = db.session.scalars(pool.order_by(Consent.id)).first()
    members[1].client.post(f"{members[1].manage}/sharing/{number}/withdraw")

    assert "There is no group" in plain(college.get("/leads/cohorts"))
    assert "forklift" in plain(college.get("/leads"))  # that one still shares


def test_the_providers_own_number_tells_that_provider_only_and_once(
    service: Flask, college: FlaskClient, other_college: FlaskClient, pooled: Callable[..., list[Employer]]
) -> None:
    pooled(3, named=[LEICESTER, LOUGHBOROUGH])  # 6 people
    assert tell(service) == 0
    assert college.post("/leads/cohorts", data={"people": "7"}).status_code == 303
    assert tell(service) == 0
    college.post("/leads/cohorts", data={"people": "6"})

    assert (tell(service), tell(service)) == (1, 0)

    assert len(subjects(service, f"cohort-{LEICESTER}")) == 1
    assert subjects(service, f"cohort-{LOUGHBOROUGH}") == [] and subjects(service, "lead-") == []
    assert "10 people make a class" in plain(other_college.get("/leads/cohorts"))
    assert "Enough for a class" in plain(college.get("/leads/cohorts"))


def test_members_hear_of_each_other_at_5_and_not_at_4(
    service: Flask, college: FlaskClient, pooled: Callable[..., list[Employer]]
) -> None:
    members = pooled(4)
    college.post("/leads/cohorts", data={"people": "500"})
    assert tell(service) == 0
    assert "employers near you" not in plain(members[0].client.get(f"{members[0].manage}/sharing"))
    members += pooled(1)

    assert (tell(service), tell(service)) == (5, 0)

    assert sorted(subjects(service, "lead-")) == [f"owner@firm{n}.example" for n in range(5)]
    assert "At least 5 employers near you want the same" in plain(
        members[0].client.get(f"{members[0].manage}/sharing")
    )
    with service.app_context():
        assert len(db.session.scalars(select(CohortNotice)).all()) == 5
        bodies = " ".join(
            db.session.scalars(select(MailMessage.body).where(MailMessage.key.contains("-cohort")))
        )
    assert "At least 5 employers" in bodies
    assert not any(f"firm{n}.example" in bodies for n in range(5))


@only_sqlite
@pytest.mark.parametrize("typed", ["", "0", "501", "a few"])
def test_a_class_of_no_size_is_refused_in_words(college: FlaskClient, typed: str) -> None:
    answer = college.post("/leads/cohorts", data={"people": typed})

    assert answer.status_code == 422 and "There is a problem" in plain(answer)
