"""Counting what the Chamber gathered once an officer says that the business asks as an employer."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from skillsmatch.cases.gathering import is_providers
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed
from skillsmatch.clock import now
from skillsmatch.demand.employers import confirm_as_employers, provider_digests
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need


def _waiting() -> Select[tuple[GatheredNeed]]:
    """Needs that stand and that neither an officer nor the employer has confirmed."""
    asked = select(GatheredNeed).join(GatheredNeed.need)
    return asked.where(
        GatheredNeed.confirmed_at.is_(None), Need.status == "open", Need.email_verified_at.is_(None)
    )


def not_counted(file_id: int) -> int:
    """How many needs of a survey do not count yet."""
    of_file = _waiting().where(GatheredNeed.file_id == file_id)
    return db.session.scalar(select(func.count()).select_from(of_file.subquery())) or 0


def count_need(number: int) -> bool:
    """The need counts from now on, and all else that its business has asked for. False where nothing waited."""
    return _count(_waiting().where(GatheredNeed.id == number), providers=True) > 0


def count_file(file_id: int) -> int:
    """Every need of the survey counts, but for those of colleges and providers, which are confirmed one by one.

    Returns how many.
    """
    file = db.session.get_one(GatheredFile, file_id, with_for_update=True)
    counted = _count(_waiting().where(GatheredNeed.file_id == file_id), providers=False)
    file.counted = file.counted or counted > 0
    return counted


def _count(waiting: Select[tuple[GatheredNeed]], *, providers: bool) -> int:
    rows = {row.need_id: row for row in db.session.scalars(waiting.with_for_update(of=GatheredNeed))}
    digests, keys = provider_digests(), {}
    told = waiting.with_only_columns(GatheredNeed.need_id, EmployerKey)
    told = told.join(Facet, Facet.need_id == Need.id).join(DemandSignal, DemandSignal.id == Facet.signal_id)
    told = told.join(EmployerKey, EmployerKey.id == DemandSignal.employer_key_id)
    for need_id, key in db.session.execute(told).tuples():
        if need_id in rows and (providers or not is_providers(key, digests)):
            keys[key.id] = key
            rows[need_id].confirmed_at = now()
    confirm_as_employers([keys[number] for number in sorted(keys)], digests)
    return sum(row.confirmed_at is not None for row in rows.values())
