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
from skillsmatch.needs.models import Facet, Need
from skillsmatch.words import count_words, day_words


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
    facets = tuple(FacetBecame(facet, tuple(_words(facet, about[facet.id]))) for facet in need.live_facets)
    told: dict[int, tuple[ToldOffer, datetime]] = {}
    for mail in mails_to(need):
        for one in mail.told:
            if mail.posted_at is not None:
                told.setdefault(one.offer_id, (one, mail.posted_at))
    return Became(facets, tuple(told.values()))


def _words(facet: Facet, cases: list[Case]) -> list[str]:
    chamber = current_app.extensions["area"].chamber
    if facet.outcome == "started":
        return ["You have started training. This need is met."]
    if facet.outcome == "fits":
        return ["You said that training fits. This need is met once you have started."]
    if not facet.is_unmet and not cases:
        return ["We showed you training. Tell us whether it fits: then we know whether this need is met."]
    if not cases:
        return [
            f"Nothing fitted. {chamber} has it on its list of unmet needs. Nobody has decided about it yet."
        ]
    return _case_words(cases[0], chamber)


def _case_words(case: Case, chamber: str) -> list[str]:
    if not case.decision:
        return [
            f"{chamber} has been looking at it since {day_words(case.opened_at.date())}. Nothing is decided yet."
        ]
    decided = day_words((case.decided_at or case.opened_at).date())
    sentences = [_decision_words(case, chamber, decided)]
    if not case.is_open and case.closed_at is not None:
        sentences.append(f"{chamber} closed the matter on {day_words(case.closed_at.date())}.")
    return sentences


def _decision_words(case: Case, chamber: str, decided: str) -> str:
    state = State(case.decision)
    if state == REFERRED:
        asked = len({referral.ukprn for referral in case.referrals})
        answered = len({referral.ukprn for referral in case.referrals if referral.answers})
        have = "has" if answered == 1 else "have"
        return (
            f"{chamber} asked {count_words(asked, 'training provider')} about it on {decided}, without saying who "
            f"asked. {answered or 'None'} {have} answered."
        )
    if state == AGREED:
        by = f" It should be there by {day_words(case.due_on)}." if case.due_on else ""
        return f"New training for it was agreed on {decided}.{by}"
    if state == EXISTS:
        return f"{chamber} found on {decided} that there is training for it."
    if state == NATIONAL:
        return f"A national rule stands in the way. {chamber} put it to Skills England on {decided}."
    why = NO_ACTION_WHY[case.no_action_why].employer_words
    return f"{chamber} decided on {decided} to do nothing, because {why}."
