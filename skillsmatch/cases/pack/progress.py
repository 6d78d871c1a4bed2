"""R2, R8, R9 and R11 of the internal pack: who took part, the year's measures, the providers, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import Select, and_, func, select

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import load_kinds
from skillsmatch.cases.asked import Asked, Filters, by, sum_of
from skillsmatch.cases.engagement import Engagement, sme
from skillsmatch.cases.measures import Followed, value_words
from skillsmatch.cases.on_offer import OnOffer
from skillsmatch.cases.pack.needs import theme_name, trend_of
from skillsmatch.cases.pack.sheets import Sheet, Value, percent
from skillsmatch.cases.scorecard import moments
from skillsmatch.demand.lattice import SIZES
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer, Provider

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
    first, after = moments(filters)
    wanted = select(Lead.opened_at, func.min(LeadReply.sent_at)).join(LeadReply, LeadReply.lead_id == Lead.id)
    wanted = wanted.where(Lead.opened_at >= first, Lead.opened_at < after).group_by(Lead.id, Lead.opened_at)
    return [_days(opened, sent) for opened, sent in db.session.execute(wanted)]


def _days(opened: datetime | str, sent: datetime | str) -> float:
    begin, end = (datetime.fromisoformat(m) if isinstance(m, str) else m for m in (opened, sent))
    return max(0.0, (end - begin).total_seconds() / 86_400)


def r8_progress(
    rows: Sequence[Asked], year_before: Sequence[Asked], filters: Filters, measures: Sequence[Followed]
) -> Sheet:
    """R8: the year's measures beside those of the year before."""
    found: list[tuple[Value, ...]] = []
    now, then = sum_of(rows), sum_of(year_before)
    for name, value, before in (
        ("Searches", now.needs, then.needs),
        ("Skills asked for", now.facets, then.facets),
        ("Employers", now.employers, then.employers),
        ("Employers confirmed", now.confirmed, then.confirmed),
        ("People wanted", now.people, then.people),
        ("Needs for which something fitted", now.met, then.met),
        ("Courses started because of a need", now.started, then.started),
    ):
        found.append((name, value, before, trend_of(value, before), filters.words))
    shares = (
        ("% for which nothing fitted", percent(now.unmet, now.facets), percent(then.unmet, then.facets)),
        (
            "% for which something suitable was found",
            percent(now.met, now.facets),
            percent(then.met, then.facets),
        ),
        ("% small and medium, of those whose size is known", _sme(rows), _sme(year_before)),
    )
    found += [(name, value, before, _points(value, before), filters.words) for name, value, before in shares]
    waits, waited = first_replies(filters), first_replies(filters.year_before)
    days, were = (round(median(w), 1) if w else None for w in (waits, waited))
    found.append(
        ("Days to the first reply of a provider (median)", days, were, "", f"leads opened {filters.words}")
    )
    for one in measures:
        for entry in one.values:
            if filters.year_before.first <= entry.day <= filters.last:
                title, number = f"{one.measure.title} ({one.measure.unit})", value_words(entry.value)
                found.append((title, number, None, f"on {entry.day}", entry.source))
    return Sheet(
        code="R8",
        name="Progress",
        title="Measures of the year, beside the year before",
        words=(
            f"The year before is {filters.year_before.words}.",
            "Measures that no demand can tell stand at the end, each with its day and source.",
        ),
        header=("Measure", "In these dates", "A year before", "Change", "Filter or source"),
        rows=tuple(found),
    )


def _sme(rows: Sequence[Asked]) -> float | None:
    return percent(*sme(rows))


