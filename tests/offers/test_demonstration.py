"""The demonstration catalogue: enough of everything to try the service on, and nothing said twice."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import skillsmatch.area
from skillsmatch.area.kinds import Kind
from skillsmatch.area.national import load_routes
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Venue
from skillsmatch.offers.records import CourseRow
from skillsmatch.offers.writing import provider_facts
from tests.offers.course_files import read_courses

FILE = Path(skillsmatch.area.__file__).parent / "leicestershire" / "demonstration.csv"
TODAY = date(2026, 11, 23)
# What the progress report of 2025 says the area has: one word or more of each must be found in one offer.
REPORTED = {
    "ESOL for engineering": ("esol", r"\bengineering"),
    "ESOL for maths": ("esol", r"\bmaths\b"),
    "EV charging": ("", r"\bev\b.*charg|charg.*\bev\b|electric vehicle charg"),
    "batteries": ("", r"\bbatter(?:y|ies)\b"),
    "leadership for green growth": ("leadership-programme", r"\bgreen\b|\bcarbon\b|net zero"),
    "T Levels": ("t-level-placement", ""),
    "educator CPD": ("educator-cpd", ""),
}


def courses(today: date = TODAY) -> list[CourseRow]:
    found = list(read_courses(FILE, today))
    assert all(isinstance(row, CourseRow) for row in found), [row for row in found if isinstance(row, list)]
    return [row for row in found if isinstance(row, CourseRow)]


def words(row: CourseRow) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", row.who_for.casefold()))


def test_there_are_300_different_titles_and_all_are_marked_as_invented() -> None:
    rows = courses()

    assert len({row.title.casefold() for row in rows}) >= 300
    assert all(row.demonstration for row in rows)


def test_there_are_eight_or_more_of_each_kind_and_some_of_each_subject() -> None:
    kinds, routes = Counter(row.kind for row in courses()), Counter(row.route for row in courses())

    assert {kind: kinds[kind] for kind in Kind if kinds[kind] < 8} == {}
    assert set(routes) == set(load_routes())


def test_no_two_descriptions_share_half_their_words() -> None:
    described = [(row.title, words(row)) for row in courses()]

    alike = [
        (one, other)
        for (one, these), (other, those) in combinations(described, 2)
        if len(these & those) * 2 >= min(len(these), len(those))
    ]

    assert alike == []


@pytest.mark.parametrize("fact", REPORTED)
def test_what_the_progress_report_names_can_be_found(fact: str) -> None:
    kind, pattern = REPORTED[fact]

    assert [
        row.title
        for row in courses()
        if kind in ("", row.kind) and re.search(pattern, f"{row.title} {row.who_for}", re.I)
    ]


def test_its_providers_are_real_ones() -> None:
    assert {row.ukprn for row in courses()} <= set(provider_facts("leicestershire"))


@pytest.mark.parametrize("days", [0, 200, 1_000])
def test_no_start_has_passed_whenever_it_is_loaded(days: int) -> None:
    day = TODAY + timedelta(days)

    assert [
        row.title
        for row in courses(day)
        if row.has_passed(day) or not (row.start_dates or row.flexible_start)
    ] == []


def test_each_district_has_ten_or_more(service: Flask) -> None:
    with service.app_context():
        counts = Counter(db.session.scalars(select(Venue.district).join(Offer, Offer.venue_id == Venue.id)))

        assert [code for code in service.extensions["area"].districts if counts[code] < 10] == []
