"""What the pack says of a filter besides its sums: when it is needed, the period before, what is on offer, replies.

The figures page shows it, by the functions that the sheets are made with, so that each number can be had again.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from skillsmatch.area.areas import Area
from skillsmatch.area.priorities import all_priorities
from skillsmatch.cases.asked import Asked, Filters, asked_rows
from skillsmatch.cases.on_offer import OnOffer, for_priority, on_offer, soonest
from skillsmatch.cases.pack.needs import SOON, gap_of, nearest_km, status_of
from skillsmatch.cases.pack.progress import first_replies
from skillsmatch.cases.pack.providers import done_by_providers
from skillsmatch.words import count_words

ABOUT_OFFERS = ("theme", "kind", "priority", "ukprn")  # choices that an offer has as well


def figures_besides(filters: Filters, rows: Sequence[Asked], area: Area) -> list[tuple[str, str]]:
    """Names and values in words, for these rows of this filter."""
    soon = sum(row.horizon in SOON for row in rows)
    later = sum(bool(row.horizon) for row in rows) - soon
    employers = len({row.employer for row in rows})
    before = len({row.employer for row in asked_rows(filters.so_far.before, area)})
    found = [
        ("Needed now or within 6 months", count_words(soon, "skill")),
        ("Needed later, within 3 years", count_words(later, "skill")),
        (
            "Employers in as many days before, and status",
            f"{count_words(before, 'employer')}: {status_of(employers, before)}",
        ),
    ]
    there = offers_of(filters, on_offer(), area)
    chosen = {name for name in filters.query if name not in ("from", "to")}
    if chosen <= set(ABOUT_OFFERS):
        found.append(("Offers that stand today", count_words(len(there), "offer")))
    if chosen == {"theme"}:
        near = nearest_km(rows, there)
        known = "" if filters.theme == "none" else filters.theme
        found += [
            ("Nearest offer, the median as the crow flies", "not known" if near is None else f"{near:g} km"),
            ("Soonest start", soonest(there) or "none"),
            ("Gap", gap_of(known, rows, there, near)),
        ]
    if not chosen:
        waits = first_replies(filters)
        days = f"{round(median(waits), 1):g} days, median of {len(waits):,} shared needs" if waits else "none"
        found.append(("First reply of a provider", days))
    if chosen == {"ukprn"}:
        did, ukprn = done_by_providers(filters), int(filters.ukprn)
        found += [
            ("Replies to leads", str(did.replies.get(ukprn, 0))),
            ("Offers that employers chose", str(did.chosen.get(ukprn, 0))),
            ("Offers added or changed", str(did.changed.get(ukprn, 0))),
        ]
    return found


def offers_of(filters: Filters, offers: Sequence[OnOffer], area: Area) -> list[OnOffer]:
    """Those of the offers that the filter's theme, kind, priority and provider name."""
    found = list(offers)
    if filters.theme:
        found = [o for o in found if o.taught.theme == filters.theme]
    if filters.kind:
        found = [o for o in found if o.kind == filters.kind]
    if filters.priority:
        named = next((p for p in all_priorities(area) if p.code == filters.priority), None)
        found = for_priority(named, found) if named else []
    if filters.ukprn:
        found = [o for o in found if str(o.taught.ukprn) == filters.ukprn]
    return found