def _points(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    change = round(now - before, 1)
    return "no change" if not change else f"{'up' if change > 0 else 'down'} {abs(change):g} points"


def r9_providers(rows: Sequence[Asked], offers: Sequence[OnOffer], filters: Filters) -> Sheet:
    """R9: each provider: what it teaches, who asks for that, and what it answered."""
    first, after = moments(filters)
    asked = by(rows, lambda r: r.theme)
    replies = _counted(select(LeadReply.ukprn, func.count()).where(_within(LeadReply.sent_at, first, after)))
    changed = _counted(
        select(Provider.ukprn, func.count())
        .join(Offer, Offer.provider_id == Provider.id)
        .where(_within(Offer.changed_at, first, after), Offer.withdrawn_at.is_(None)),
    )
    chosen = _counted(
        select(Provider.ukprn, func.count())
        .join(Offer, Offer.provider_id == Provider.id)
        .join(NeedMatch, NeedMatch.offer_id == Offer.id)
        .where(_within(NeedMatch.chosen_at, first, after))
    )
    own: dict[int, list[OnOffer]] = defaultdict(list)
    for offer in offers:
        own[offer.taught.ukprn].append(offer)
    found = []
    for ukprn, some in own.items():
        themes = sorted({o.taught.theme for o in some if o.taught.theme})
        employers = len({r.employer for theme in themes for r in asked.get(theme, ())})
        found.append(
            (
                *(ukprn, some[0].taught.provider, len(some), len(themes), employers),
                *(replies.get(ukprn, 0), chosen.get(ukprn, 0), changed.get(ukprn, 0)),
                "; ".join(theme_name(t) for t in sorted(themes, key=lambda t: -len(asked.get(t, ())))[:5]),
                f"leads and offers {filters.words}",
            )
        )
    found.sort(key=lambda row: (-row[2], row[0]))
    return Sheet(
        code="R9",
        name="Providers",
        title="Providers: what they teach, and what they answered",
        words=(
            "Each provider has an evidence pack of its own for its accountability statement, from releases: on its "
            "desk, or by “flask demand evidence --ukprn”. Replies count those that are still kept.",
        ),
        header=(
            *(
                "UKPRN",
                "Provider",
                "Offers",
                "Themes taught",
                "Employers who ask for these",
                "Replies to leads",
            ),
            *(
                "Offers that employers chose",
                "Offers added or changed",
                "Most asked for of its themes",
                "Filter",
            ),
        ),
        rows=tuple(found),
    )


def _within(column: Any, first: datetime, after: datetime) -> Any:
    return and_(column >= first, column < after)


def _counted(wanted: Select[Any]) -> dict[int, int]:
    column = wanted.selected_columns[0]
    return {row[0]: row[1] for row in db.session.execute(wanted.group_by(column))}


def r11_changed(filters: Filters, area: Area) -> Sheet:
    """R11: from a need to a provider's offer that its employer says fits, or has started."""
    wanted = (
        select(
            *(
                Facet.id,
                Facet.outcome,
                Facet.theme,
                Facet.answered_at,
                DemandSignal.made_on,
                DemandSignal.district,
            ),
            *(DemandSignal.size_band, DemandSignal.sic_section, DemandSignal.people, Offer.title, Offer.kind),
            *(Offer.start_dates, Provider.name),
        )
        .join(DemandSignal, DemandSignal.id == Facet.signal_id)
        .join(Need, Need.id == Facet.need_id)
        .join(NeedMatch, NeedMatch.facet_id == Facet.id)
        .join(Offer, Offer.id == NeedMatch.offer_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(
            Facet.outcome.in_(("fits", "started")),
            NeedMatch.chosen_at.is_not(None),
            Facet.removed_at.is_(None),
        )
        .where(DemandSignal.made_on >= filters.first, DemandSignal.made_on <= filters.last)
        .where(DemandSignal.withdrawn_at.is_(None), DemandSignal.suspect.is_(False))
        .order_by(Facet.id, NeedMatch.position)
    )
    kinds = {kind.value: words.name for kind, words in load_kinds().items()}
    found = []
    for row in db.session.execute(wanted):
        (
            number,
            outcome,
            theme,
            answered,
            made_on,
            district,
            size,
            sector,
            people,
            title,
            kind,
            starts,
            provider,
        ) = row
        found.append(
            (
                *(number, theme_name(theme), made_on.isoformat(), area.district_name(district) or "not said"),
                *(area.sector_name(sector) or "not said", SIZES.get(size, "not said"), provider, title),
                *(kinds.get(kind, kind), "; ".join(starts[:1]), people),
                "started" if outcome == "started" else "fits, not started yet",
                answered.date().isoformat() if answered else "",
            )
        )
    return Sheet(
        code="R11",
        name="What changed",
        title="What changed: from a need to training",
        words=("The employer’s own answer decides. No name and no words of the employer stand here.",),
        header=(
            *(
                "Skill",
                "Need",
                "Asked on",
                "District",
                "Sector",
                "Size",
                "Provider",
                "Offer",
                "Kind",
                "Start",
            ),
            *("People", "What the employer says", "Said on"),
        ),
        rows=tuple(found),
    )
