"""The provider's side of a referral: what it is shown, and what it answers. Nothing else of the case is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.addresses import NoAddress, whole_address
from skillsmatch.cases.referral_models import Referral, ReferralAnswer
from skillsmatch.cases.referrals import ConsentedWords, PublishedFigures, ReleasedFigure
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.leads.seeing import lead_for
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.offers.models import Offer, Provider
from skillsmatch.texts.reading import letter

MOST = 6  # answers to one referral


class AnswerRefused(ValueError):
    """The answer cannot be taken; the words say why. Nothing typed is lost: the page shows it again."""


@dataclass(frozen=True, slots=True)
class Carries:
    """What a referral carries as it may be shown now, and how much of it may not be shown any more."""

    figures: tuple[ReleasedFigure, ...]
    words: tuple[ConsentedWords, ...]
    gone: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as filled in."""

    kind: str
    number: int  # how many answers there were when the form was opened, and one
    offer_id: int | None = None
    starts_on: date | None = None
    reason: str = ""
    words: str = ""
    reach: str = ""


def referrals_to(provider: Provider) -> list[Referral]:
    """What this provider was asked, the latest first."""
    asked = _to(provider).options(selectinload(Referral.answers))
    return list(db.session.scalars(asked.order_by(Referral.id.desc())))


def referral_to(provider: Provider, number: int, held: bool = False) -> Referral | None:
    """This referral, if it was sent to this provider. `held`: nobody else answers it until the transaction ends."""
    asked = _to(provider).where(Referral.id == number)
    return db.session.scalar(asked.with_for_update(key_share=True) if held else asked)


def _to(provider: Provider) -> Select[tuple[Referral]]:
    """Those of a demonstration's account are there in a demonstration only."""
    asked = select(Referral).where(Referral.ukprn == provider.ukprn)
    return asked if current_app.config["DEMO"] else asked.where(Referral.demonstration.is_(False))


def figures_of(referral: Referral, published: PublishedFigures) -> tuple[ReleasedFigure, ...]:
    """Its figures that are published still."""
    return tuple(figure for place in referral.figures if (figure := published.at(place)) is not None)


def carries(referral: Referral, provider: Provider) -> Carries:
    """What it carries: figures that are published still, and needs whose employers let this provider see them now."""
    figures = figures_of(referral, PublishedFigures())
    seen = [lead_for(provider, one.lead_id) for one in referral.leads]
    words = tuple(ConsentedWords(shown) for shown in seen if shown is not None)
    gone = len(referral.figures) - len(figures) + len(seen) - len(words)
    return Carries(figures, words, gone)


def own_offers(provider: Provider) -> list[Offer]:
    """The provider's standing offers, by title."""
    standing = select(Offer).where(Offer.provider_id == provider.id, Offer.withdrawn_at.is_(None))
    return list(db.session.scalars(standing.order_by(Offer.title, Offer.id)))


def send_answer(provider: Provider, account: Account, number: int, draft: Draft) -> ReferralAnswer:
    """The answer, kept, and in the case's history; the case's owner is told by mail.

    Refused (AnswerRefused): one that a colleague has come before with, more than MOST, a first day gone by, and
    an offer that is not the provider's own. Raises LookupError where the referral is not this provider's.
    """
    referral = referral_to(provider, number, held=True)
    if referral is None:
        raise LookupError(number)
    if draft.number != len(referral.answers) + 1:
        raise AnswerRefused(
            "An answer from your organisation was sent since you opened this page. Look at it first"
        )
    if draft.number > MOST:
        raise AnswerRefused(f"You have answered {MOST} times. Please write to the Chamber yourself")
    if draft.kind == "new" and draft.starts_on is not None and draft.starts_on < today():
        raise AnswerRefused("The first day has gone by. Give a day from today on, or leave it empty")
    answer = ReferralAnswer(
        referral=referral,
        number=draft.number,
        account_id=account.id,
        kind=draft.kind,
        offer_id=_own(provider, draft.offer_id) if draft.kind == "have" else None,
        starts_on=draft.starts_on if draft.kind == "new" else None,
        reason=draft.reason if draft.kind == "cannot" else "",
        words=draft.words,
        reach=draft.reach,
        sent_at=now(),
    )
    db.session.add(answer)
    db.session.flush()
    facts = {"answer": answer.id, "answered": answer.kind}
    referral.case.tell("answered", None, after=provider.name, facts=facts)
    audit.note(
        "referral answered", f"referral {referral.id}", by=account, kind=answer.kind, ukprn=provider.ukprn
    )
    _tell_owner(answer, provider)
    return answer


def _tell_owner(answer: ReferralAnswer, provider: Provider) -> None:
    """A mail to the case's owner, as far as there is one who can be written to: the case shows the answer anyway."""
    case = answer.referral.case
    if case.owner is None or not case.owner.is_active:
        return
    try:
        url = whole_address("cases.case", number=case.id)
        mail = letter("cases.answer", name=case.owner.name, provider=provider.name, link=url)
        post(f"answer-{answer.id}", case.owner.email, mail.subject, mail.body)
    except (NoAddress, TooManyMessages):
        return


def _own(provider: Provider, offer_id: int | None) -> int:
    offer = db.session.get(Offer, offer_id) if offer_id is not None else None
    if offer is None or offer.provider_id != provider.id or offer.withdrawn_at is not None:
        raise AnswerRefused("Choose one of your own offers that is not withdrawn")
    return offer.id
