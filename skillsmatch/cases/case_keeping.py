"""Opening a case and what an officer does to it. Each act is a line of its history and an entry of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.sign_ins import is_at_home
from skillsmatch.addresses import NoAddress, whole_address
from skillsmatch.cases.case_facets import anything_stands, once_called
from skillsmatch.cases.case_models import Case, CaseEvent, case_is_here
from skillsmatch.cases.case_moves import RAG, MoveRefused, State
from skillsmatch.cases.models import NeedGroup
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.models import Need
from skillsmatch.texts.reading import letter

FURTHEST = 10  # years to a due date; what is later is a slip of the pen


class CaseRefused(ValueError):
    """It cannot be done as things stand; the words say why."""


def officers() -> list[Account]:
    """Everybody who may own a case: the Chamber's officers and administrators who can sign in, by name."""
    active = select(Account).where(Account.disabled_at.is_(None)).options(joinedload(Account.organisation))
    return sorted(
        (account for account in db.session.scalars(active) if _may_own(account)),
        key=lambda account: (account.name.casefold(), account.id),
    )


def _may_own(account: Account) -> bool:
    return account.is_active and is_at_home(account) and account.has(Role.CHAMBER, Role.ADMIN)


def live_case(*, group: NeedGroup | None = None, need: Need | None = None) -> Case | None:
    """The open case about this need, or about this group or one that was merged into it; of several the first."""
    if group is None and need is None:
        return None
    return db.session.scalar(_live(group, need).where(case_is_here()).order_by(Case.id).limit(1))


def open_cases(groups: Sequence[int]) -> dict[int, Case]:
    """The same for many groups at once, by number; groups without an open case are left out."""
    now_in = once_called(set(groups))
    live = select(Case).where(Case.group_id.in_(now_in), Case.closed_at.is_(None), case_is_here())
    live = live.order_by(Case.id.desc())  # so that of several the first is named
    return {
        now_in[case.group_id or 0]: case for case in db.session.scalars(live.options(joinedload(Case.owner)))
    }


def twins_of(case: Case) -> list[Case]:
    """Other open cases about the group that this one is about, since groups were merged; the first first."""
    group = case.group.standing if case.group else None
    if group is None or not case.is_open:
        return []
    others = _live(group, None).where(case_is_here(), Case.id != case.id)
    return list(db.session.scalars(others.order_by(Case.id)))


def _live(group: NeedGroup | None, need: Need | None) -> Select[tuple[Case]]:
    about = (
        Case.group_id.in_(once_called({group.id})) if group else Case.need_id == (need.id if need else None)
    )
    return select(Case).where(about, Case.closed_at.is_(None))


