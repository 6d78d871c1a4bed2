"""The demonstration's needs: what invented employers wrote within the last year, taken on record as every need is.

They are told from real ones by their channel: read in a demonstration only, and counted in its releases alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.area.tables import read_table
from skillsmatch.clock import standing_at, today
from skillsmatch.database import keep
from skillsmatch.demand.demonstration import check_demonstration
from skillsmatch.demand.models import DEMONSTRATION
from skillsmatch.extensions import db
from skillsmatch.needs.asked import NOT_ASKED, asked_from
from skillsmatch.needs.contact import new_secrets, set_secrets, verify
from skillsmatch.needs.keeping import payload_digest, store_need
from skillsmatch.needs.models import Need
from skillsmatch.needs.outcomes import record_fits, record_outcome
from skillsmatch.needs.search import Found, find_matches

FILE = "demonstration-needs.csv"
COLUMNS = (
    "label",
    "days_ago",
    "business",
    "email",
    "confirmed",
    "quote",
    "postcode",
    "sector",
    "size",
    "says",
    "text",
)


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented need as its file has it. Needs with the same `label` want much the same in other words."""

    label: str
    days_ago: int
    business: str
    email: str
    confirmed: bool
    quote: bool
    postcode: str
    sector: str
    size: str
    says: (
        str  # what its employer says of the results: empty, "fits", "started" or "none:" and a reason's code
    )
    text: str

    @property
    def digest(self) -> str:
        """Stands for the form's token, so that no start takes the need on record twice."""
        return hashlib.sha256(f"demonstration {self.email}".encode()).hexdigest()

    @property
    def moment(self) -> datetime:
        """When it was sent, in the hours of a working day; always the same for the same day."""
        hour, minute = 8 + self.days_ago % 9, self.days_ago * 7 % 60
        return datetime.combine(today() - timedelta(self.days_ago), time(hour, minute))

    @property
    def answers(self) -> dict[str, Any]:
        """What was filled in, as in `NeedForm.data`."""
        return {
            **NOT_ASKED,
            "text": self.text,
            "postcode": self.postcode,
            "sector": self.sector,
            "size_band": self.size,
            "business_name": self.business,
            "email": self.email,
        }


def invented_needs(area: Area) -> list[Invented]:
    """The area's invented needs, the oldest first; none where it has no such file."""
    path = area.folder / FILE
    if not path.is_file():
        return []
    rows = [
        Invented(
            label=row.text("label", ""),
            days_ago=row.whole("days_ago", 1, 360),
            business=row.text("business"),
            email=row.text("email"),
            confirmed=row.yes("confirmed"),
            quote=row.text("quote", "no") == "yes",
            postcode=row.text("postcode"),
            sector=row.text("sector"),
            size=row.text("size"),
            says=row.text("says", ""),
            text=row.text("text"),
        )
        for row in read_table(path, COLUMNS)
    ]
    return sorted(rows, key=lambda one: (-one.days_ago, one.email))


def need_of(one: Invented) -> Need | None:
    """The need on record that this one became."""
    return db.session.scalar(select(Need).where(Need.token_digest == one.digest))


def store_demonstration_needs(area: Area) -> int:
    """Puts the invented needs that are not on record there, each at its own moment; returns how many.

    They are searched for first, so that nobody waits while they are written. Refused (NotADemonstration) outside a
    demonstration. No mail is written: who has confirmed an e-mail is said in the file.
    """
    check_demonstration()
    missing = [one for one in invented_needs(area) if need_of(one) is None]
    if not missing:
        return 0
    found = [_find(one, area) for one in missing]
    keep(lambda: _store(missing, found, area))
    return len(missing)


def _find(one: Invented, area: Area) -> Found:
    with standing_at(one.moment):
        return find_matches(asked_from(one.answers, area), today())


def _store(missing: Sequence[Invented], found: Sequence[Found], area: Area) -> None:
    for one, result in zip(missing, found, strict=True):
        with standing_at(one.moment):
            digest = payload_digest(one.answers)
            need = store_need(result, one.answers, one.digest, digest, area, channel=DEMONSTRATION)
            set_secrets(need, *new_secrets())
            if one.confirmed:
                verify(need)
            _answer(need, one.says)


def _answer(need: Need, says: str) -> None:
    facet = need.live_facets[0]
    if says.startswith("none:"):
        record_outcome(facet, "none-fits", [says.removeprefix("none:")])
    elif says and facet.matches:
        record_fits(facet.matches[0])
        if says == "started":
            record_outcome(facet, "started")
