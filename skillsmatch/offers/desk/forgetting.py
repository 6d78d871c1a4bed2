"""Who did what at a desk is kept as long as the audit log says it, and no longer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Update, func, update

from skillsmatch import clock
from skillsmatch.accounts.verifying import KEPT
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.desk.models import OfferDraft, PlannedPlaces, Upload


def forget_names() -> int:
    """Uploads, drafts and planned places of 24 months ago no longer name a person; returns how many did."""

    def forget() -> int:
        before = clock.now() - KEPT
        over = func.coalesce(Upload.ended_at, Upload.applied_at, Upload.uploaded_at) < before
        nobody = {"uploaded_by": "", "applied_by": "", "ended_by": ""}
        saved: tuple[type[Any], ...] = (OfferDraft, PlannedPlaces)
        todo: list[Update] = [update(Upload).where(over, Upload.uploaded_by != "").values(nobody)]
        todo += [update(t).where(t.saved_at < before, t.saved_by != "").values(saved_by="") for t in saved]
        return sum(db.session.execute(one).rowcount for one in todo)  # type: ignore[attr-defined]

    return keep(forget)