def _end_invented(group: NeedGroup | None, need: Need | None) -> None:
    """A demonstration's open case about the same is closed, where this service is none any more: nobody sees it here,
    and there is one open case about one thing."""
    for case in db.session.scalars(_live(group, need).where(~case_is_here())).all():
        before, case.state, case.closed_at = case.state, State.CLOSED.value, now()
        case.tell("moved", None, before=before, after=case.state)
    db.session.flush()


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
    already, for a need that was withdrawn or whose words are gone and a group of such needs alone, for a day gone by
    or far off, and an owner who is no officer.
    """
    group = group.standing if group else None
    if (group is None) == (need is None):
        raise CaseRefused("A case is about one group or about one need")
    if need is not None and not (need.is_open and need.text):
        raise CaseRefused("This need was withdrawn or its time is over, so nothing can be done about it")
    if group is not None and not anything_stands(group):
        raise CaseRefused(
            "Every need of this group was withdrawn or its time is over, so nothing can be done about it"
        )
    if live_case(group=group, need=need) is not None:
        raise CaseRefused("An open case is about this already")
    _end_invented(group, need)
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
    return case


def _officer(account: Account) -> Account:
    if not _may_own(account):
        raise CaseRefused("Choose an officer who can sign in")
    return account


def _coming(due_on: date | None) -> date | None:
    if due_on is not None and due_on < today():
        raise CaseRefused("The due date has gone by. Give a day from today on")
    if due_on is not None and due_on.year > today().year + FURTHEST:
        raise CaseRefused(f"The due date is more than {FURTHEST} years away. Please look at its year")
    return due_on


def decide(case: Case, state: State, by: Account, words: str = "", why: str = "") -> CaseEvent:
    """Moves the case. Refused (MoveRefused) where that makes no sense, or where one about the same is open."""
    group = case.group.standing if case.group else None
    if not case.is_open and state == State.REVIEW and live_case(group=group, need=case.need) is not None:
        raise MoveRefused("Another case about the same is open. Work on that one")
    event = case.move_to(state, by=by, words=words, why=why)
    db.session.flush()
    audit.note("case moved", f"case {case.id}", by=by, before=event.before, after=event.after, why=why)
    return event


def hand_over(case: Case, to: Account, by: Account, words: str = "") -> bool:
    """Another officer owns the case from now on, and is told by mail; True where one goes out.

    None does to whoever takes a case over, to an address that has had its mails for the day, and where the service
    does not know its own address: the history says so. Refused (CaseRefused): a closed case, its owner, and who is
    no officer.
    """
    _still_open(case)
    if case.owner_id == to.id:
        raise CaseRefused(f"{to.name} owns this case already")
    facts: dict[str, int | bool | None] = {"from": case.owner_id, "to": _officer(to).id}
    case.owner = to
    told = to.id != by.id and _tell_new_owner(case, to, by)
    if to.id != by.id:
        facts["told"] = told
    case.tell("handed-over", by, words=words, facts=facts)
    audit.note("case handed over", f"case {case.id}", by=by, to=to.id)
    return told


def _tell_new_owner(case: Case, to: Account, by: Account) -> bool:
    """The mail holds the number and the link: what a case is called says what employers need, and is read in there."""
    times = sum(event.kind == "handed-over" for event in case.events) + 1
    try:
        link = whole_address("cases.case", number=case.id)
        mail = letter("cases.handed-over", name=to.name, giver=by.name, case=case.id, link=link)
        post(f"case-{case.id}-handed-over-{times}", to.email, mail.subject, mail.body)
    except (NoAddress, TooManyMessages):
        return False
    return True


def set_plan(case: Case, by: Account, *, lead: str, due_on: date | None, rag: str) -> None:
    """The lead organisation, the day and the colour from now on; each that changed is a line of the history.

    Refused (CaseRefused) for a closed case, a colour there is not, and for a new day that has gone by.
    """
    _still_open(case)
    if rag not in RAG:
        raise CaseRefused("Choose red, amber or green")
    changed = []
    if lead != case.lead:
        changed.append(case.tell("lead", by, before=case.lead, after=lead))
        case.lead = lead
    if due_on != case.due_on:
        before, after = (day.isoformat() if day else "" for day in (case.due_on, _coming(due_on)))
        changed.append(case.tell("due", by, before=before, after=after))
        case.due_on = due_on
    if rag != case.rag:
        changed.append(case.tell("rag", by, before=case.rag, after=rag))
        case.rag = rag
    if changed:
        kinds = [event.kind for event in changed]
        audit.note("case planned", f"case {case.id}", by=by, changed=kinds)


def add_note(case: Case, by: Account, words: str) -> None:
    """The officer's words, in the history for good; sent twice they stand there once. A closed case takes notes too."""
    last = case.events[-1]
    if (last.kind, last.account_id, last.note.words if last.note else "") == ("noted", by.id, words):
        return
    case.tell("noted", by, words=words)
    audit.note("case noted", f"case {case.id}", by=by)


def _still_open(case: Case) -> None:
    if not case.is_open:
        raise CaseRefused("The case is closed. Open it again first")


def names_of_accounts(numbers: Iterable[int | None]) -> dict[int, str]:
    """The names of these accounts, as far as they are known still."""
    known = select(Account.id, Account.name).where(Account.id.in_({n for n in numbers if n is not None}))
    return dict(db.session.execute(known).tuples().all())
