"""R9's log of the internal pack: what each provider was asked or saw of single needs, what it said, what came of it.

It is what a provider can show of having had regard to the plan, and what the Chamber can hold against that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from skillsmatch.cases.asked import Filters
from skillsmatch.cases.case_history import ANSWERED
from skillsmatch.cases.case_models import case_is_here
from skillsmatch.cases.case_moves import State
from skillsmatch.cases.pack.needs import theme_name
from skillsmatch.cases.pack.register import outcome_words, said_of_mails
from skillsmatch.cases.pack.sheets import Sheet, Value
from skillsmatch.cases.referral_models import QUESTIONS, Referral, ReferralAnswer
from skillsmatch.cases.referrals import theme_words, themes_of
from skillsmatch.clock import day_of
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.leads.wording import WHY_NOT_BY_CODE
from skillsmatch.needs.models import is_here
from skillsmatch.offers.models import Provider

NO_ANSWER = "no answer yet"
REPLIED = {"offer": "named training", "contact": "wants to be talked to about it", "cannot": "cannot help"}
SHARED = "A need that its employer let it see"
Line = tuple[int, date, tuple[Value, ...]]  # of whom, the day, and the other cells


def r9_log(filters: Filters) -> Sheet:
    """Each question of the Chamber, and each shared need that a provider replied to, with the answer and its outcome.

    A question stands here that was sent, or answered, within the dates; a shared need that was replied to in them.
    """
    names = dict(db.session.execute(select(Provider.ukprn, Provider.name)).tuples().all())
    lines = sorted([*_asked(filters), *_replied(filters)], key=lambda line: line[:2])
    return Sheet(
        code="R9",
        name="Provider log",
        title="Providers: what they were asked, what they answered, and what came of it",
        words=(
            "A provider’s words to the Chamber stand as it wrote them. What it wrote to employers does not stand here.",
            "“Case” is at /cases/case/ with its number. Offers that were added or changed are counted in “Providers”.",
        ),
        header=(
            *("UKPRN", "Provider", "Day", "What it was asked", "About", "Case", "Answered on", "What it answered"),
            *("In its words", "Starts on", "Outcome"),
        ),
        rows=tuple((ukprn, names.get(ukprn, ""), day, *rest) for ukprn, day, rest in lines),
        in_document=False,
        none="No provider was asked anything in these dates, and none replied to a need that was shared with it.",
    )


def _asked(filters: Filters) -> Iterator[Line]:
    """A line for each answer to the Chamber's questions, or one that says that there is none yet."""
    first, after = filters.moments
    answered = Referral.answers.any((ReferralAnswer.sent_at >= first) & (ReferralAnswer.sent_at < after))
    wanted = select(Referral).join(Referral.case).where(case_is_here()).order_by(Referral.id)
    wanted = wanted.where(or_((Referral.sent_at >= first) & (Referral.sent_at < after), answered))
    with_all = wanted.options(joinedload(Referral.case), selectinload(Referral.answers))
    said = said_of_mails()
    for referral in db.session.scalars(with_all):
        case = referral.case
        about = "; ".join(theme_words(themes_of(case)))
        outcome = outcome_words(case, said)
        decision = State(case.decision).words if case.decision else "not decided yet"
        came = f"{decision}; {outcome}" if outcome else decision
        answers: list[ReferralAnswer | None] = [*referral.answers] or [None]
        for answer in answers:
            yield (
                referral.ukprn,
                day_of(referral.sent_at),
                (
                    *(QUESTIONS[referral.question], about, case.id),
                    *((day_of(answer.sent_at), _answer_words(answer)) if answer else (None, NO_ANSWER)),
                    *((answer.words, answer.starts_on) if answer else ("", None)),
                    came,
                ),
            )


def _answer_words(answer: ReferralAnswer) -> str:
    words = ANSWERED[answer.kind]
    if answer.offer is not None:
        return f"{words}: {answer.offer.title}"
    return f"{words}: {WHY_NOT_BY_CODE[answer.reason].provider_words.lower()}" if answer.reason else words


def _replied(filters: Filters) -> Iterator[Line]:
    """A line for each reply to a need that its employer let the provider see."""
    first, after = filters.moments
    wanted = select(LeadReply).join(LeadReply.lead).join(Lead.need).where(is_here()).order_by(LeadReply.id)
    wanted = wanted.where(LeadReply.sent_at >= first, LeadReply.sent_at < after)
    wanted = wanted.options(joinedload(LeadReply.facet), joinedload(LeadReply.offer), joinedload(LeadReply.lead))
    for reply in db.session.scalars(wanted):
        facets = [reply.facet] if reply.facet else reply.lead.need.live_facets
        words = REPLIED[reply.kind]
        if reply.offer is not None:
            words = f"{words}: {reply.offer.title}"
        elif reply.reason:
            words = f"{words}: {WHY_NOT_BY_CODE[reply.reason].provider_words.lower()}"
        yield (
            reply.ukprn,
            day_of(reply.sent_at),
            (
                *(SHARED, "; ".join(dict.fromkeys(theme_name(facet.theme) for facet in facets)), None),
                *(day_of(reply.sent_at), words, "", None),
                "its employer says that it fits" if reply.fits_at else "",
            ),
        )
