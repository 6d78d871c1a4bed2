"""Asking a provider about an unmet need. What a referral may carry is said by its types: nothing else fits in.

A `ReleasedFigure` is made of a published table and one of its cells; `ConsentedWords` of a lead as `leads.seeing`
gives it for this very provider. No text of an officer's goes along: the question is one of a few fixed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, select

from skillsmatch.accounts import audit
from skillsmatch.accounts.models import Account
from skillsmatch.addresses import NoAddress, whole_address
from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_keeping import CaseRefused, decide
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.case_moves import REFERRED
from skillsmatch.cases.referral_models import QUESTIONS, Referral, ReferredLead
from skillsmatch.clock import now
from skillsmatch.demand.published import Cell, NoSuchTable, Table, latest, read_table
from skillsmatch.extensions import db
from skillsmatch.leads.pooling import providers_with_accounts, readers
from skillsmatch.leads.seeing import Shown, lead_for, leads_for
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.offers.models import Provider
from skillsmatch.texts.reading import letter

TABLES = (
    "theme",
    "outcome-by-theme",
    "theme-by-district",
    "theme-by-sector",
    "people",
)  # that speak of a theme


class NotForProviders(TypeError):
    """Something was put into a referral that is neither a published figure nor words shared with this provider."""


@dataclass(frozen=True, slots=True)
class ReleasedFigure:
    """One number of a published release. Refused: a cell of another table, a hidden one, a table not published."""

    table: Table
    cell: Cell

    def __post_init__(self) -> None:
        if not isinstance(self.table, Table) or self.cell not in self.table.cells:
            raise NotForProviders("a figure is a cell of a published table")
        if self.table.edition.state != "published" or self.cell.shown is None:
            raise NotForProviders("this number is not published")

    @property
    def place(self) -> list[str]:
        """Where it stands: period, table, and the codes of its categories."""
        return [self.table.edition.period, self.table.name, self.cell.first, self.cell.second]

    @property
    def key(self) -> str:
        """The same in one word, for a form."""
        return "|".join(self.place)

    @property
    def of(self) -> str:
        """What it counts, such as "Welding and fabrication, Hinckley and Bosworth"."""
        return ", ".join(filter(None, (self.cell.first_name, self.cell.second_name)))

    @property
    def theme(self) -> str:
        """The theme that it speaks of, by name; every table of TABLES has one."""
        return self.cell.first_name if self.table.dimensions[0] == "theme" else self.cell.second_name

    @property
    def words(self) -> str:
        """The number in words, with what it counts and when."""
        number = self.cell.words if self.table.name == "people" else f"{self.cell.words} employers"
        return f"{self.of}: {number}, {self.table.edition.words}"


@dataclass(frozen=True, slots=True)
class ConsentedWords:
    """One lead as its employer lets this provider see it at this moment."""

    shown: Shown

    def __post_init__(self) -> None:
        if not isinstance(self.shown, Shown):
            raise NotForProviders("words come from a lead that its employer shares")

    @property
    def key(self) -> str:
        """Its number, for a form."""
        return str(self.shown.lead.id)


Carried = ReleasedFigure | ConsentedWords


class PublishedFigures:
    """The published figures at given places, each table read once however many of its cells are asked for."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], Table | None] = {}

    def at(self, place: Sequence[str]) -> ReleasedFigure | None:
        """The figure that stands there now; None where its release was withdrawn or the cell is not shown."""
        try:
            period, name, first, second = place
            table = self._table(period, name)
            cell = table.of(first, second) if table else None
        except (NoSuchTable, ValueError):
            return None
        return ReleasedFigure(table, cell) if table and cell and cell.shown is not None else None

    def _table(self, period: str, name: str) -> Table | None:
        if (period, name) not in self._tables:
            area: Area = current_app.extensions["area"]
            try:
                self._tables[period, name] = read_table(area, period, name)
            except NoSuchTable:
                self._tables[period, name] = None
        return self._tables[period, name]


def themes_of(case: Case) -> list[str]:
    """The themes that the case is about: its group's, or those of its need's facets."""
    if case.group is not None and case.group.standing.theme:
        return [case.group.standing.theme]
    return sorted({facet.theme for facet in facets_of(case) if facet.theme})


def figures_for(case: Case) -> list[ReleasedFigure]:
    """The published figures that speak of the case's themes, of the latest quarter and the latest year."""
    area: Area = current_app.extensions["area"]
    wanted = set(themes_of(case))
    found = []
    for edition in filter(None, (latest("quarter"), latest("year"))):
        for name in TABLES:
            try:
                table = read_table(area, edition.period, name)
            except NoSuchTable:
                continue
            place = 1 if table.dimensions[-1] == "theme" and len(table.dimensions) == 2 else 0
            found += [
                ReleasedFigure(table, cell)
                for cell in table.cells
                if cell.shown is not None and (cell.first, cell.second)[place] in wanted
            ]
    return found


