"""R9 of the internal pack: each provider, what it teaches, who asks for that, and what it did about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.asked import Asked, Filters, by
from skillsmatch.cases.on_offer import OnOffer
from skillsmatch.cases.pack.needs import levels_words, theme_name, trend_of
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.needs.models import Facet, NeedMatch, is_here
from skillsmatch.offers.models import Offer, Provider


@dataclass(frozen=True, slots=True)
class Did:
    """What providers did within some days, by their UKPRN."""

    replies: Mapping[int, int]  # to leads
    chosen: Mapping[int, int]  # offers that employers said fit
    changed: Mapping[int, int]  # offers added or changed that stand


def done_by_providers(filters: Filters) -> Did:
    """What each provider did within the dates."""
    first, after = filters.moments
    replies = select(LeadReply.ukprn, func.count()).join(LeadReply.lead).join(Lead.need)
    replies = replies.where(_within(LeadReply.sent_at, first, after), is_here())
    changed = select(Provider.ukprn, func.count()).join(Offer, Offer.provider_id == Provider.id)
    chosen = changed.join(NeedMatch, NeedMatch.offer_id == Offer.id).join(NeedMatch.facet).join(Facet.need)
    return Did(
        replies=_counted(replies),
        chosen=_counted(chosen.where(_within(NeedMatch.chosen_at, first, after), is_here())),
        changed=_counted(changed.where(_within(Offer.changed_at, first, after), Offer.withdrawn_at.is_(None))),
    )


def r9_providers(rows: Sequence[Asked], offers: Sequence[OnOffer], filters: Filters) -> Sheet:
    """R9: each provider: what it teaches, who asks for that, and what it answered."""
    asked, did = by(rows, lambda r: r.theme), done_by_providers(filters)
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
                *(did.replies.get(ukprn, 0), did.chosen.get(ukprn, 0), did.changed.get(ukprn, 0)),
                "; ".join(theme_name(t) for t in sorted(themes, key=lambda t: (-len(asked.get(t, ())), t))[:5]),
                replace(filters, ukprn=str(ukprn)).words,
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
            *("UKPRN", "Provider", "Offers", "Themes taught", "Employers who ask for these", "Replies to leads"),
            *("Offers that employers chose", "Offers added or changed", "Most asked for of its themes", "Filter"),
        ),
        rows=tuple(found),
        in_table=(
            *("UKPRN", "Provider", "Offers", "Employers who ask for these", "Replies to leads"),
            *("Offers that employers chose", "Offers added or changed", "Most asked for of its themes"),
        ),
    )


def r9_demand(
    rows: Sequence[Asked], before: Sequence[Asked], offers: Sequence[OnOffer], filters: Filters, area: Area
) -> Sheet:
    """R9: for each provider the themes it teaches: who asks for them, who does where it teaches, and the trend."""
    asked, was, known = by(rows, lambda r: r.theme), by(before, lambda r: r.theme), load_themes().themes
    own: dict[int, dict[str, list[OnOffer]]] = defaultdict(lambda: defaultdict(list))
    places: dict[int, set[str]] = defaultdict(set)
    for offer in offers:
        places[offer.taught.ukprn] |= {offer.taught.district} & set(area.districts)
        if offer.taught.theme in asked and offer.taught.theme in known:
            own[offer.taught.ukprn][offer.taught.theme].append(offer)
    found: list[tuple[Value, ...]] = []
    for ukprn, themes in sorted(own.items()):
        where = places[ukprn]
        for theme, there in themes.items():
            some = asked[theme]
            near = [r for r in some if r.district in where]
            here = Counter(area.district_name(r.district) for r in near)
            employers, then = (len({r.employer for r in part}) for part in (some, was.get(theme, ())))
            found.append(
                (
                    *(ukprn, there[0].taught.provider, theme_name(theme), "; ".join(known[theme].soc)),
                    *(employers, len({r.employer for r in near})),
                    "; ".join(f"{d} ({n})" for d, n in sorted(here.items(), key=lambda one: (-one[1], one[0]))),
                    levels_words([r.level for r in near]),
                    *(then, trend_of(employers, then), len(there), replace(filters, theme=theme).words),
                )
            )
    found.sort(key=lambda row: (row[0], -int(str(row[5])), -int(str(row[4])), str(row[2])))
    return Sheet(
        code="R9",
        name="Provider demand",
        title="Providers: who asks for what they teach, where they teach it",
        words=(
            "“Where it teaches” is the districts of its venues. Online offers have none; the column before has all who "
            "ask.",
            "The filter gives the employers in all; with a district chosen besides, the figures page gives those of "
            "the district. Numbers in brackets are of skills.",
        ),
        header=(
            *("UKPRN", "Provider", "Need", "SOC 2020 of the need", "Employers", "Employers where it teaches"),
            *("Districts where it teaches (skills)", "Levels asked for there", "Employers before", "Trend"),
            *("Its offers", "Filter"),
        ),
        rows=tuple(found),
        in_document=False,
    )


def _within(column: Any, first: datetime, after: datetime) -> Any:
    return and_(column >= first, column < after)


def _counted(wanted: Select[Any]) -> dict[int, int]:
    column = wanted.selected_columns[0]
    return {row[0]: row[1] for row in db.session.execute(wanted.group_by(column))}
