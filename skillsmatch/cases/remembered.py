"""What pages work out of a group's needs, remembered by each process for as long as nothing in these needs changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from flask import current_app
from sqlalchemy import select

from skillsmatch.cases.flags import near_duplicates
from skillsmatch.cases.nearest import Nearest, nearest_offers
from skillsmatch.cases.register import GroupRow
from skillsmatch.demand.merging import root_of
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need

MOST = 5_000  # answers; a few kB each. No employer's words are among them
AT_ONCE = 500  # numbers in one statement
T = TypeVar("T")


def remembered(what: str, state: bytes, work: Callable[[], T]) -> T:
    """The answer of `work` for needs that stand so, by GroupRow.state; worked out where nobody has asked before."""
    known: dict[tuple[str, bytes], T] = current_app.extensions.setdefault("remembered of groups", {})
    key = (what, state)
    try:
        return known[key]
    except KeyError:
        answer = work()
    if len(known) >= MOST:
        known.clear()
    known[key] = answer
    return answer


def nearest_of(row: GroupRow, most: int, first: int) -> list[Nearest]:
    """The offers that came nearest to the row's needs, as nearest_offers finds them."""
    work = lambda: nearest_offers(row.facets, most, first)  # noqa: E731
    return remembered(f"the nearest {most} of {first}", row.state, work)


def same_words(row: GroupRow) -> int:
    """How many of the row's employers sent the words of another."""
    return remembered("the same words", row.state, lambda: near_duplicates(list(_said(row.facets))))


def _said(facets: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Who said it, merged employers as one, and the whole text of the need."""
    columns = select(root_of(DemandSignal.employer_key_id), Need.text).select_from(Facet)
    columns = columns.join(Facet.need).join(Facet.signal)
    for start in range(0, len(facets), AT_ONCE):
        part = columns.where(Facet.id.in_(facets[start : start + AT_ONCE]))
        yield from db.session.execute(part).tuples()
