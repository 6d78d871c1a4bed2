"""Two invented years of needs, for timing the pack on. Nobody in them exists; only a scratch database is given them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sqlalchemy import func, insert, select

from skillsmatch.area.areas import Area
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand import releases, synthetic
from skillsmatch.demand.models import UNMET, DemandSignal
from skillsmatch.demand.periods import Period
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.loading import load_offers

SIGNALS_OF_ONE = 1.69  # an invented employer's signals in a year, on average
GROUPED = 25  # unmet facets in a group, on average


def invent_year(area: Area, year: Period, needs: int) -> str:
    """So many needs in the year and in the one before, committed, with offers, groups and the year's release."""
    if area.demonstration_catalogue.exists():
        load_offers(area.demonstration_catalogue)
    before = Period(year.year - 1, None, year.start_month)
    for number, one in enumerate((before, year)):
        people = synthetic.population(area, round(needs / SIGNALS_OF_ONE), number, one.first_day, one.last_day)
        keep(lambda people=people, number=number: synthetic.store(people, f"pack {number}"))  # type: ignore[misc]
    keep(_add_needs)
    keep(_add_groups)
    drawn = releases.draw_up(year, area)
    keep(lambda: releases.publish(releases.store_draft(drawn)))
    made = {model: db.session.scalar(select(func.count()).select_from(model)) for model in (Need, NeedGroup)}
    return f"{made[Need]:,} needs in two years, {made[NeedGroup]:,} groups"


def _add_needs() -> None:
    """A need and a facet for each signal, at a place of its own."""
    chance, needs, facets = Random("pack"), [], []
    signals = select(DemandSignal.id, DemandSignal.theme, DemandSignal.outcome, DemandSignal.made_on)
    for number, theme, outcome, made_on in db.session.execute(signals.order_by(DemandSignal.id)):
        moment = now()
        needs.append(
            {
                "id": number,
                "reference": f"{number:032d}",
                "token_digest": f"{number:064d}",
                "payload_digest": "",
                "created_at": moment,
                "changed_at": moment,
                "kept_until": made_on + timedelta(365),
                "text": "invented",
                "lat": 52.4 + chance.random() * 0.5,
                "lon": -1.5 + chance.random(),
                "wanted_when": chance.choice(("now", "6-months", "1-year", "")),
                "matcher_version": "invented",
            }
        )
        facets.append(
            {
                "id": number,
                "need_id": number,
                "position": 1,
                "text": "invented",
                "theme": theme,
                "outcome": outcome,
                "signal_id": number,
            }
        )
    for model, rows in ((Need, needs), (Facet, facets)):
        for start in range(0, len(rows), 5_000):
            db.session.execute(insert(model), rows[start : start + 5_000])


def _add_groups() -> None:
    """Unmet facets in groups, by theme."""
    unmet = select(Facet.id, Facet.theme).where(Facet.outcome.in_(UNMET)).order_by(Facet.theme, Facet.id)
    rows = db.session.execute(unmet).all()
    for start in range(0, len(rows), GROUPED):
        some = rows[start : start + GROUPED]
        group = NeedGroup(name=f"Invented group {start // GROUPED + 1}", theme=some[0].theme, created_at=now())
        db.session.add(group)
        db.session.flush()
        placed = [{"facet_id": row.id, "group_id": group.id, "grouped_at": now()} for row in some]
        db.session.execute(insert(GroupedFacet), placed)
