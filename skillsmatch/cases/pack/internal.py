"""The internal pack: R1 to R12 from exact rows, every sheet marked, every number with its filter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import current_app

from skillsmatch.area.areas import Area, Priority
from skillsmatch.area.priorities import priorities_between
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.asked import Filters, asked_rows
from skillsmatch.cases.engagement import engagement_of
from skillsmatch.cases.gathering_models import Quote
from skillsmatch.cases.measures import all_measures
from skillsmatch.cases.on_offer import on_offer
from skillsmatch.cases.pack import needs, progress, register
from skillsmatch.cases.pack.plan_sheets import inside, r5_actions, r6_quotes
from skillsmatch.cases.pack.sheets import Pack, Sheet
from skillsmatch.cases.quotes import shown_quotes
from skillsmatch.clock import today

MARK = "INTERNAL: exact numbers, for officers of {chamber} only. Do not publish or pass on."


def internal_pack(area: Area, first: date, last: date) -> Pack:
    """The internal pack of these days. It reads every need of them; works where there is none, and says so."""
    filters = Filters(first, last)
    rows, before = asked_rows(filters, area), asked_rows(filters.before, area)
    offers, priorities = on_offer(), priorities_between(area, first, last)
    quotes = [one for one in shown_quotes() if first <= one.need.created_at.date() <= last]
    sheets = (
        needs.r1_needs(rows, before, priorities, filters, area),
        needs.r1_codes(rows, filters, area),
        progress.r2_engagement(engagement_of(rows, filters, area)),
        needs.r3_gaps(rows, offers, filters),
        register.r4_register(rows, filters, area),
        r5_actions(all_actions(), today()),
        r6_quotes([_row_of(quote, priorities) for quote in quotes]),
        register.r7_method(rows, filters, area),
        progress.r8_progress(rows, asked_rows(filters.year_before, area), filters, all_measures(area)),
        progress.r9_providers(rows, offers, filters),
        needs.r10_matrix(rows, offers, priorities, filters),
        progress.r11_changed(filters, area),
        r12_releases(first, last),
    )
    return Pack(
        area=area.name,
        chamber=area.chamber,
        first=first,
        last=last,
        made_on=today(),
        mark=MARK.format(chamber=area.chamber),
        opening=tuple(said_of_dates(first, last, len(rows))),
        sheets=sheets,
        quotes=tuple((quote.words, quote.described) for quote in quotes),
    )


def _row_of(quote: Quote, priorities: Iterable[Priority]) -> tuple[str, str, str, str]:
    themes = [load_themes().themes[facet.theme] for facet in quote.need.live_facets if facet.theme]
    asked = [priority.code for priority in priorities if any(priority.names(theme) for theme in themes)]
    names = dict.fromkeys(theme.name for theme in themes)
    return quote.words, quote.described, "; ".join(names), ", ".join(asked)


def said_of_dates(first: date, last: date, asked: int) -> list[str]:
    """What has to be said of the dates: that they are not over, or that nobody asked."""
    said = ["Demonstration: these employers are invented. Do not use this."] if current_app.config["DEMO"] else []
    if first > today():
        said.append("These dates lie in the future, so nothing can have been asked for yet.")
    elif last > today():
        said.append("These dates are not over: the numbers are as far as today.")
    if not asked and first <= today():
        said.append("Nobody has asked for anything in these dates.")
    return said


def r12_releases(first: date, last: date) -> Sheet:
    """R12: which releases may be published, and where their files are."""
    return Sheet(
        code="R12",
        name="Open data",
        title="Released numbers that may be published",
        words=(
            "The public pack holds every table of these releases as CSV and JSON. Nothing else of the demand here may "
            "be published.",
        ),
        header=("Release", "Days", "Published on", "In the service"),
        rows=tuple(
            (
                e.period,
                f"{e.first_day.isoformat()} to {e.last_day.isoformat()}",
                e.published_at.date().isoformat() if e.published_at else "",
                f"/demand?release={e.period}",
            )
            for e in inside(first, last)
        ),
        in_document=False,
    )
