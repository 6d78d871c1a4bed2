"""The outbox: one message for one occasion, kept with what it is about, and not too many for one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import func, select

from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import DAILY_LIMIT, TooManyMessages, post


def send(key: str, address: str = "owner@firm.example") -> int:
    return keep(lambda: _number(key, address))


def _number(key: str, address: str) -> int:
    message = post(key, address, "About your need", "Here is the link.")
    db.session.flush()
    return message.id


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(MailMessage)) or 0


def test_the_same_occasion_twice_is_one_message(in_app: Flask) -> None:
    first = send("verify/1")
    again = send("verify/1")

    assert again == first
    assert how_many() == 1


def test_a_message_is_kept_only_with_what_it_is_about(in_app: Flask) -> None:
    def fails_after_posting() -> None:
        post("verify/1", "owner@firm.example", "About your need", "Here is the link.")
        raise LookupError("the need could not be kept")

    with pytest.raises(LookupError):
        keep(fails_after_posting)

    assert how_many() == 0


def test_an_address_gets_no_more_than_its_daily_messages_however_it_is_written(in_app: Flask) -> None:
    for number in range(DAILY_LIMIT):
        send(f"occasion/{number}", "owner@firm.example" if number % 2 else " Owner@Firm.Example ")

    with pytest.raises(TooManyMessages):
        send("one too many", "OWNER@firm.example")

    assert how_many() == DAILY_LIMIT


def test_the_daily_limit_is_one_address_wide_and_one_day_long(in_app: Flask) -> None:
    for number in range(DAILY_LIMIT):
        send(f"occasion/{number}")

    send("someone else", "other@firm.example")
    in_app.config["CLOCK"] = lambda: NOW + timedelta(days=1, minutes=1)
    send("a day later")

    assert how_many() == DAILY_LIMIT + 2


def test_the_same_occasion_again_is_answered_even_at_the_limit(in_app: Flask) -> None:
    numbers = [send(f"occasion/{number}") for number in range(DAILY_LIMIT)]

    assert send("occasion/0") == numbers[0]


def test_messages_of_one_sort_may_be_counted_alone(in_app: Flask) -> None:
    for number in range(DAILY_LIMIT):
        send(f"occasion/{number}")

    for number in range(DAILY_LIMIT):
        keep(lambda n=number: post(f"reset_{n}", "owner@firm.example", "Reset", "Link.", alone="reset_"))  # type: ignore[misc]

    with pytest.raises(TooManyMessages):
        keep(lambda: post("reset_9", "owner@firm.example", "Reset", "Link.", alone="reset_"))
