"""Mails of cases that had to wait, because an address had had its mails for the day: what `flask work` does."""

from __future__ import annotations

from skillsmatch.cases import fit_mails, referrals
from skillsmatch.database import keep


def tell_waiting() -> int:
    """Posts what is due; returns how many. A write transaction is begun only where something waits."""
    told = 0
    if fit_mails.mails_wait():
        told += keep(fit_mails.post_waiting)
    if referrals.referrals_wait():
        told += keep(referrals.tell_waiting)
    return told
