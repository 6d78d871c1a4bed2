"""The actions of the plan: who owns what, by when, done or not; each with every version that was saved."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select

from skillsmatch.cases.plan import RAG, PlanAction, not_invented
from skillsmatch.clock import now
from skillsmatch.extensions import db


class ActionChanged(ValueError):
    """Somebody else saved this action since the form was opened; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an action."""

    priority: str
    title: str
    owner: str = ""
    partners: str = ""
    starts_on: date | None = None
    due_on: date | None = None
    success: str = ""
    progress: str = ""
    rag: str = ""
    done_on: date | None = None
    public: bool = False
    removed: bool = False


FIELDS = tuple(field.name for field in fields(Said))


def all_actions() -> list[PlanAction]:
    """Every action in its latest version, without those removed: by priority, then by the day they are due."""
    return _latest(removed=False)


def removed_actions() -> list[PlanAction]:
    """Those that were taken out of the plan, as they were then."""
    return _latest(removed=True)


def _latest(*, removed: bool) -> list[PlanAction]:
    latest = select(func.max(PlanAction.id)).where(not_invented(PlanAction.saved_by)).group_by(PlanAction.action)
    rows = db.session.scalars(
        select(PlanAction).where(PlanAction.id.in_(latest), PlanAction.removed.is_(removed))
    )
    return sorted(rows, key=lambda a: (a.priority, a.due_on or date.max, a.action))


def versions_of(action: int) -> list[PlanAction]:
    """Every version of an action, the latest first; empty where there is none of this number."""
    every = select(PlanAction).where(PlanAction.action == action, not_invented(PlanAction.saved_by))
    return list(db.session.scalars(every.order_by(PlanAction.number.desc())))


def save_action(action: int | None, said: Said, seen: int, by: str) -> PlanAction:
    """A new version in the caller's transaction, or a new action where `action` is None.

    `seen` is the version that the person changed. Refused (ActionChanged) where another one stands by now.
    """
    if action is None:
        action, seen = (db.session.scalar(select(func.max(PlanAction.action))) or 0) + 1, 0
    elif (versions := versions_of(action)) and versions[0].number != seen:
        raise ActionChanged(action)
    values = {name: getattr(said, name) for name in FIELDS}
    row = PlanAction(action=action, number=seen + 1, **values, saved_at=now(), saved_by=by)
    db.session.add(row)
    db.session.flush()
    return row


def standing_words(action: PlanAction, day: date) -> str:
    """How an action stands, in a few words."""
    if action.done_on is not None:
        return "Done"
    if action.is_overdue(day):
        return "Overdue"
    return rated_words(action).capitalize()


def rated_words(action: PlanAction) -> str:
    """What was said of how it goes: "amber", "not rated"."""
    return RAG.get(action.rag, "Not rated").split(":")[0].lower()
