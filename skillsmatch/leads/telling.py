"""Everything about leads that is told by mail and not at once: what `flask work` does for them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from skillsmatch.addresses import NoAddress
from skillsmatch.database import keep
from skillsmatch.leads.alerts import tell_of_leads, tell_of_releases
from skillsmatch.leads.pooling import tell_of_cohorts
from skillsmatch.leads.reminding import remind
from skillsmatch.leads.replies import tell_waiting

log = logging.getLogger(__name__)

Job = tuple[str, Callable[[], int]]
SOON: tuple[Job, ...] = (
    ("reminders", lambda: keep(remind)),
    ("replies", lambda: keep(tell_waiting)),
    ("alerts", tell_of_leads),
)
LATER: tuple[Job, ...] = (("cohorts", tell_of_cohorts), ("release alerts", tell_of_releases))


def tell(jobs: tuple[Job, ...]) -> str:
    """Posts what is due; returns what was posted, in words for the log.

    Without SKILLSMATCH_BASE_URL nothing is posted, because every mail needs a link; all stays due.
    """
    told = []
    for name, job in jobs:
        try:
            number = job()
        except NoAddress as missing:
            log.warning("%s: they wait, %s", name, missing)
            continue
        if number:
            told.append(f"{number} {name}")
    return ", ".join(told)
