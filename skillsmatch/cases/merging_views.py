"""The page on which an officer says of two employers whether they are one firm, and takes it back."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from skillsmatch.accounts.audit import note
from skillsmatch.cases import merging
from skillsmatch.cases.blueprint import LARGEST_ID, NUMBER, cases
from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.cases.owned_words import me
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.employers import NotAnEmployer
from skillsmatch.demand.merging import MergeRefused, decide, undo
from skillsmatch.safety import RETRY_AFTER

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
PER_PAGE = 25
DECISIONS = 100


@cases.get("/employers")
def employers_alike() -> str:
    """Employers that may be one firm, the likeliest first, and what was decided."""
    return _page()


def _page(**more: Any) -> str:
    found = merging.suggestions()
    pages = max(1, -(-len(found) // PER_PAGE))
    at = min(max(1, request.args.get("page", 1, type=int)), pages)
    decided = merging.decisions(DECISIONS)
    return render_template(
        "cases/employers.html",
        suggestions=found[(at - 1) * PER_PAGE : at * PER_PAGE],
        listing={"page": at, "pages": pages, "total": len(found)},
        decided=decided,
        firm_names=merging.names_by_key({key for pair in decided for key in (pair.key_id, pair.other_id)}),
        names=names_of_accounts({pair.account_id for pair in decided}),
        **more,
    )


@cases.post("/employers/decide")
def employers_decide() -> Answer:
    """The two are one employer from now on, or are never suggested again."""
    one, other, same, who = _key("one"), _key("other"), request.form.get("same") == "yes", me()

    def say() -> None:
        pair = decide(one, other, same=same, by=who)
        action = "employers merged" if same else "employers kept apart"
        note(action, f"employer {pair.key_id}", other=pair.other_id, decision=pair.id)

    return _after(
        say, "They count as one from now on." if same else "They stay apart, and are not suggested again."
    )


def _key(name: str) -> int:
    given = request.form.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 11 and int(given) <= LARGEST_ID):
        raise BadRequest
    return int(given)


@cases.post(f"/employers/undo/{NUMBER}")
def employers_undo(number: int) -> Answer:
    """Takes a decision back."""

    def back() -> None:
        pair = undo(number)
        note("employers' decision undone", f"employer {pair.key_id}", other=pair.other_id, decision=pair.id)

    return _after(back, "Undone. Releases made from now on count them as before.")


def _after(work: Any, said: str) -> Answer:
    try:
        keep(work)
    except (MergeRefused, NotAnEmployer) as refused:
        return _page(refused=str(refused)), 409
    except NotSaved:
        return _page(unsaved=True), 503, {"Retry-After": RETRY_AFTER}
    flash(said)
    return redirect(url_for("cases.employers_alike"), 303)
