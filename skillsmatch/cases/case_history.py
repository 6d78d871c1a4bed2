"""A case's history as officers read it: one sentence for each thing that was done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.cases.case_models import Case, CaseEvent
from skillsmatch.cases.case_moves import NO_ACTION_WHY, RAG, State
from skillsmatch.extensions import db
from skillsmatch.words import count_words, day_words

SERVICE = "The service"
ANSWERED = {"new": "will run new training", "have": "has training already", "cannot": "cannot help"}
HEARD = {
    "helps": "training we wrote about helps",
    "no": "none of it helps",
    "no-longer": "training that it said helps does not help after all",
}

WRITTEN_TO = {None: "", True: ", who was told by mail", False: ", who could not be told by mail"}  # of a new owner


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: datetime
    who: str
    words: str
    note: str  # an officer's own words
    note_gone: bool  # whether there were words, which went with the need


def history_of(case: Case) -> list[Line]:
    """The history, the latest first."""
    asked = select(CaseEvent).where(CaseEvent.case_id == case.id).options(joinedload(CaseEvent.note))
    events = db.session.scalars(asked.order_by(CaseEvent.id.desc())).all()
    names = _names(events)
    return [_line(event, names) for event in events]


def line_of(event: CaseEvent) -> Line:
    """One line of it."""
    return _line(event, _names([event]))


def _names(events: Iterable[CaseEvent]) -> dict[int, str]:
    return names_of_accounts(n for e in events for n in (e.account_id, e.facts.get("to")))


def _line(event: CaseEvent, names: dict[int, str]) -> Line:
    return Line(
        at=event.at,
        who=names.get(event.account_id, "Somebody") if event.account_id else SERVICE,
        words=_words(event, names),
        note=event.note.words if event.note else "",
        note_gone=event.note is not None and not event.note.words,
    )


def _words(event: CaseEvent, names: dict[int, str]) -> str:
    facts = event.facts
    if event.kind == "opened":
        return "opened the case"
    if event.kind == "noted":
        return "wrote a note"
    if event.kind == "moved":
        why = NO_ACTION_WHY[facts["why"]].words if facts.get("why") else ""
        moved = f"moved it from “{State(event.before).words}” to “{State(event.after).words}”"
        return f"{moved}: {why}" if why else moved
    if event.kind == "handed-over":
        to = names.get(facts["to"], "somebody who has left")
        return f"handed it over to {to}" + WRITTEN_TO[facts.get("told")]
    if event.kind in ("lead", "due", "rag"):
        return _plan_words(event)
    if event.kind == "referred":
        return f"asked {event.after}, with {carried_words(facts['figures'], facts['leads'])}"
    if event.kind == "answered":
        return f"has an answer from {event.after}: it {ANSWERED[facts['answered']]}"
    if event.kind == "fits-found":
        offers, needs = count_words(facts["offers"], "offer"), count_words(facts["needs"], "need")
        return f"found {offers} that came or changed and {'fits' if facts['offers'] == 1 else 'fit'} {needs}"
    if event.kind == "told":
        return f"approved a mail to {count_words(facts['employers'], 'employer')}"
    return f"heard from an employer that {HEARD[facts['said']]}"


def carried_words(figures: int, leads: int) -> str:
    """What a referral carries: "2 published figures and 1 shared need", or the one that there is."""
    counted = ((figures, "published figure"), (leads, "shared need"))
    return " and ".join(count_words(count, what) for count, what in counted if count)


def _plan_words(event: CaseEvent) -> str:
    what = {"lead": "the lead organisation", "due": "the due date", "rag": "how it stands"}[event.kind]

    def said(value: str) -> str:
        if event.kind == "due":
            return day_words(value)
        return RAG.get(value, value) if event.kind == "rag" else value

    if not event.after:
        return f"took {what} away, which was {said(event.before)}"
    return f"set {what} to {said(event.after)}" + (f"; it was {said(event.before)}" if event.before else "")
