"""Telling employers of training that came later: an officer looks at the batch first, and approves it or not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.addresses import NoAddress, whole_address
from skillsmatch.cases.case_keeping import CaseRefused
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.fit_models import FitBatch, FitMail, ToldOffer
from skillsmatch.cases.fits import CaseFits, fits_of
from skillsmatch.clock import now, today
from skillsmatch.demand.models import DEMONSTRATION, UNMET
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.contact import manage_secret
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.documents import offered
from skillsmatch.offers.models import Offer
from skillsmatch.texts.reading import Letter as Written
from skillsmatch.texts.reading import letter as written_by
from skillsmatch.texts.reading import shortened
from skillsmatch.words import count_words

MONTH = timedelta(days=30)  # one mail for a need in so long
MOST = 5  # offers in one mail, the likeliest
LONGEST_WORDS = 300  # characters of the need in its mail
HIDDEN_WORDS = "[the employer's own words]"
HIDDEN_LINK = "[the employer's private link]"
# Why somebody is left out, by how many needs it is told.
NO_EMAIL = "no confirmed e-mail"
TOO_SOON = "a mail about this need within the last month"
WAITS = "an approved mail about this need waits for its turn"
STOPPED = "asked not to be written to about this need"
TOLD = "told of these offers already"


class BatchChanged(CaseRefused):
    """What the officer looked at is no longer what would be sent; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One need's mail: the offers it tells of, each with the facet that it fits; the likeliest offers first."""

    need: Need
    told: tuple[tuple[Facet, Offer], ...]

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The offers, each once."""
        return tuple(dict.fromkeys(offer for _, offer in self.told))


@dataclass(frozen=True, slots=True)
class Variant:
    """One text, word for word but for the employer's own words and link, and how many get it."""

    mail: Written
    count: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What would be sent: to how many, in which words, and who is left out and why."""

    letters: tuple[Letter, ...]
    variants: tuple[Variant, ...]
    left_out: tuple[tuple[str, int], ...]
    digest: str  # of recipients and texts: what is approved is what was looked at

    @property
    def count(self) -> int:
        """How many mails."""
        return len(self.letters)


def batch_for(case: Case, offers: Collection[int] | None = None) -> Batch:
    """The batch that tells this case's employers of these offers, or of all that fit now. Nothing is stored."""
    letters: list[Letter] = []
    left_out: dict[str, int] = {}
    by_need = _by_need(fits_of(case), offers)
    history = _history(by_need)
    for need, told in by_need.items():
        why, fresh = _may_be_told(need, told, history.get(need.id, []))
        if why:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            letters.append(Letter(need, _likeliest(fresh)))
    letters.sort(key=lambda letter: letter.need.id)
    variants = _variants(letters)
    parts = [f"{letter.need.id}:{[(f.id, o.id) for f, o in letter.told]}" for letter in letters]
    texts_sent = [f"{variant.mail.subject}\n{variant.mail.body}" for variant in variants]
    digest = sha256("\n".join([*parts, *texts_sent]).encode()).hexdigest()[:32]
    return Batch(tuple(letters), variants, tuple(sorted(left_out.items())), digest)


Told = list[tuple[Facet, Offer]]


def _by_need(fits: CaseFits, offers: Collection[int] | None) -> dict[Need, Told]:
    found: dict[Need, Told] = {}
    for one in fits.offers:
        if offers is None or one.offer.id in offers:
            for facet in one.facets:
                found.setdefault(facet.need, []).append((facet, one.offer))
    return found


def _likeliest(told: Told) -> tuple[tuple[Facet, Offer], ...]:
    """Those of the first offers; `fits_of` has put them in order."""
    few = list(dict.fromkeys(offer.id for _, offer in told))[:MOST]
    return tuple(pair for pair in told if pair[1].id in few)


def _history(needs: Iterable[Need]) -> dict[int, list[FitMail]]:
    numbers = [need.id for need in needs]
    asked = select(FitMail).where(FitMail.need_id.in_(numbers), FitMail.dropped_at.is_(None))
    asked = asked.options(selectinload(FitMail.told))
    found: dict[int, list[FitMail]] = {}
    for mail in db.session.scalars(asked.order_by(FitMail.id)):
        found.setdefault(mail.need_id, []).append(mail)
    return found


def _may_be_told(need: Need, told: Told, before: Sequence[FitMail]) -> tuple[str, Told]:
    """Why this need gets no mail, or "" and what is new to it."""
    if not _reachable(need):
        return NO_EMAIL, []
    if any(mail.stopped_at for mail in before):
        return STOPPED, []
    if any(mail.posted_at is None for mail in before):
        return WAITS, []
    if any(mail.posted_at is not None and mail.posted_at > now() - MONTH for mail in before):
        return TOO_SOON, []
    known = {(one.facet_id, one.offer_id) for mail in before for one in mail.told}
    fresh = [(facet, offer) for facet, offer in told if (facet.id, offer.id) not in known]
    return ("", fresh) if fresh else (TOLD, [])


def _reachable(need: Need) -> bool:
    verified = need.email and need.email_verified_at is not None and need.manage_digest
    return (
        bool(verified)
        and (need.channel != DEMONSTRATION or bool(current_app.config["DEMO"]))
        and need.is_open
        and bool(need.text)
        and not need.suspect
        and need.kept_until >= today()
    )


def _variants(letters: Iterable[Letter]) -> tuple[Variant, ...]:
    counts: dict[tuple[Offer, ...], int] = {}
    for letter in letters:
        counts[letter.offers] = counts.get(letter.offers, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], [offer.id for offer in item[0]]))
    return tuple(Variant(mail_of(HIDDEN_WORDS, offers, HIDDEN_LINK), count) for offers, count in ordered)


