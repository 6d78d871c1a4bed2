"""What a provider answers to a lead, and what the employer makes of it. A reply once sent is kept as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.addresses import NoAddress
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.leads.mails import tell_employer
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.leads.seeing import is_live, lead_for
from skillsmatch.leads.wording import WHY_NOT_BY_CODE
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.needs.outcomes import record_outcome
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.texts.reading import shortened

LISTED = 20  # offers of each sort in the form; a longer list is looked through by words
REPEATED = 1_200  # characters of a reply that the mail about it repeats
MOST = 6  # replies of one provider to one lead; more is pestering


class ReplyRefused(ValueError):
    """The reply cannot be taken; the words say why. Nothing typed is lost: the page shows it again."""


class LeadGone(LookupError):
    """The provider may no longer see this lead: its consent was withdrawn, or its time is over."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as filled in."""

    kind: str
    number: int  # how many replies the provider had sent when the form was opened, and one
    offer_id: int | None = None
    reason: str = ""
    words: str = ""
    reach: str = ""
    position: int | None = None  # of the facet that is answered; None: all of the need


def replies_of(provider: Provider, lead: Lead) -> list[LeadReply]:
    """What this provider has replied, the first first."""
    return [reply for reply in lead.replies if reply.ukprn == provider.ukprn]


@dataclass(frozen=True, slots=True)
class OwnOffers:
    """The provider's offers that a reply may be made of, as its form lists them."""

    shown: tuple[Offer, ...]  # to this employer, best first
    rest: tuple[Offer, ...]  # by title: those that were looked for, or the first of all
    found: bool  # whether any others fit the words
    more: bool  # whether more fit than are listed


def own_offers(provider: Provider, need: Need, words: str = "", chosen: int | None = None) -> OwnOffers:
    """LISTED at most of each sort, however many the provider has.

    `words` look among the titles of those that were not shown; `chosen` stays in the list, if it is the provider's.
    """
    standing = select(Offer).where(Offer.provider_id == provider.id, Offer.withdrawn_at.is_(None))
    standing = standing.options(joinedload(Offer.venue))
    seen = (
        select(NeedMatch.offer_id)
        .join(NeedMatch.facet)
        .where(Facet.need_id == need.id, NeedMatch.search_round == need.search_round)
        .order_by(NeedMatch.score.desc(), NeedMatch.id)
    )
    ranks = {number: rank for rank, number in enumerate(dict.fromkeys(db.session.scalars(seen)))}
    found = db.session.scalars(standing.where(Offer.id.in_(list(ranks))))
    shown = tuple(sorted(found, key=lambda offer: ranks[offer.id]))[:LISTED]
    others = standing.where(Offer.id.not_in([offer.id for offer in shown]))
    for word in words.split()[:8]:
        others = others.where(Offer.title.icontains(word, autoescape=True))
    rest = db.session.scalars(others.order_by(Offer.title, Offer.id).limit(LISTED + 1)).all()
    listed = tuple(rest[:LISTED])
    if chosen is not None and chosen not in {offer.id for offer in (*shown, *listed)}:
        listed = (*db.session.scalars(standing.where(Offer.id == chosen)), *listed)
    return OwnOffers(shown, listed, bool(rest), len(rest) > LISTED)


def send_reply(provider: Provider, account: Account, number: int, draft: Draft) -> LeadReply:
    """The reply, kept, with the mail to the employer in the same transaction.

    Raises LeadGone where the provider may not see the lead now. Refused (ReplyRefused): one that a colleague has
    come before with, more than MOST, and an offer that is not the provider's own. An employer who has had many
    mails today is written to by `flask work` when the day is over; the need's page shows the reply at once.
    """
    # One at a time, and none beside a withdrawal: a reply kept after that would outlive the need's words.
    db.session.get(Lead, number, with_for_update=True)
    shown = lead_for(provider, number)
    if shown is None:
        raise LeadGone(number)
    lead = shown.lead
    sent = db.session.scalar(
        select(func.count())
        .select_from(LeadReply)
        .where(LeadReply.lead_id == lead.id, LeadReply.ukprn == provider.ukprn)
    )
    if draft.number != (sent or 0) + 1:
        raise ReplyRefused(
            "A reply from your organisation was sent since you opened this page. Please look at it first"
        )
    if draft.number > MOST:
        raise ReplyRefused(f"You have replied {MOST} times. Please write to the employer yourself")
    reply = LeadReply(
        lead=lead,
        ukprn=provider.ukprn,
        number=draft.number,
        account_id=account.id,
        kind=draft.kind,
        facet_id=_facet_id(shown.need, draft.position),
        offer_id=_own(provider, draft.offer_id) if draft.kind == "offer" else None,
        reason=draft.reason if draft.kind == "cannot" else "",
        words=draft.words,
        reach=draft.reach,
        sent_at=now(),
    )
    db.session.add(reply)
    db.session.flush()
    audit.note("lead replied to", f"lead {lead.id}", kind=reply.kind, ukprn=provider.ukprn)
    tell_of_reply(reply, provider.name)
    return reply


def _facet_id(need: Need, position: int | None) -> int | None:
    if position is None:
        return None
    facet = next((f for f in need.live_facets if f.position == position), None)
    if facet is None:
        raise ReplyRefused("The employer no longer asks for this part. Please look at the need again")
    return facet.id


def _own(provider: Provider, offer_id: int | None) -> int:
    offer = db.session.get(Offer, offer_id) if offer_id is not None else None
    if offer is None or offer.provider_id != provider.id or offer.withdrawn_at is not None:
        raise ReplyRefused("Choose one of your own offers that is not withdrawn")
    return offer.id


def tell_of_reply(reply: LeadReply, provider_name: str) -> bool:
    """Posts the mail about a reply and notes it; False where it has to wait."""
    need = reply.lead.need
    why_not = WHY_NOT_BY_CODE.get(reply.reason)
    try:
        told = tell_employer(
            need,
            f"reply-{reply.id}",
            f"leads.reply-{reply.kind}",
            provider=provider_name[:120],
            offer=reply.offer.title if reply.offer else "",
            reason=why_not.employer_words if why_not else "",
            their_words=shortened(reply.words, REPEATED),
            ask=reply.reach,
        )
    except NoAddress:
        return False
    if told:
        reply.told_at = now()
    return told


def tell_waiting() -> int:
    """Posts the mails that had to wait, of leads that are still shared; returns how many. For the worker."""
    waiting = (
        select(LeadReply, Provider.name)
        .join(LeadReply.lead)
        .join(Lead.need)
        .join(Provider, Provider.ukprn == LeadReply.ukprn)
        .where(LeadReply.told_at.is_(None), is_live())
        .order_by(LeadReply.id)
    )
    return sum(tell_of_reply(reply, name) for reply, name in db.session.execute(waiting).all())


def reply_fits(need: Need, number: int) -> bool:
    """Notes that the offer in this reply fits; False where the need has no such reply.

    A reply about one facet answers that one, otherwise every facet that still stands.
    Raises OutcomeRefused for a need that was withdrawn, and for a facet that was taken away.
    """
    reply = db.session.scalar(
        select(LeadReply).join(LeadReply.lead).where(LeadReply.id == number, Lead.need_id == need.id)
    )
    if reply is None or reply.kind != "offer":
        return False
    facets: Iterable[Facet] = [reply.facet] if reply.facet is not None else need.live_facets
    for facet in facets:
        record_outcome(facet, "started" if facet.outcome == "started" else "fits")
    if reply.fits_at is None:
        reply.fits_at = now()
    return True
