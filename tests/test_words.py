from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.words import (
    count_words,
    day_words,
    kind_name,
    km_words,
    listed_words,
    money_words,
    static_file,
)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2027, 1, 4), "Monday 4 January 2027"),
        (date(2028, 2, 29), "Tuesday 29 February 2028"),
        ("2026-11-23", "Monday 23 November 2026"),
        ("2026-11-23T10:30:00", "Monday 23 November 2026"),
        (datetime(2027, 7, 1, 23, 30), "Friday 2 July 2027"),  # stored in UTC: half past midnight in England
        (datetime(2027, 1, 4, 23, 30), "Monday 4 January 2027"),
        ("some time soon", "some time soon"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_day_reads_as_people_say_it(day: date | str | None, said: str) -> None:
    assert day_words(day) == said


@given(st.dates())
def test_every_day_names_its_own_weekday_and_month(day: date) -> None:
    # given any day, when it is put in words
    weekday, number, month, year = day_words(day).split()

    # then the words agree with the calendar
    assert (int(number), int(year)) == (day.day, day.year)
    assert weekday == ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"][day.weekday()] + "day"
    assert month[:3] == "JanFebMarAprMayJunJulAugSepOctNovDec"[day.month * 3 - 3 : day.month * 3]


@pytest.mark.parametrize(
    ("pounds", "said"),
    [
        (0, "£0"),
        (1250, "£1,250"),
        (1250.0, "£1,250"),
        (Decimal("1250.00"), "£1,250"),
        (Decimal("12.5"), "£12.50"),
        (0.1 + 0.2, "£0.30"),
        (2.675, "£2.68"),
        (1234567.891, "£1,234,567.89"),
        (None, ""),
    ],
)
def test_money_shows_pence_only_where_there_are_some(pounds: float | Decimal | None, said: str) -> None:
    assert money_words(pounds) == said


@pytest.mark.parametrize(
    ("km", "said"),
    [
        (0.0, "less than 1 km"),
        (0.99, "less than 1 km"),
        (1.0, "1 km"),
        (6.04, "6 km"),
        (6.46, "6.5 km"),
        (9.94, "9.9 km"),
        (9.97, "10 km"),
        (10.0, "10 km"),
        (13.6, "14 km"),
        (None, ""),
    ],
)
def test_a_distance_is_as_exact_as_it_is_useful(km: float | None, said: str) -> None:
    assert km_words(km) == said


def test_a_count_agrees_with_its_noun() -> None:
    assert count_words(0, "offer") == "0 offers"
    assert count_words(1, "offer") == "1 offer"
    assert count_words(1013, "offer") == "1,013 offers"
    assert count_words(2, "person", "people") == "2 people"


def test_a_list_reads_as_it_is_said() -> None:
    assert listed_words([]) == ""
    assert listed_words(["welding"]) == "welding"
    assert listed_words(["welding", "TIG"]) == "welding and TIG"
    assert listed_words(("a", "b", "c"), "or") == "a, b or c"


def test_a_kind_has_its_name_and_an_unknown_one_keeps_its_own() -> None:
    assert kind_name("skills-bootcamp") == "Skills Bootcamp"
    assert kind_name("night-school") == "night-school"


def test_a_static_file_has_a_new_address_when_it_changes(app: Flask, tmp_path: Path) -> None:
    # given a stylesheet
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.css").write_text("a {}")
    app.static_folder = str(folder)

    with app.test_request_context("/"):
        os.utime(folder / "a.css", (1_000_000, 1_000_000))
        before = static_file("a.css")

        # when it is changed
        os.utime(folder / "a.css", (2_000_000, 2_000_000))

        # then a browser sees another address
        assert static_file("a.css") != before
        assert static_file("a.css").startswith("/static/a.css?v=")
