"""The demonstration's demand: invented employers of the two latest whole years and of the quarters since, with their
releases, so that every page has something on it. In demonstration mode only, and never among real needs."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from flask import current_app
from sqlalchemy import select

from skillsmatch.accounts.models import Account
from skillsmatch.area.areas import Area
from skillsmatch.clock import today
from skillsmatch.database import keep
from skillsmatch.demand import releases
from skillsmatch.demand.models import Release
from skillsmatch.demand.periods import Period, quarter_of
from skillsmatch.demand.synthetic import Population, is_stored, popularity, population, store
from skillsmatch.extensions import db

YEARS = 2  # whole years, so that a year can be set beside the one before
EMPLOYERS = 420  # in the quarter FIRST; a quarter shows some twenty themes then, and a year nearly all
GROWTH = 0.03  # more employers from one quarter to the next
FIRST = 2024  # the year from which growth and the themes' trends are reckoned
MOST_GROWTH = 40  # quarters; ten years on it grows no more
UNCONFIRMED = 0.12  # share of employers that never confirm an e-mail, and so do not count
SEED = 7


class NotADemonstration(releases.ReleaseRefused):
    """This is not a demonstration, or its database has been in real use; the words say which."""


def publish_demonstration(area: Area) -> int:
    """Adds what is missing of the demonstration's demand, publishes its releases; returns how many it published.

    Done again it adds nothing until another quarter is over. Refused (NotADemonstration) outside demonstration mode,
    and on a database with real releases or, before the first time, with an account that is not a demonstration's.
    """
    check_demonstration()
    missing = [p for p in _periods(area) if releases.release_of(p.name) is None]
    if not missing:
        return 0
    keep(lambda: _store(area, missing))
    drawn = [releases.draw_up(p, area) for p in missing]
    keep(lambda: _publish(drawn))
    return len(drawn)


def check_demonstration() -> None:
    """Refuses (NotADemonstration) whatever is invented outside a demonstration, and on a database in real use."""
    if not current_app.config["DEMO"]:
        raise NotADemonstration("Invented demand is for demonstrations only: SKILLSMATCH_DEMO=1 is not set")
    if db.session.scalar(select(Release.id).where(Release.demonstration.is_(False)).limit(1)) is not None:
        raise NotADemonstration("This database has releases of real demand. A demonstration needs its own")
    begun = db.session.scalar(select(Release.id).limit(1)) is not None
    person = select(Account.id).where(Account.demonstration.is_(False)).limit(1)
    if not begun and db.session.scalar(person) is not None:
        raise NotADemonstration("This database has accounts of real people. A demonstration needs its own")


def _periods(area: Area) -> list[Period]:
    """The quarters that are over, from the earlier of the two years on, and those years; the earliest first."""
    this = quarter_of(today(), area.year_start_month).whole_year
    years = [Period(this.year - back, None, this.start_month) for back in range(YEARS, 0, -1)]
    quarters = [q for year in (*years, this) for q in year.quarters if q.is_over(today())]
    return sorted((*quarters, *years), key=lambda p: (p.last_day, p.kind))


def _store(area: Area, periods: list[Period]) -> None:
    for period in periods:
        label = f"{area.slug} {period.name}"
        # A start that was cut short may have got as far as the signals.
        if period.quarter and not is_stored(label):
            store(invented(area, period), label)


def _publish(drawn: list[releases.Drawn]) -> None:
    for one in drawn:
        releases.publish(releases.store_draft(one))


def invented(area: Area, quarter: Period) -> Population:
    """The employers of one quarter, always the same; some of them have not confirmed an e-mail."""
    assert quarter.quarter  # noqa: S101  (a year has no employers besides its quarters')
    gone = min(MOST_GROWTH, max(0, (quarter.year - FIRST) * 4 + quarter.quarter - 1))
    employers = round(EMPLOYERS * (1 + GROWTH) ** gone)
    wanted = popularity(area, SEED, gone)
    people = population(area, employers, gone, quarter.first_day, quarter.last_day, wanted)
    chance = Random(f"unconfirmed {quarter.name}")
    silent = {number for number in range(employers) if chance.random() < UNCONFIRMED}
    asked = tuple(replace(one, confirmed=one.employer not in silent) for one in people.asked)
    return Population(people.record_keys, asked)
