"""Opening a case and what an officer does to it. Each act is a line of its history and an entry of the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.case_models import Case, CaseEvent
from skillsmatch.cases.case_moves import RAG, MoveRefused, State
from skillsmatch.cases.models import FiledNeed, NeedGroup
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need


class CaseRefused(ValueError):
    """It cannot be done as things stand; the words say why."""


def officers() -> list[Account]:
    """Everybody who may own a case: the Chamber's officers and administrators who can sign in, by name."""
    active = db.session.scalars(select(Account).where(Account.disabled_at.is_(None)))
    return sorted(
        (a for a in active if a.has(Role.CHAMBER, Role.ADMIN)), key=lambda a: (a.name.casefold(), a.id)
    )


def live_case(*, group: NeedGroup | None = None, need: Need | None = None) -> Case | None:
    """The open case about this group or need."""
    about = Case.group_id == group.id if group else Case.need_id == need.id if need else None
    if about is None:
        return None
    return db.session.scalar(select(Case).where(about, Case.closed_at.is_(None)))


def open_case(
    by: Account,
    *,
    group: NeedGroup | None = None,
    need: Need | None = None,
    owner: Account | None = None,
    lead: str = "",
    due_on: date | None = None,
    rag: str = "amber",
    words: str = "",
) -> Case:
    """A new case about a group or a need, owned by `owner`, or else by who opens it.

    A group that was merged into another stands for that one. Refused (CaseRefused) where an open case is about it
    already, for a need that was withdrawn or whose words are gone, for a day gone by and an owner who is no officer.
    """
    group = group.standing if group else None
    if (group is None) == (need is None):
        raise CaseRefused("A case is about one group or about one need")
    if need is not None and not (need.is_open and need.text):
        raise CaseRefused("This need was withdrawn or its time is over, so nothing can be done about it")
    if live_case(group=group, need=need) is not None:
        raise CaseRefused("An open case is about this already")
    case = Case(
        group=group,
        need=need,
        owner=_officer(owner or by),
        lead=lead,
        due_on=_coming(due_on),
        rag=rag,
        state=State.REVIEW.value,
        decision="",
        no_action_why="",
        opened_at=now(),
    )
    db.session.add(case)
    case.tell("opened", by, words=words)
    db.session.flush()
    audit.note("case opened", f"case {case.id}", by=by, group=case.group_id, need=case.need_id)
