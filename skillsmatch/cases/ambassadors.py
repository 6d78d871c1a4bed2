"""Apprenticeship ambassadors: who is listed, for everybody; and the employers who said they would be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Select, func, select

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.cases.plan import Ambassador, AmbassadorAnswer, ambassador_is_here
from skillsmatch.clock import now, today
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need, is_here

APPRENTICESHIPS = frozenset(
    {Kind.APPRENTICESHIP.value, Kind.FOUNDATION_APPRENTICESHIP.value, Kind.APPRENTICESHIP_UNIT.value}
)
T = TypeVar("T", bound=tuple[object, ...])
FIRST_FEW = 3  # shown beside apprenticeships; the page of all of them has the rest


@dataclass(frozen=True, slots=True)
class Listed:
    """What everybody may read of an ambassador: the words they agreed to."""

    name: str
    role: str
    business: str
    sector: str
    district: str
    words: str
    reach: str
    agreed_on: date


FIELDS = tuple(field.name for field in fields(Listed))


@dataclass(frozen=True, slots=True)
class Answer:
    """An employer that would be an ambassador, as an officer needs it to get in touch."""

    need_id: int
    asked_on: date
    business: str
    email: str  # confirmed; "" where there is none, and then nobody can be written to
    sector: str
    district: str


def listed(area: Area) -> list[tuple[str, list[Ambassador]]]:
    """The ambassadors by sector, in the order of the sectors; a sector without one is left out."""
    rows = db.session.scalars(_that_are_listed(select(Ambassador)).order_by(Ambassador.business, Ambassador.id)).all()
    parted = [(s.name, [row for row in rows if row.sector == s.letter]) for s in area.sectors]
    return [(name, some) for name, some in parted if some]


def by_sector(area: Area) -> tuple[tuple[str, int], ...]:
    """How many are listed, by sector; every sector is there, because an empty one is news as well."""
    counted = _that_are_listed(select(Ambassador.sector, func.count(Ambassador.id)))
    found = dict(db.session.execute(counted.group_by(Ambassador.sector)).tuples().all())
    return tuple((s.name, found.get(s.letter, 0)) for s in area.sectors)


def count_listed() -> int:
    """How many are listed."""
    return db.session.scalar(_that_are_listed(select(func.count(Ambassador.id)))) or 0


def few_for(kinds: Iterable[str], sector: str = "") -> list[Ambassador]:
    """A few ambassadors for whoever looks at training of these kinds; none where none is an apprenticeship.

    Those of the same sector first, then the latest to agree.
    """
    if APPRENTICESHIPS.isdisjoint(kinds):
        return []
    wanted = _that_are_listed(select(Ambassador)).order_by(Ambassador.agreed_on.desc(), Ambassador.id)
    return sorted(db.session.scalars(wanted), key=lambda row: row.sector != sector)[:FIRST_FEW]


def _that_are_listed(wanted: Select[T]) -> Select[T]:
    return wanted.where(Ambassador.ended_on.is_(None), ambassador_is_here())


def everyone() -> list[Ambassador]:
    """Every ambassador there is or was, those listed now first."""
    here = select(Ambassador).where(ambassador_is_here())
    rows = db.session.scalars(here.order_by(Ambassador.business, Ambassador.id))
    return sorted(rows, key=lambda row: row.ended_on is not None)


def find_listed(number: int) -> Ambassador | None:
    """The ambassador of this number, who is listed; None where there is none."""
    return db.session.scalar(_that_are_listed(select(Ambassador)).where(Ambassador.id == number))


def save_ambassador(said: Listed, row: Ambassador | None = None, *, demonstration: bool = False) -> Ambassador:
    """The ambassador as said, in the caller's transaction; a new one where there is none to change.

    With `demonstration` a new one is shown in a demonstration only: its account lists it.
    """
    values = {name: getattr(said, name) for name in FIELDS}
    if row is None:
        row = Ambassador(**values, demonstration=demonstration, added_at=now(), changed_at=now())
        db.session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at = now()
    db.session.flush()
    return row


def end(row: Ambassador) -> None:
    """Takes the ambassador off the list, and the words and ways to reach them out of it: nothing personal stays."""
    row.ended_on, row.changed_at = today(), now()
    row.name, row.role, row.reach, row.words = "No longer an ambassador", "", "", ""


def waiting() -> list[Answer]:
    """The employers who said that they would be one, on whom no officer has decided; the latest first.

    Their address is there once they confirmed it: they gave it with the offer to speak up.
    """
    wanted = _that_wait(select(Need)).order_by(Need.created_at.desc(), Need.id)
    return [_answer(need) for need in db.session.scalars(wanted)]


def count_waiting() -> int:
    """How many of them there are."""
    return db.session.scalar(_that_wait(select(func.count(Need.id)))) or 0


def put_aside() -> list[Answer]:
    """Those that an officer put aside and that can be brought back; the latest to be put aside first."""
    wanted = _that_stand(select(Need)).where(AmbassadorAnswer.decision == "not-now")
    wanted = wanted.order_by(AmbassadorAnswer.decided_at.desc(), Need.id)
    return [_answer(need) for need in db.session.scalars(wanted)]


def _that_wait(wanted: Select[T]) -> Select[T]:
    return _that_stand(wanted).where(AmbassadorAnswer.id.is_(None))


def _that_stand(wanted: Select[T]) -> Select[T]:
    joined = wanted.outerjoin(AmbassadorAnswer, AmbassadorAnswer.need_id == Need.id)
    return joined.where(
        Need.ambassador.is_(True), Need.status == "open", Need.suspect.is_(False), Need.text != "", is_here()
    )


def _answer(need: Need) -> Answer:
    confirmed = need.email if need.email_verified_at is not None else ""
    return Answer(
        need_id=need.id,
        asked_on=need.created_at.date(),
        business=need.business_name,
        email=confirmed,
        sector=need.sic_section,
        district=need.district,
    )


def find_answer(need_id: int) -> Answer | None:
    """One answer that waits; None where it does not, or was never given."""
    need = db.session.scalar(_that_wait(select(Need)).where(Need.id == need_id))
    return _answer(need) if need is not None else None


def decide(need_id: int, decision: str, by: str, at: datetime | None = None) -> AmbassadorAnswer:
    """What an officer did about an answer, in the caller's transaction. Once decided it waits no more."""
    row = AmbassadorAnswer(need_id=need_id, decision=decision, decided_at=at or now(), decided_by=by)
    db.session.add(row)
    db.session.flush()
    return row


def bring_back(need_id: int) -> bool:
    """Lets an answer that was put aside wait again, in the caller's transaction; False where it was not."""
    mine = (AmbassadorAnswer.need_id == need_id, AmbassadorAnswer.decision == "not-now")
    row = db.session.scalar(select(AmbassadorAnswer).where(*mine))
    if row is None:
        return False
    db.session.delete(row)
    return True
