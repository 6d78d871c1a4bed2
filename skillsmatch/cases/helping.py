"""The employer's answer to a mail about new training: a page with buttons by the private link, no account needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.cases.blueprint import NUMBER
from skillsmatch.cases.fit_models import FitMail, ToldOffer
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand.guard import may_read_employers
from skillsmatch.extensions import db
from skillsmatch.needs.blueprint import keep_private
from skillsmatch.needs.contact import need_to_manage
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.outcomes import OutcomeRefused, record_outcome

helping = may_read_employers(
    blueprint_open_to(Blueprint("helping", __name__, url_prefix="/needs/manage"), PUBLIC),
    "an employer's own need, by its private link",
)
helping.after_request(keep_private)
Answer = str | Response | tuple[str, int]


def mails_to(need: Need) -> list[FitMail]:
    """The mails that this need's employer was sent, the latest first."""
    sent = select(FitMail).where(FitMail.need_id == need.id, FitMail.posted_at.is_not(None))
    return list(db.session.scalars(sent.order_by(FitMail.id.desc())))


@helping.get("/<secret>/training")
def page(secret: str) -> Answer:
    """The training we wrote about, with a button for each answer: mail scanners open links and press nothing."""
    need = need_to_manage(secret)
    if need is None or not need.is_open:
        return render_template("needs/link_over.html"), 404
    return render_template("cases/helping.html", need=need, mails=mails_to(need), secret=secret)


@helping.post(f"/<secret>/training/{NUMBER}/helps")
def helps(secret: str, number: int) -> Answer:
    """This training helps: that is what became of the need."""
    return _answer(secret, lambda need: say_helps(need, number))


@helping.post(f"/<secret>/training/{NUMBER}/no-longer")
def no_longer(secret: str, number: int) -> Answer:
    """It does not help after all."""
    return _answer(secret, lambda need: say_no_longer(need, number))


@helping.post("/<secret>/training/no")
def no(secret: str) -> Answer:
    """None of it helps."""
    return _answer(secret, say_no)


@helping.post("/<secret>/training/stop")
def stop(secret: str) -> Answer:
    """No more mails of this kind about this need."""
    return _answer(secret, say_stop)


def _answer(secret: str, say: Callable[[Need], bool]) -> Answer:
    def act() -> bool | None:
        need = need_to_manage(secret)
        if need is None:
            return None
        # A button pressed twice is two answers at one time: the second waits, and finds the first.
        held = select(Need).where(Need.id == need.id, Need.status == "open").with_for_update(key_share=True)
        held = held.execution_options(populate_existing=True)
        return say(need) if db.session.scalar(held) is not None else None

    try:
        said = keep(act)
    except OutcomeRefused as refused:
        back = url_for("helping.page", secret=secret)
        return render_template("cases/helping_refused.html", words=str(refused), back=back), 409
    if not said:
        return render_template("needs/link_over.html"), 404
    return redirect(url_for("helping.page", secret=secret, _anchor="said"), 303)


def say_helps(need: Need, number: int) -> bool:
    """Notes that an offer helps, by its line in a mail; False where this need was not sent it.

    The facet fits from now on, and the case's history says that an employer was helped, not which.
    Raises OutcomeRefused for a facet that was taken away.
    """
    told = _told(need, number)
    if told is None:
        return False
    if told.said != "helps":
        record_outcome(told.facet, "started" if told.facet.outcome == "started" else "fits")
        told.said = "helps"
        _note(told, "helps")
    return True


def say_no_longer(need: Need, number: int) -> bool:
    """Takes back that an offer helps; False where this need was not sent it.

    The facet is unmet again where nothing else is said to fit it, and the case's history says so.
    """
    told = _told(need, number)
    if told is None:
        return False
    if told.said == "helps":
        told.said = "no"
        _note(told, "no-longer")
        facet = told.facet
        helps = any(o.said == "helps" for m in mails_to(need) for o in m.told if o.facet_id == facet.id)
        fits = helps or any(match.chosen_at is not None for match in facet.matches)
        if facet.removed_at is None and facet.outcome == "fits" and not fits:
            record_outcome(facet, "none-fits", facet.employer_reasons, facet.employer_words)
    return True


def _told(need: Need, number: int) -> ToldOffer | None:
    """This line of a mail, if this need's employer was sent it."""
    return next((one for mail in mails_to(need) for one in mail.told if one.id == number), None)


def say_no(need: Need) -> bool:
    """Notes that nothing we wrote about helps; False where nothing was sent. What was said to help stays so."""
    mails = mails_to(need)
    open_ones = [one for mail in mails for one in mail.told if not one.said]
    facets: dict[int, Facet] = {}
    for one in open_ones:
        one.said = "no"
        facets[one.facet_id] = one.facet
    for facet in facets.values():
        if facet.removed_at is None and facet.outcome not in ("fits", "started"):
            before: dict[str, Any] = {"reasons": facet.employer_reasons, "words": facet.employer_words}
            record_outcome(facet, "none-fits", **before)
    for mail in {one.mail_id: one for one in open_ones}.values():
        _note(mail, "no")
    return bool(mails)


def say_stop(need: Need) -> bool:
    """No mail of this kind is sent about this need from now on; False where none was."""
    mails = mails_to(need)
    for mail in mails[:1]:
        mail.stopped_at = mail.stopped_at or now()
    return bool(mails)


def _note(told: ToldOffer, said: str) -> None:
    told.mail.answered_at = now()
    told.mail.batch.case.tell("helped", None, facts={"said": said, "offer": told.offer_id})