def mail_of(words: str, offers: Sequence[Offer], link: str) -> Written:
    """The mail that tells of these offers, in the Chamber's words as they stand now."""
    listed = "\n\n".join(
        f"  - {offer.title}\n    {offer.provider.name}\n    {whole_address('offers.offer', offer_id=offer.id)}"
        for offer in offers
    )
    return written_by("cases.fits", need=shortened(words, LONGEST_WORDS), offers=listed, link=link)


def approve(case: Case, by: Account, offers: Collection[int], digest: str) -> FitBatch:
    """The batch as the officer looked at it, with its mails in the outbox; the case's history says how many.

    An employer whose address has had its mails for the day gets this one from `flask work`, when the day is over.
    Refused (CaseRefused) for a closed case and where nobody would be told; BatchChanged where what would be sent
    is no longer what `digest` names.
    """
    if not case.is_open:
        raise CaseRefused("The case is closed. Open it again first")
    needs = [letter.need.id for letter in batch_for(case, offers).letters]
    # Two officers with cases about one need go one after the other, so that it gets one mail and not two.
    held = select(Need).where(Need.id.in_(needs)).order_by(Need.id).with_for_update(key_share=True)
    db.session.execute(held.execution_options(populate_existing=True)).all()
    batch = batch_for(case, offers)
    if batch.digest != digest:
        raise BatchChanged(
            "What would be sent has changed since you looked at it. Nothing was sent. Please look at it again"
        )
    if not batch.letters:
        raise CaseRefused("Nobody would get this mail, so nothing was sent")
    kept = FitBatch(case=case, approved_by=by.id, approved_at=now())
    db.session.add(kept)
    for letter in batch.letters:
        told = [ToldOffer(facet=facet, offer=offer, said="") for facet, offer in letter.told]
        kept.mails.append(FitMail(need=letter.need, made_at=now(), told=told))
    db.session.flush()
    numbers = sorted({offer.id for letter in batch.letters for offer in letter.offers})
    for mail in kept.mails:
        _post(mail, set(numbers))
    case.tell("told", by, facts={"employers": batch.count, "offers": numbers})
    audit.note("mails to employers approved", f"case {case.id}", by=by, batch=kept.id, mails=batch.count)
    return kept


def _post(mail: FitMail, standing: Collection[int]) -> bool:
    """Posts the mail with what still holds; False where it has to wait or where nothing is left to tell.

    `standing` has the numbers of the offers that stand, of those it tells of.
    """
    need = mail.need
    told = [one for one in mail.told if one.facet.removed_at is None and one.facet.outcome in UNMET]
    offers = list(dict.fromkeys(one.offer for one in told if one.offer_id in standing))
    if not offers or not _reachable(need) or _stopped(need):
        mail.dropped_at = now()
        return False
    link = whole_address("helping.page", secret=manage_secret(need))
    written = mail_of(need.text, offers, link)
    try:
        post(f"fits-{need.reference}-{mail.id}", need.email, written.subject, written.body)
    except TooManyMessages:
        return False
    mail.posted_at = now()
    return True


def _stopped(need: Need) -> bool:
    """Whether its employer said in answer to any mail that no more of them should come."""
    said = exists().where(FitMail.need_id == need.id, FitMail.stopped_at.is_not(None))
    return bool(db.session.scalar(select(said)))


def post_waiting() -> int:
    """Posts the approved mails that had to wait; returns how many. For the worker, inside `keep`.

    Without SKILLSMATCH_BASE_URL they go on waiting, because no link can be put into them.
    """
    waiting = select(FitMail).where(FitMail.posted_at.is_(None), FitMail.dropped_at.is_(None))
    # A need that is withdrawn in this moment drops its mail first, or finds it posted and takes it out of the outbox.
    waiting = waiting.order_by(FitMail.id).with_for_update(key_share=True)
    posted, mails = 0, db.session.scalars(waiting).all()
    told = {one.offer_id for mail in mails for one in mail.told}
    standing = set(db.session.scalars(select(Offer.id).where(Offer.id.in_(told), offered())))
    for mail in mails:
        try:
            posted += _post(mail, standing)
        except NoAddress:
            break
    return posted


def mails_wait() -> bool:
    """Whether an approved mail waits: asked before a write transaction is begun."""
    waiting = exists().where(FitMail.posted_at.is_(None), FitMail.dropped_at.is_(None))
    return bool(db.session.scalar(select(waiting)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case's mails, in needs."""

    told: int  # whose mail has gone out
    helps: int
    no: int
    waits: int  # approved, and not posted yet

    @property
    def words(self) -> str:
        """In a sentence."""
        if not self.told:
            return "No employer has been told yet"
        silent = self.told - self.helps - self.no
        return (
            f"Employers of {count_words(self.told, 'need')} told: {self.helps} said that it helps, {self.no} that it "
            f"does not, {silent} {'has' if silent == 1 else 'have'} not answered"
        )


def outcome_of(case: Case) -> Outcome:
    """What the employers of this case have said to its mails."""
    mails = (
        select(FitMail).join(FitMail.batch).where(FitBatch.case_id == case.id, FitMail.dropped_at.is_(None))
    )
    said: dict[int, set[str]] = {}
    waits = 0
    for mail in db.session.scalars(mails.options(selectinload(FitMail.told))):
        if mail.posted_at is None:
            waits += 1
        else:
            said.setdefault(mail.need_id, set()).update(one.said for one in mail.told)
    helps = sum("helps" in words for words in said.values())
    no = sum("no" in words and "helps" not in words for words in said.values())
    return Outcome(len(said), helps, no, waits)
