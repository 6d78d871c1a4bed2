"""R2 and R8 of the internal pack: who took part, and the year's measures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from sqlalchemy import func, select

from skillsmatch.cases.asked import Asked, Filters, sum_of
from skillsmatch.cases.days import plain_day, span_words
from skillsmatch.cases.engagement import Engagement, sme
from skillsmatch.cases.measures import Followed, value_words
from skillsmatch.cases.pack.changed import Changed, closed_cases, courses_of, needs_closed
from skillsmatch.cases.pack.needs import trend_of
from skillsmatch.cases.pack.sheets import Sheet, Value, percent
from skillsmatch.cases.starts import started_in, starts_of
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.needs.models import is_here

NOT_HELD = "No list of members is loaded, so every employer stands under “not known”."


def r2_engagement(told: Engagement) -> Sheet:
    """R2: who took part, by size, sector, district, membership and channel, as the page "Who we heard from" counts."""
    found: list[tuple[Value, ...]] = [
        (one.by, one.words, one.employers, one.share, one.by_list, one.confirmed, one.needs, one.filters.words)
        for one in told.categories
    ]
    if not told.has_list:
        found.append(("Membership", "not known", told.employers, _all(told.employers), None, None, None, ""))
    whole = (told.confirmed, told.needs, told.filters.words)
    found.append(("All", "Employers", told.employers, _all(told.employers), 0, *whole))
    small = ("All", "Small and medium, of those whose size is known")
    found.append((*small, told.small, told.small_share, None, None, None, ""))
    return Sheet(
        code="R2",
        name="Engagement",
        title="Who took part",
        words=(
            "Shares are of all employers in the dates. An employer that gave two answers stands under both, so shares "
            "may add up to more than 100.",
            "Micro is up to 9 people, small 10 to 49, medium 50 to 249, large 250 or more.",
            "What an employer did not say, the Chamber’s list may know: these stand in “By the list”, and the filter "
            "finds the others.",
            *(() if told.has_list else (NOT_HELD,)),
        ),
        header=(
            *("By", "Category", "Employers", "% of employers", "By the list", "Of these confirmed", "Searches"),
            "Filter",
        ),
        rows=tuple(found),
        most=60,
    )


def _all(employers: int) -> float | None:
    return 100.0 if employers else None


def first_replies(filters: Filters) -> list[float]:
    """For each lead opened within the dates that had a reply, the days until the first one."""
    first, after = filters.moments
    wanted = select(Lead.opened_at, func.min(LeadReply.sent_at)).join(LeadReply, LeadReply.lead_id == Lead.id)
    wanted = wanted.join(Lead.need).where(Lead.opened_at >= first, Lead.opened_at < after, is_here())
    wanted = wanted.group_by(Lead.id, Lead.opened_at)
    return [_days(opened, sent) for opened, sent in db.session.execute(wanted)]


def _days(opened: datetime | str, sent: datetime | str) -> float:
    begin, end = (datetime.fromisoformat(m) if isinstance(m, str) else m for m in (opened, sent))
    return max(0.0, (end - begin).total_seconds() / 86_400)


def r8_progress(
    rows: Sequence[Asked],
    year_before: Sequence[Asked],
    started: Sequence[Asked],
    started_before: Sequence[Asked],
    changed: Sequence[Changed],
    changed_before: Sequence[Changed],
    filters: Filters,
    measures: Sequence[Followed],
) -> Sheet:
    """R8: the year's measures beside those of the year before."""
    found: list[tuple[Value, ...]] = []
    now, then, past = sum_of(rows), sum_of(year_before), filters.so_far.year_before
    for name, value, before in (
        ("Searches", now.needs, then.needs),
        ("Skills asked for", now.facets, then.facets),
        ("Employers", now.employers, then.employers),
        ("Employers confirmed", now.confirmed, then.confirmed),
        ("People wanted", now.people, then.people),
        ("Skills for which nothing fitted", now.unmet, then.unmet),
        ("Skills for which something fitted", now.met, then.met),
        ("Of these, asked for in these dates and started since", now.started, then.started),
    ):
        found.append((name, value, before, trend_of(value, before), filters.words))
    shares = (
        (
            "% of skills for which nothing fitted (zero-result rate)",
            percent(now.unmet, now.facets),
            percent(then.unmet, then.facets),
        ),
        (
            "% of skills for which something suitable was found",
            percent(now.met, now.facets),
            percent(then.met, then.facets),
        ),
        ("% small and medium, of those whose size is known", _sme(rows), _sme(year_before)),
    )
    found += [(name, value, before, _points(value, before), filters.words) for name, value, before in shares]
    found += _days_to_reply(filters)
    for name, value, before, where in (
        (
            "Training started because of a need (skills)",
            *(starts_of(started).skills, starts_of(started_before).skills),
            started_in(filters).words,
        ),
        (
            "Courses started because of a need (different offers)",
            *(courses_of(changed), courses_of(changed_before)),
            "R11: “started”, each offer once",
        ),
        (
            "Cases closed",
            *(len(closed_cases(filters)), len(closed_cases(past))),
            "R4: “Closed on” within these dates; /cases/list?state=closed",
        ),
        (
            "Needs closed: asked for in those cases",
            *(needs_closed(filters), needs_closed(past)),
            "The needs of those cases that are still kept",
        ),
    ):
        found.append((name, value, before, trend_of(value, before), where))
    for one in measures:
        for entry in one.values:
            title, number = f"{one.measure.title} ({one.measure.unit})", value_words(entry.value)
            said = (f"on {plain_day(entry.day)}", entry.source)
            if filters.first <= entry.day <= filters.last:
                found.append((title, number, None, *said))
            elif filters.year_before.first <= entry.day <= filters.year_before.last:
                found.append((title, None, number, *said))
    return Sheet(
        code="R8",
        name="Progress",
        title="Measures of the year, beside the year before",
        words=(
            f"A year before is {span_words(past.first, past.last)}.",
            "A start is one that the employer told us of; the government counts apprenticeship starts, and an officer "
            "enters those as a measure.",
            "Measures that no demand can tell stand at the end, each with its day and source.",
        ),
        header=("Measure", "In these dates", "A year before", "Change", "Filter or source"),
        rows=tuple(found),
        most=60,
    )


def _days_to_reply(filters: Filters) -> list[tuple[Value, ...]]:
    waits, waited = first_replies(filters), first_replies(filters.so_far.year_before)
    days, were = (round(median(w), 1) if w else None for w in (waits, waited))
    name = "Days to the first reply of a provider (median)"
    change = round(days - were, 1) if days is not None and were is not None else None
    words = "" if change is None else f"{'up' if change > 0 else 'down'} {abs(change):g}" if change else "no change"
    return [(name, days, were, words, f"{len(waits):,} needs with a reply, shared {filters.words}")]


def _sme(rows: Sequence[Asked]) -> float | None:
    return percent(*sme(rows))


def _points(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    change = round(now - before, 1)
    return "no change" if not change else f"{'up' if change > 0 else 'down'} {abs(change):g} points"