def leads_about(case: Case, provider: Provider) -> list[ConsentedWords]:
    """The case's needs that this provider may see now, because their employers agreed."""
    needs = {facet.need_id for facet in facets_of(case)}
    return [ConsentedWords(shown) for shown in leads_for(provider) if shown.need.id in needs]


def providers_to_ask(case: Case) -> list[Provider]:
    """Providers and colleges with somebody here to read a referral, by name."""
    return providers_with_accounts()


def send_referral(
    case: Case, provider: Provider, question: str, carried: Sequence[Carried], by: Account
) -> Referral:
    """The referral, in the provider's inbox, with the mails to its people; the case is referred from now on.

    Raises NotForProviders for anything that is neither a published figure nor shared with this provider now.
    Refused (CaseRefused): one that carries nothing, a closed case, a provider without an account here, and one
    that has been asked in this case and has not answered. A mail that has to wait is posted by `flask work`.
    """
    for one in carried:
        if not isinstance(one, ReleasedFigure | ConsentedWords):
            raise NotForProviders(f"{type(one).__name__} may not go to a provider")
        if isinstance(one, ConsentedWords) and lead_for(provider, one.shown.lead.id) is None:
            raise NotForProviders("this employer does not share its need with this provider")
    _check(case, provider, question, carried)
    referral = Referral(
        case=case,
        ukprn=provider.ukprn,
        question=question,
        demonstration=by.demonstration,
        figures=[one.place for one in carried if isinstance(one, ReleasedFigure)],
        leads=[
            ReferredLead(lead_id=n)
            for n in sorted({c.shown.lead.id for c in carried if isinstance(c, ConsentedWords)})
        ],
        sent_at=now(),
    )
    db.session.add(referral)
    db.session.flush()
    facts = {"ukprn": provider.ukprn, "figures": len(referral.figures), "leads": len(referral.leads)}
    case.tell("referred", by, after=provider.name, facts=facts | {"referral": referral.id})
    audit.note("case referred", f"case {case.id}", by=by, referral=referral.id, **facts)
    if case.state != REFERRED:
        decide(case, REFERRED, by)
    tell_of_referral(referral)
    return referral


def _check(case: Case, provider: Provider, question: str, carried: Sequence[Carried]) -> None:
    if not case.is_open:
        raise CaseRefused("The case is closed. Open it again first")
    if question not in QUESTIONS:
        raise CaseRefused("Choose what you ask the provider")
    if not carried:
        raise CaseRefused(
            "Choose at least one published figure or one shared need: a referral carries nothing else"
        )
    if provider.id not in {known.id for known in providers_to_ask(case)}:
        raise CaseRefused(
            f"Nobody of {provider.name} has an account here, so nobody could read it. Invite them first"
        )
    if any(r.ukprn == provider.ukprn and not r.answers for r in case.referrals):
        raise CaseRefused(f"{provider.name} has been asked in this case already, and has not answered yet")


def tell_of_referral(referral: Referral) -> None:
    """Posts the mails to the provider's people and notes it. One whose address has had its mails today gets none:
    the referral stands in the inbox all the same, and the next one is told again."""
    try:
        url = whole_address("referrals.referral", number=referral.id)
    except NoAddress:
        return
    people = [account for account in readers() if account.organisation.ukprn == referral.ukprn]
    posted = 0
    for account in people:
        mail = letter("cases.referral", name=account.name, link=url)
        try:
            post(f"referral-{referral.id}-{account.id}", account.email, mail.subject, mail.body)
        except TooManyMessages:
            continue
        posted += 1
    if posted:
        referral.told_at = now()


def tell_waiting() -> int:
    """Posts the mails of referrals that nobody has been told of yet; returns of how many. For the worker."""
    waiting = db.session.scalars(_untold().order_by(Referral.id)).all()
    for referral in waiting:
        tell_of_referral(referral)
    return sum(referral.told_at is not None for referral in waiting)


def referrals_wait() -> bool:
    """Whether there is a referral that nobody has been told of, and somebody who can be."""
    return bool(db.session.scalar(select(_untold().exists())))


def _untold() -> Select[tuple[Referral]]:
    """Those without a mail and without an answer, to providers whose people can sign in here."""
    ukprns = {account.organisation.ukprn for account in readers()}
    untold = select(Referral).where(Referral.told_at.is_(None), ~Referral.answers.any())
    return untold.where(Referral.ukprn.in_(ukprns))


def theme_words(codes: Sequence[str]) -> list[str]:
    """The names of these themes."""
    themes = load_themes().themes
    return [themes[code].name for code in codes if code in themes]
