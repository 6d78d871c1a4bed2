"""A service with releases of invented employers, for the tests of everything that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, update

from skillsmatch.accounts.roles import Role
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand import releases, synthetic
from skillsmatch.demand.employers import employer_key
from skillsmatch.demand.models import DemandSignal
from skillsmatch.demand.offers_seen import STEPS, Seen
from skillsmatch.demand.periods import Period, read_period
from skillsmatch.demand.signals import Coded, add_signal, make_countable
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider

# The tests' today is in November 2026. 2025 is April 2025 to March 2026; 2026Q2 is July to September 2026.
PUBLISHED = ("2024", "2025Q4", "2025", "2026Q1")
WITHDRAWN, DRAFT = "2025Q2", "2026Q2"
NOTICE = "Two files were counted twice."
SEEN_UKPRN = 10003867  # of the provider whose offers these employers were shown
READERS = (Role.COLLEGE, Role.CHAMBER, Role.ADMIN)


def publish_all(app: Flask, employers: int = 500) -> None:
    """Two and a half years of invented employers, counted as real ones: published, withdrawn and draft releases."""
    with app.app_context():
        area = app.extensions["area"]
        for seed, (first, last) in enumerate(
            (
                (date(2024, 10, 1), date(2025, 3, 31)),
                (date(2025, 4, 1), date(2026, 3, 31)),
                (date(2026, 4, 1), date(2026, 9, 30)),
            )
        ):
            people = synthetic.population(area, employers, seed, first, last)
            keep(lambda people=people, seed=seed: synthetic.store(people, f"tests {seed}"))
        keep(lambda: db.session.execute(update(DemandSignal).values(channel="web")))
        for name in (*PUBLISHED, WITHDRAWN, DRAFT):
            drawn = releases.draw_up(read_period(name, area.year_start_month), area, seen=steps)
            keep(lambda drawn=drawn: _store(drawn))
        db.session.remove()


def steps(connection: Connection, period: Period) -> Iterator[Seen]:
    """Every other signal of the period was shown the first three offers of one provider, where it has any."""
    own = (
        select(Offer.id).join(Offer.provider).where(Provider.ukprn == SEEN_UKPRN).order_by(Offer.id).limit(3)
    )
    offers = connection.scalars(own).all()
    asked = select(DemandSignal.id, DemandSignal.countable_at).where(
        DemandSignal.countable_at >= period.start, DemandSignal.countable_at < period.end
    )
    for number, moment in connection.execute(asked).tuples().all()[::2]:
        for place, offer in enumerate(offers, start=1):
            yield Seen(number, offer, SEEN_UKPRN, STEPS[number % 3 if place == 1 else 0], place, moment)


def _store(drawn: releases.Drawn) -> None:
    made = releases.store_draft(drawn)
    if drawn.period.name != DRAFT:
        releases.publish(made)
    if drawn.period.name == WITHDRAWN:
        releases.withdraw(made, NOTICE)


def text_of(client: FlaskClient, where: str, status: int = 200) -> str:
    answer = client.get(where)
    assert answer.status_code == status, where
    return answer.get_data(as_text=True)


def ask(email: str, count: int = 1) -> None:
    """Employers ask for something, with a confirmed e-mail."""
    coded = Coded(
        theme="CON-BRICK", theme_confirmed=True, soc_guessed="", soc_confirmed="", sic_section="U",
        district="E06000016", level=8, need_kind="htq", who_for="", size_band="250+", people=17,
        outcome="none-fits", reasons=["bad-experience"],
    )  # fmt: skip

    def work() -> None:
        for number in range(count):
            key = employer_key(f"owner@{number}{email[1:]}" if count > 1 else email, "ref")
            make_countable(add_signal(key, coded, today(), "web", suspect=False), key)

    keep(work)
    db.session.remove()
