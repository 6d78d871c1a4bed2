"""R5 and R6, and which releases lie within the dates: what both packs are made of. Nothing here reads a need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from skillsmatch.area.areas import Priority
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.actions import standing_words
from skillsmatch.cases.pack.sheets import Sheet
from skillsmatch.cases.plan import RAG, PlanAction
from skillsmatch.cases.published_quotes import LEAST_FIT, Quoted
from skillsmatch.demand.published import Edition, editions

NO_QUOTES = (
    "No quote stands. A quote needs its employer’s consent and an officer who has checked it, and is named by sector, "
    "size and place only."
)
AGREED = (
    "Each employer agreed to be quoted so. An officer has checked the words; […] stands where something is left out. "
    f"At least {LEAST_FIT} local businesses fit each description."
)


def r5_actions(actions: Sequence[PlanAction], day: date, *, public: bool = False) -> Sheet:
    """R5: the actions of the plan; in a public pack, those that an officer marked for it."""
    shown = [a for a in actions if a.public or not public]
    return Sheet(
        code="R5",
        name="Actions",
        title="Actions of the plan",
        words=("Actions that the Chamber marked as public.",)
        if public
        else ("As they stand on the day the pack is made, on the page /priorities/actions.",),
        header=(
            *("Priority", "Action", "Lead", "Partners", "Start", "End", "Success measure", "Progress", "RAG"),
            *("Stands", "Done on"),
        ),
        rows=tuple(
            (
                *(a.priority, a.title, a.owner, a.partners, a.starts_on, a.due_on, a.success, a.progress),
                *(RAG.get(a.rag, "").split(":")[0], standing_words(a, day), a.done_on),
            )
            for a in shown
        ),
        none="No action is marked as public." if public else "No action is entered yet: the page /priorities/actions.",
        in_table=(
            *("Priority", "Action", "Lead", "Partners", "Start", "End", "Success measure", "Progress", "RAG"),
            "Stands",
        ),
    )


def r6_quotes(
    quotes: Sequence[Quoted], priorities: Iterable[Priority], notes: Sequence[str] = ()
) -> Sheet:
    """R6: quotes whose employers agreed: words, who said them, need and priority."""
    known = load_themes().themes
    rows = []
    for quote in quotes:
        themes = [known[code] for code in quote.themes if code in known]
        asked = [priority.code for priority in priorities if any(priority.names(theme) for theme in themes)]
        rows.append(
            (quote.words, quote.described, "; ".join(theme.name for theme in themes), ", ".join(asked))
        )
    return Sheet(
        code="R6",
        name="Quotes",
        title="Quotes with consent",
        words=(AGREED if quotes else NO_QUOTES, *notes),
        header=("Quote", "Said by", "Need", "Priority"),
        rows=tuple(rows),
        in_document=False,
    )


def inside(first: date, last: date) -> list[Edition]:
    """The published releases whose days all lie within the dates, the years first, then the quarters in order."""
    found = [e for e in editions() if e.state == "published" and first <= e.first_day and e.last_day <= last]
    return sorted(found, key=lambda e: (e.kind != "year", e.first_day))
