"""Case, CaseNote and CaseEvent: what the Chamber does about an unmet need, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from skillsmatch.accounts.models import Account
from skillsmatch.cases.case_moves import (
    CLOSED,
    DECISIONS,
    NO_ACTION,
    NO_ACTION_WHY,
    RAG,
    REVIEW,
    STATES,
    Said,
    Standing,
    State,
    check_move,
)
from skillsmatch.cases.models import NeedGroup
from skillsmatch.clock import now, today
from skillsmatch.database import Base, one_of
from skillsmatch.needs.models import Need

if TYPE_CHECKING:
    from skillsmatch.cases.referral_models import Referral

LONGEST_LEAD = 200  # characters of a lead organisation's name
EVENTS = (
    *("opened", "moved", "noted", "handed-over", "lead", "due", "rag"),
    *("referred", "answered", "fits-found", "told", "helped"),
)
# What changes the case itself: a form that was opened before the last of these no longer fits it.
CHANGES = ("opened", "moved", "handed-over", "lead", "due", "rag")
_LIVE = text("closed_at IS NULL")


class Case(Base):
    """What the Chamber does about one need group, or one need: who owns it, what was decided, by when.

    The table is not called `case`, which is a word of SQL.
    """

    __tablename__ = "unmet_case"
    __table_args__ = (
        CheckConstraint("(group_id IS NULL) != (need_id IS NULL)", name="about_one_thing"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_and_when"),
        CheckConstraint("(decision = 'no-action') = (no_action_why != '')", name="no_action_says_why"),
        one_of("state", STATES, empty=False),
        one_of("decision", DECISIONS),
        one_of("no_action_why", tuple(NO_ACTION_WHY)),
        one_of("rag", tuple(RAG), empty=False),
        Index(
            "uq_unmet_case_live_group", "group_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        ),
        Index("uq_unmet_case_live_need", "need_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_unmet_case_listed", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("need_group.id"), index=True)
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    lead: Mapped[str] = mapped_column(String(LONGEST_LEAD), default="")  # the organisation that leads
    state: Mapped[str] = mapped_column(String(10), default=REVIEW.value)
    decision: Mapped[str] = mapped_column(
        String(10), default=""
    )  # the last one; it stays when the case is closed
    no_action_why: Mapped[str] = mapped_column(String(12), default="")
    rag: Mapped[str] = mapped_column(String(5), default="amber")
    due_on: Mapped[date | None] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(DateTime)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime)
    closed_at: Mapped[datetime | None] = mapped_column(DateTime)

    group: Mapped[NeedGroup | None] = relationship()
    need: Mapped[Need | None] = relationship()
    owner: Mapped[Account | None] = relationship()
    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.id")
    referrals: Mapped[list[Referral]] = relationship(back_populates="case", order_by="Referral.id")

    @property
    def is_open(self) -> bool:
        """True until it is closed."""
        return self.closed_at is None

    @property
    def is_overdue(self) -> bool:
        """True for an open case whose day has gone by."""
        return self.is_open and self.due_on is not None and self.due_on < today()

    @property
    def last_change(self) -> CaseEvent:
        """The line of the history that last changed where the case stands, whose it is or its plan."""
        return next(event for event in reversed(self.events) if event.kind in CHANGES)

    @property
    def standing(self) -> Standing:
        """What decides where the case may go. Referrals and mails from before it was last opened do not count."""
        began = max(
            (e.at for e in self.events if e.kind == "opened" or _opened_again(e)), default=self.opened_at
        )
        since = [referral for referral in self.referrals if referral.sent_at >= began]
        return Standing(
            state=State(self.state),
            owned=self.owner is not None and self.owner.is_active,
            lead=bool(self.lead),
            due=self.due_on is not None,
            referred=len(since),
            answered=sum(bool(referral.answers) for referral in since),
            told=sum(e.facts.get("employers", 0) for e in self.events if e.kind == "told" and e.at >= began),
        )

    def move_to(self, state: State, by: Account | None, words: str = "", why: str = "") -> CaseEvent:
        """The case stands there from now on, and its history says who moved it, from where and with what words.

        Refused (MoveRefused) where the move makes no sense, with the reason. `why` is for no action only.
        """
        check_move(self.standing, state, Said(words, why))
        before = self.state
        self.state = state.value
        self.closed_at = now() if state == CLOSED else None
        if state == REVIEW:
            self.decision = self.no_action_why = ""
            self.decided_at = None
        if state.is_decision:
            self.decision, self.decided_at = state.value, now()
            self.no_action_why = why if state == NO_ACTION else ""
        facts = {"why": why} if state == NO_ACTION else {}
        return self.tell("moved", by, before=before, after=state.value, words=words, facts=facts)

    def tell(
        self,
        kind: str,
        by: Account | None,
        *,
        before: str = "",
        after: str = "",
        words: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> CaseEvent:
        """A new line of the history. `words` are an officer's own; without `by` the service itself did it."""
        note = CaseNote(case=self, words=words, made_at=now()) if words else None
        event = CaseEvent(
            at=now(),
            account_id=by.id if by else None,
            kind=kind,
            before=before[:LONGEST_LEAD],
            after=after[:LONGEST_LEAD],
            facts=dict(facts or {}),
            note=note,
        )
        self.events.append(event)
        return event


def case_is_here() -> ColumnElement[bool]:
    """True of a case that this service shows: one that a demonstration's account opened is there in one only."""
    if current_app.config["DEMO"]:
        return true()
    shown = select(CaseEvent.case_id).join(Account, Account.id == CaseEvent.account_id)
    return Case.id.not_in(shown.where(CaseEvent.kind == "opened", Account.demonstration))


def _opened_again(event: CaseEvent) -> bool:
    return event.kind == "moved" and event.before == CLOSED


class CaseNote(Base):
    """An officer's own words in a case. They are never changed; they go only with the need that they are about."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("unmet_case.id"), index=True)
    words: Mapped[str] = mapped_column(Text)  # a trigger lets them be emptied and refuses every other change
    made_at: Mapped[datetime] = mapped_column(DateTime)

    case: Mapped[Case] = relationship()


class CaseEvent(Base):
    """One thing that was done in a case. Rows are only added: a trigger refuses every change (see the migration).

    It holds codes, counts and names of organisations; never an employer's words, nor an officer's name.
    """

    __tablename__ = "case_event"
    __table_args__ = (one_of("kind", EVENTS, empty=False),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("unmet_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    # No foreign key: the event outlives the account, whose name is looked up while it is known. Empty: the service.
    account_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(String(LONGEST_LEAD), default="")
    after: Mapped[str] = mapped_column(String(LONGEST_LEAD), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note_id: Mapped[int | None] = mapped_column(ForeignKey("case_note.id"), index=True)

    case: Mapped[Case] = relationship(back_populates="events")
    note: Mapped[CaseNote | None] = relationship()
