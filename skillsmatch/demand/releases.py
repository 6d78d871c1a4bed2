"""Making a release, looking at it, publishing it, withdrawing it. Published, it is never computed again.

`draw_up` counts and keeps nothing; `store_draft`, `publish` and `withdraw` change the session and commit nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from flask import current_app
from sqlalchemy import delete, insert, select

from skillsmatch.area.areas import Area
from skillsmatch.clock import now, today
from skillsmatch.demand.counting import count, shown_tables
from skillsmatch.demand.disclosure import Rules, rules_of
from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.models import Release, ReleaseCell
from skillsmatch.demand.offers_seen import Source, both, seen_in_this_service
from skillsmatch.demand.periods import Period, last_finished
from skillsmatch.demand.synthetic_steps import invented_steps
from skillsmatch.extensions import db

Cells = Mapping[tuple[str, str], int | None]


class ReleaseRefused(ValueError):
    """There will be no such release, or not now; the words say why and what can be done."""


class TooFewEmployers(ReleaseRefused):
    """The period is over and too few employers count in it, for good."""


@dataclass(frozen=True)
class Drawn:
    """What a release would show, cell by cell, before anybody has decided on it. It holds no true count."""

    period: Period
    rules: Rules
    tables: Mapping[str, Cells]
    demonstration: bool


def draw_up(period: Period, area: Area, rules: Rules | None = None, seen: Source | None = None) -> Drawn:
    """The tables of the period as they would be published. Nothing is written. `seen` says which offers employers
    were shown, opened and chose; by default this service's needs do, and in a demonstration its invented employers.

    Refused (ReleaseRefused): a period that is not over, one that has its release or had one, another start of
    the year than the releases so far; TooFewEmployers where fewer than the rules' least employers count.
    """
    rules = rules or rules_of(current_app.config)
    demonstration = bool(current_app.config["DEMO"])
    _check(period, today())
    if seen is None:
        seen = both(seen_in_this_service(), invented_steps if demonstration else None)
    counts = count(period, area, rules, provider_digests(), demonstration, seen)
    if counts.employers < rules.least_employers:
        raise TooFewEmployers(
            f"No release of {period.name} ({period.words}): fewer than {rules.least_employers} employers count in "
            "it, and so few could be told apart. Its needs count in the year's release."
            if period.quarter
            else f"No release of the year {period.name} ({period.words}): fewer than {rules.least_employers} "
            "employers count in it, and so few could be told apart."
        )
    return Drawn(period, rules, shown_tables(counts, period, area, rules), demonstration)


def _check(period: Period, day: date) -> None:
    if not period.is_over(day):
        last = last_finished(day, period.start_month)
        raise ReleaseRefused(
            f"{period.name} ({period.words}) is not over, so it cannot be released yet. The latest quarter that is "
            f"over is {last.name} ({last.words})"
        )
    other = db.session.scalar(
        select(Release)
        .where(Release.year_start_month != period.start_month, Release.state != "draft")
        .limit(1)
    )
    if other is not None:
        raise ReleaseRefused(
            f"The year of this area's releases starts in month {other.year_start_month}: {other.period} is out "
            f"already. The area's files now say {period.start_month}; put it back, or periods would overlap"
        )
    standing = release_of(period.name)
    if standing is None:
        return
    if standing.demonstration != bool(current_app.config["DEMO"]):
        raise ReleaseRefused(OTHER_KIND[standing.demonstration].format(period.name))
    if standing.state != "draft":
        raise ReleaseRefused(f"{period.name} {ALREADY[standing.state]}")


OTHER_KIND = {
    True: "This database has a demonstration's release of {0}, of invented employers. Start the service that is to be "
    "used on a database of its own",
    False: "This database has a real release of {0}. A demonstration needs a database of its own",
}
ALREADY = {
    "published": "is published already, and a published release is never made again. What came late counts later",
    "withdrawn": "was withdrawn. A withdrawn release is never made again, because the two could be compared",
    "too-few": "was closed without a release: too few employers counted in it",
}


def release_of(period: str) -> Release | None:
    """The one release of this period, in whatever state."""
    return db.session.scalar(select(Release).where(Release.period == period))


def all_releases() -> list[Release]:
    """Every release there is or was, the latest period first; for officers."""
    return list(db.session.scalars(select(Release).order_by(Release.last_day.desc(), Release.period)))


def store_draft(drawn: Drawn) -> Release:
    """The tables as a draft that officers may look at. An earlier draft of the same period is replaced."""
    _drop_draft(drawn.period)
    release = _row(drawn.period, drawn.rules, drawn.demonstration, "draft")
    db.session.add(release)
    db.session.flush()
    cells = [
        {"release_id": release.id, "table_name": table, "first": first, "second": second, "shown": shown}
        for table, shown_cells in drawn.tables.items()
        for (first, second), shown in shown_cells.items()
    ]
    db.session.execute(insert(ReleaseCell), cells)
    return release


def close_without(period: Period, why: TooFewEmployers) -> Release:
    """Puts on record that the period is over and has no release, in words that may be published."""
    _drop_draft(period)
    release = _row(period, rules_of(current_app.config), bool(current_app.config["DEMO"]), "too-few")
    release.notice = str(why)
    db.session.add(release)
    db.session.flush()
    return release


def _drop_draft(period: Period) -> None:
    _check(period, today())
    standing = release_of(period.name)
    if standing is not None:
        db.session.execute(delete(ReleaseCell).where(ReleaseCell.release_id == standing.id))
        db.session.execute(delete(Release).where(Release.id == standing.id))


def _row(period: Period, rules: Rules, demonstration: bool, state: str) -> Release:
    return Release(
        period=period.name,
        kind=period.kind,
        year_start_month=period.start_month,
        first_day=period.first_day,
        last_day=period.last_day,
        state=state,
        made_at=now(),
        notice="",
        method=asdict(rules),
        loosened=list(rules.loosened()),
        demonstration=demonstration,
    )


def publish(release: Release) -> None:
    """Everyone may read it from now on, and the database refuses any change. Refused unless it is a draft."""
    if release.state != "draft":
        raise ReleaseRefused(f"{release.period} {ALREADY[release.state]}")
    release.state, release.published_at = "published", now()


def withdraw(release: Release, because: str) -> None:
    """Its tables are no longer shown; its notice is, in its place. It is never made again.

    Refused (ReleaseRefused) without a reason, and where it is not published: a draft is replaced instead.
    """
    if not because.strip():
        raise ReleaseRefused("Say why it is withdrawn: those who used it will read the reason")
    if release.state != "published":
        raise ReleaseRefused(f"{release.period} is not published, so there is nothing to withdraw")
    release.state, release.withdrawn_at, release.notice = "withdrawn", now(), because.strip()


def next_release(area: Area) -> Period:
    """The period whose release is awaited: the earliest finished quarter without one since the latest, or else the
    quarter of today. Pages say from it how far off a release is; a live count of employers would give them away."""
    from skillsmatch.demand.periods import quarter_of

    last = last_finished(today(), area.year_start_month)
    return quarter_of(today(), area.year_start_month) if release_of(last.name) else last


def open_periods(area: Area) -> list[Period]:
    """The periods that are over, of this year and of the last, and have no release or only a draft; latest first."""
    from skillsmatch.demand.periods import quarter_of

    this = quarter_of(today(), area.year_start_month).whole_year
    years = (
        this,
        Period(this.year - 1, None, this.start_month),
        Period(this.year - 2, None, this.start_month),
    )
    over = [p for year in years for p in (year, *year.quarters) if p.is_over(today())]
    closed = {release.period for release in all_releases() if release.state != "draft"}
    return sorted((p for p in over if p.name not in closed), key=lambda p: (p.last_day, p.kind), reverse=True)
