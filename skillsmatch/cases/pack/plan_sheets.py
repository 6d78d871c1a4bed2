"""R5 and R6, and which releases lie within the dates: what both packs are made of. Nothing here reads a need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from skillsmatch.cases.actions import standing_words
from skillsmatch.cases.pack.sheets import Sheet
from skillsmatch.cases.plan import RAG, PlanAction
from skillsmatch.demand.published import Edition, editions

NO_QUOTES = (
    "No quote is held. A quote needs its employer’s consent and an officer who has checked it, and is named by sector, "
    "size and place only."
)

AGREED = "Each employer agreed to be quoted so, until it takes that back: look again before you print."
NOT_PUBLIC = (
    "This pack reads no employer’s words. Officers copy a quote from the internal pack on the day they print it: "
    "its employer may take its consent back at any time."
)


def iso(day: date | None) -> str:
    """A day as 2026-04-01; "" for none."""
    return day.isoformat() if day else ""


def r5_actions(actions: Sequence[PlanAction], day: date, *, public: bool = False) -> Sheet:
    """R5: the actions of the plan; in a public pack, those that an officer marked for it."""
    shown = [a for a in actions if a.public or not public]
    return Sheet(
        code="R5",
        name="Actions",
        title="Actions of the plan",
        words=("Actions that the Chamber marked as public.",)
        if public
        else ("As they stand on the day the pack is made.",),
        header=(
            *("Priority", "Action", "Lead", "Partners", "Start", "End", "Success measure", "Progress", "RAG"),
            *("Stands", "Done on"),
        ),
        rows=tuple(
            (
                *(
                    a.priority,
                    a.title,
                    a.owner,
                    a.partners,
                    iso(a.starts_on),
                    iso(a.due_on),
                    a.success,
                    a.progress,
                ),
                *(RAG.get(a.rag, "").split(":")[0], standing_words(a, day), iso(a.done_on)),
            )
            for a in shown
        ),
    )


def r6_quotes(quotes: Sequence[tuple[str, str, str, str]], public: bool = False) -> Sheet:
    """R6: quotes whose employers agreed: words, who said them, need and priority. The public pack reads no need, so
    it says where they are."""
    return Sheet(
        code="R6",
        name="Quotes",
        title="Quotes with consent",
        words=(AGREED,) if quotes else (NOT_PUBLIC if public else NO_QUOTES,),
        header=("Quote", "Said by", "Need", "Priority"),
        rows=tuple(quotes),
        in_document=False,
    )


def inside(first: date, last: date) -> list[Edition]:
    """The published releases whose days all lie within the dates, the years first, then the quarters in order."""
    found = [e for e in editions() if e.state == "published" and first <= e.first_day and e.last_day <= last]
    return sorted(found, key=lambda e: (e.kind != "year", e.first_day))
