"""What became of a need, in plain words, for its employer's own pages. Codes only: no officer's words are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from skillsmatch.cases.case_facets import cases_about
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_moves import (
    AGREED,
    EXISTS,
    NATIONAL,
    NO_ACTION_WHY,
    REFERRED,
    State,
)
from skillsmatch.cases.fit_models import ToldOffer
from skillsmatch.cases.helping import helping, mails_to
from skillsmatch.clock import today
from skillsmatch.needs.models import Facet, Need
from skillsmatch.words import day_words


@dataclass(frozen=True, slots=True)
class FacetBecame:
    """What became of one facet."""

    facet: Facet
    words: tuple[str, ...]  # sentences


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a need: facet by facet, and the training we wrote about since."""

    facets: tuple[FacetBecame, ...]
    told: tuple[
        tuple[ToldOffer, datetime], ...
    ]  # each offer once, with the day of the mail; the latest first


@helping.app_template_global()
def became_of(need: Need) -> Became:
    """What became of this need, as it stands now. Always something: that nobody has decided yet is said too."""
    about = cases_about(need)
    told = _told(need)
    facets = tuple(
        FacetBecame(facet, tuple(_words(facet, about[facet.id], bool(told)))) for facet in need.live_facets
    )
    return Became(facets, told)


def _told(need: Need) -> tuple[tuple[ToldOffer, datetime], ...]:
    """Each offer that we wrote about, once: as it was answered, or else as it was told last."""
    found: dict[int, tuple[ToldOffer, datetime]] = {}
    for mail in mails_to(need):
        for one in mail.told:
            known = found.get(one.offer_id)
            if mail.posted_at is not None and (known is None or (one.said and not known[0].said)):
                found[one.offer_id] = (one, mail.posted_at)
    return tuple(found.values())


def _words(facet: Facet, cases: list[Case], told: bool) -> list[str]:
    chamber = current_app.extensions["area"].chamber
    if facet.outcome == "started":
        return ["You have started training. This need is met."]
    if facet.outcome == "fits":
        return ["You said that training fits. Once you have started, tell us on the page of your results."]
    if not facet.is_unmet and not cases:
        return ["We showed you training. Tell us whether it fits: then we know whether this need is met."]
    if not cases:
        return [
            f"Nothing fitted. {chamber} has it on its list of unmet needs. Nobody has decided about it yet."
        ]
    return _case_words(facet.need, cases[0], chamber, told)


def _case_words(need: Need, case: Case, chamber: str, told: bool) -> list[str]:
    if not case.decision:
        return [
            f"{chamber} has been looking at it since {day_words(case.opened_at)}. Nothing is decided yet."
        ]
    sentences = _decision_words(need, case, chamber, told)
    if case.closed_at is not None:
        sentences.append(f"{chamber} closed the matter on {day_words(case.closed_at)}.")
    return sentences


def _decision_words(need: Need, case: Case, chamber: str, told: bool) -> list[str]:
    state, decided = State(case.decision), day_words(case.decided_at or case.opened_at)
    if state == REFERRED:
        return _asked_words(need, case, chamber)
    if state == AGREED:
        return [f"New training for it was agreed on {decided}.", *_by_words(case)]
    if state == EXISTS:
        where = [] if told else ["Search again on the page of your results to see what there is now."]
        return [f"{chamber} found on {decided} that there is training for it.", *where]
    if state == NATIONAL:
        return [
            f"A national rule stands in the way. {chamber} took it to Skills England on {decided}.",
            "That is the government’s agency for skills.",
        ]
    why = NO_ACTION_WHY[case.no_action_why].employer_words
    return [f"{chamber} decided on {decided} to do nothing, because {why}."]


def _by_words(case: Case) -> list[str]:
    if case.due_on is None:
        return []
    should = "should be" if case.due_on >= today() else "should have been"
    return [f"It {should} there by {day_words(case.due_on)}."]


def _asked_words(need: Need, case: Case, chamber: str) -> list[str]:
    """How many providers were asked since when, whether they saw this very need, and how many have answered."""
    asked = len({referral.ukprn for referral in case.referrals})
    answered = len({referral.ukprn for referral in case.referrals if referral.answers})
    own = any(one.lead.need_id == need.id for referral in case.referrals for one in referral.leads)
    if own:
        how = f"Your need went along{', as' if asked == 1 else ' to those whom'} you had allowed."
    else:
        how = f"{'It was' if asked == 1 else 'They were'} not told who asked."
    first = day_words(min((referral.sent_at for referral in case.referrals), default=case.opened_at))
    if asked == 1:
        has = "It has answered." if answered else "It has not answered yet."
        return [f"{chamber} asked a training provider about it on {first}.", how, has]
    has = f"{answered or 'None'} {'has' if answered == 1 else 'have'} answered."
    return [f"{chamber} asked {asked} training providers about it, first on {first}.", how, has]
