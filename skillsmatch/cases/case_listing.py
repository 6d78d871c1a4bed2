"""Cases in lists and on the board: narrowed by state, owner, colour, lead organisation, theme and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from skillsmatch.accounts.models import Account
from skillsmatch.cases.behind import filed_names
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.case_moves import RAG, STATES, State
from skillsmatch.cases.models import NeedGroup
from skillsmatch.clock import today
from skillsmatch.extensions import db
from skillsmatch.forms import one_line
from skillsmatch.needs.models import Facet

PAGE_SIZE = 30  # cases on a page
ON_BOARD = 30  # cards in a column; the list has the rest
FILTERS = ("state", "owner", "rag", "lead", "theme", "due")
OPEN = "open"  # every state but closed


@dataclass(frozen=True, slots=True)
class View:
    """What is looked for. Empty is any; what is not known finds nothing and is no error."""

    state: str = OPEN
    owner: str = ""  # "me", "nobody" or an account's number
    rag: str = ""
    lead: str = ""
    theme: str = ""
    due: str = ""  # "overdue", "none" for no day set

    @classmethod
    def of(cls, asked: Mapping[str, str], **fixed: str) -> View:
        """The view of a page's address; an address that says nothing of the state is for open cases."""
        return cls(**({name: one_line(asked[name])[:200] for name in FILTERS if name in asked} | fixed))

    @property
    def filters(self) -> dict[str, str]:
        """For links to other pages of the same list."""
        return {name: value for name in FILTERS if (value := getattr(self, name)) or name == "state"}


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    case: Case
    title: str


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of the list."""

    rows: list[Row]
    page: int
    pages: int
    total: int


def _matching(view: View, me: Account) -> Select[tuple[Case]]:
    asked = select(Case).where(case_is_here())
    if view.state == OPEN:
        asked = asked.where(Case.closed_at.is_(None))
    elif view.state:
        asked = asked.where(Case.state == view.state if view.state in STATES else false())
    if view.owner == "nobody":
        gone = select(Account.id).where(Account.disabled_at.is_not(None))
        asked = asked.where(or_(Case.owner_id.is_(None), Case.owner_id.in_(gone)))
    elif view.owner:
        number = me.id if view.owner == "me" else _number(view.owner)
        asked = asked.where(Case.owner_id == number)
    if view.rag:
        asked = asked.where(Case.rag == view.rag if view.rag in RAG else false())
    if view.lead:
        asked = asked.where(Case.lead.icontains(view.lead, autoescape=True))
    if view.theme:
        # A case about one need has the themes of what it asks for; a group has one.
        of_groups = select(NeedGroup.id).where(NeedGroup.theme == view.theme)
        of_needs = select(Facet.need_id).where(Facet.theme == view.theme, Facet.removed_at.is_(None))
        asked = asked.where(or_(Case.group_id.in_(of_groups), Case.need_id.in_(of_needs)))
    if view.due == "overdue":
        asked = asked.where(Case.closed_at.is_(None), Case.due_on < today())
    elif view.due == "none":
        asked = asked.where(Case.due_on.is_(None))
    return asked


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def listing(view: View, me: Account, page: int) -> Paged:
    """The page with this number, or the nearest there is. The first due stand first, those without a day last."""
    asked = _matching(view, me)
    total = db.session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    return Paged(_rows(asked, PAGE_SIZE, (page - 1) * PAGE_SIZE), page, pages, total)


def board(view: View, me: Account) -> list[tuple[State, int, list[Row]]]:
    """A column for each state of the view: how many cases there are, and the first of them."""
    shown = [s for s in State if view.state in ("", s.value) or (view.state == OPEN and s != State.CLOSED)]
    asked = _matching(view, me)
    counts = dict(
        db.session.execute(asked.with_only_columns(Case.state, func.count(Case.id)).group_by(Case.state))
        .tuples()
        .all()
    )
    return [(s, counts.get(s.value, 0), _rows(asked.where(Case.state == s.value), ON_BOARD)) for s in shown]


def _rows(asked: Select[tuple[Case]], most: int, skip: int = 0) -> list[Row]:
    ordered = asked.order_by(Case.due_on.is_(None), Case.due_on, Case.id).limit(most).offset(skip)
    ordered = ordered.options(joinedload(Case.group), joinedload(Case.owner))
    cases = list(db.session.scalars(ordered))
    names = filed_names([case.need_id for case in cases if case.need_id is not None])
    return [Row(case, title_of(case, names)) for case in cases]


def title_of(case: Case, names: Mapping[int, str] | None = None) -> str:
    """What a case is about, in a line: its group's name, or the name by which its need is filed."""
    if case.group is not None:
        return case.group.standing.name
    known = names if names is not None else filed_names([case.need_id] if case.need_id else [])
    return f"Need {known.get(case.need_id or 0, 'not filed')}"


def counts_for(me: Account) -> dict[str, int]:
    """How many cases there are, for the links above the lists."""

    def count(view: View) -> int:
        return db.session.scalar(select(func.count()).select_from(_matching(view, me).subquery())) or 0

    return {
        "open": count(View()),
        "mine": count(View(owner="me")),
        "overdue": count(View(due="overdue")),
        "nobody": count(View(owner="nobody")),
    }
