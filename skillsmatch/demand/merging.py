"""Two keys that are one employer: an officer says so, and takes it back. Releases made afterwards count it once.

Nothing of a signal or a key is changed, and a frozen release stays as it is. Whether what somebody asked for counts
is still decided by its own key: merging changes how many employers there are, never who counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from skillsmatch.clock import now
from skillsmatch.database import in_turn
from skillsmatch.demand.employers import NotAnEmployer
from skillsmatch.demand.models import EmployerKey, EmployerPair, MergedEmployer
from skillsmatch.extensions import db

LOCK = 7_265_002  # PostgreSQL's advisory lock: what is joined is worked out of all decisions that stand
FEW_KEYS = 500  # named in one statement; for more of them all merged keys are read, which are few
LONGEST_CHAIN = 200  # keys of one employer; more is a slip that swallows half of the county


class MergeRefused(ValueError):
    """The two cannot be decided on; the words say why."""


def decide(one: int, other: int, *, same: bool, by: int | None) -> EmployerPair:
    """What an officer says of two keys, which stands until it is undone. Done again, it changes nothing.

    Refused (MergeRefused): a key with itself; two that are one already where they are said to be different; and
    NotAnEmployer where there is no such key.
    """
    in_turn(LOCK)
    first, second = sorted((one, other))
    if first == second:
        raise MergeRefused("That is one employer already")
    for key in (first, second):
        if db.session.get(EmployerKey, key) is None:
            raise NotAnEmployer(f"There is no employer with the number {key}")
    standing = db.session.scalar(_live().where(EmployerPair.key_id == first, EmployerPair.other_id == second))
    if standing is not None and standing.same == same:
        return standing
    if not same and len(set(roots_of((first, second)).values())) == 1:
        raise MergeRefused("They are merged. Undo that first")
    if same and _said_apart(first, second, but=standing):
        raise MergeRefused(
            "Somebody said of two that this would join that they are not the same. Undo that decision first"
        )
    if standing is not None:
        standing.undone_at = now()
        db.session.flush()
    pair = EmployerPair(key_id=first, other_id=second, same=same, decided_at=now(), account_id=by)
    db.session.add(pair)
    db.session.flush()
    _work_out(first)
    return pair


def undo(pair_id: int) -> EmployerPair:
    """The decision no longer stands; what other decisions join stays joined. Refused where it was undone before."""
    in_turn(LOCK)
    pair = db.session.get(EmployerPair, pair_id, with_for_update=True)
    if pair is None or pair.undone_at is not None:
        raise MergeRefused("That was undone already")
    pair.undone_at = now()
    db.session.flush()
    if pair.same:
        _work_out(pair.key_id)
        _work_out(pair.other_id)
    return pair


def roots_of(keys: Iterable[int]) -> dict[int, int]:
    """For each key, the key it counts as: its own where it was not merged."""
    wanted = set(keys)
    merged = select(MergedEmployer.key_id, MergedEmployer.root_id)
    if len(wanted) <= FEW_KEYS:
        merged = merged.where(MergedEmployer.key_id.in_(wanted))
    roots = dict(db.session.execute(merged).tuples().all())
    return {key: roots.get(key, key) for key in wanted}


def root_of(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The same in a query: the key that the key in `column` counts as."""
    root = select(MergedEmployer.root_id).where(MergedEmployer.key_id == column).scalar_subquery()
    return func.coalesce(root, column)


def _live() -> Select[tuple[EmployerPair]]:
    return select(EmployerPair).where(EmployerPair.undone_at.is_(None))


def _said_apart(one: int, other: int, but: EmployerPair | None) -> bool:
    """Whether a decision that stands keeps apart what joining these two would make one."""
    joined = _joined(one) | _joined(other)
    apart = _live().where(
        EmployerPair.same.is_(False), EmployerPair.key_id.in_(joined), EmployerPair.other_id.in_(joined)
    )
    return any(pair is not but for pair in db.session.scalars(apart))


def _work_out(key: int) -> None:
    """Writes down anew what every key joined to this one counts as: the oldest of them."""
    joined = _joined(key)
    db.session.execute(delete(MergedEmployer).where(MergedEmployer.key_id.in_(joined)))
    root = min(joined)
    record_key = db.session.get_one(EmployerKey, root).record_key
    db.session.add_all(
        MergedEmployer(key_id=one, root_id=root, record_key=record_key)
        for one in sorted(joined)
        if one != root
    )
    db.session.flush()


def _joined(key: int) -> set[int]:
    """Every key that standing decisions join to this one, itself included."""
    found, edge = {key}, {key}
    while edge:
        pairs = select(EmployerPair.key_id, EmployerPair.other_id).where(
            EmployerPair.undone_at.is_(None),
            EmployerPair.same,
            or_(EmployerPair.key_id.in_(edge), EmployerPair.other_id.in_(edge)),
        )
        edge = {one for pair in db.session.execute(pairs) for one in pair} - found
        found |= edge
        if len(found) > LONGEST_CHAIN:
            raise MergeRefused(f"More than {LONGEST_CHAIN} would be one employer. Look at them again")
    return found
