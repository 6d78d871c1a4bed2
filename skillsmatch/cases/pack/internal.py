"""The internal pack: R1 to R12 from exact rows, every sheet marked, every number with its filter."""

from __future__ import annotations

from datetime import date

from flask import current_app

from skillsmatch.area.areas import Area
from skillsmatch.area.priorities import priorities_between
from skillsmatch.cases.actions import all_actions
from skillsmatch.cases.asked import Filters, asked_rows
from skillsmatch.cases.engagement import engagement_of
from skillsmatch.cases.measures import all_measures
from skillsmatch.cases.on_offer import on_offer
from skillsmatch.cases.pack import changed, needs, progress, providers, regard, register
from skillsmatch.cases.pack.plan_sheets import inside, r5_actions, r6_quotes
from skillsmatch.cases.pack.sheets import Pack, Sheet
from skillsmatch.cases.published_quotes import Quoted
from skillsmatch.cases.quotes import shown_quotes
from skillsmatch.cases.starts import starts_between
from skillsmatch.clock import day_of, today

MARK = "INTERNAL: exact numbers, for officers of {chamber} only. Do not publish or pass on."
WHERE_QUOTES = (
    "An employer may take its consent back at any time: make the pack again on the day you print it. The page "
    "/cases/quotes has every quote that stands, and who checked it."
)


def internal_pack(area: Area, first: date, last: date) -> Pack:
    """The internal pack of these days. It reads every need of them; works where there is none, and says so."""
    filters = Filters(first, last)
    rows, before = asked_rows(filters, area), asked_rows(filters.so_far.before, area)
    offers, priorities = on_offer(), priorities_between(area, first, last)
    quotes, happened = _quoted(filters), changed.changed_between(filters)
    sheets = (
        needs.r1_needs(rows, before, priorities, filters, area),
        needs.r1_codes(rows, filters, area),
        progress.r2_engagement(engagement_of(rows, filters, area)),
        needs.r3_gaps(rows, offers, filters),
        register.r4_register(rows, filters, area),
        r5_actions(all_actions(), today()),
        r6_quotes(quotes, priorities, (WHERE_QUOTES,)),
        register.r7_method(rows, filters, area),
        progress.r8_progress(
            *(rows, asked_rows(filters.so_far.year_before, area)),
            *(starts_between(filters, area), starts_between(filters.so_far.year_before, area)),
            *(happened, changed.changed_between(filters.so_far.year_before)),
            *(filters, all_measures(area)),
        ),
        providers.r9_providers(rows, offers, filters),
        providers.r9_demand(rows, before, offers, filters, area),
        regard.r9_log(filters),
        needs.r10_matrix(rows, offers, priorities, filters),
        changed.r11_changed(happened, area),
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


def _quoted(filters: Filters) -> list[Quoted]:
    """The quotes that may be shown now of needs said within the dates, in the order of their words."""
    first, after = filters.moments
    return sorted(
        Quoted(
            one.words,
            one.described,
            tuple(sorted({facet.theme for facet in one.need.live_facets if facet.theme})),
        )
        for one in shown_quotes()
        if first <= one.need.created_at < after
    )


def said_of_dates(first: date, last: date, asked: int) -> list[str]:
    """What has to be said of the dates: that they are not over, or that nobody asked."""
    said = ["Demonstration: these employers are invented. Do not use this."] if current_app.config["DEMO"] else []
    if first > today():
        said.append("These dates lie in the future, so nothing can have been asked for yet.")
    elif last > today():
        said.append("These dates are not over: the numbers are as far as today, compared with as many days before.")
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
                day_of(e.published_at) if e.published_at else None,
                f"/demand?release={e.period}",
            )
            for e in inside(first, last)
        ),
        in_document=False,
    )
