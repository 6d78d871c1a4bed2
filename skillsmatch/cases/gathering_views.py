"""Pages on which officers gather: one need, a survey, the list of businesses; and what became of each."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager
from werkzeug.wrappers import Response

from skillsmatch.accounts.audit import note
from skillsmatch.accounts.desks import add_desk
from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import gathering_counting as counting
from skillsmatch.cases import kept_files
from skillsmatch.cases.blueprint import NUMBER, READERS, cases
from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.cases.gathering import CHANNELS, GatheringRefused, Heard, found_for, take_back, write_down
from skillsmatch.cases.gathering_forms import GatherForm
from skillsmatch.cases.gathering_models import GatheredNeed, KnownBusiness, business_is_here
from skillsmatch.cases.owned_words import me
from skillsmatch.cases.redaction import redact
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import one_line
from skillsmatch.needs.forms import straddling
from skillsmatch.needs.keeping import new_token, token_digest
from skillsmatch.needs.models import Need, NeedMatch, is_here
from skillsmatch.safety import RETRY_AFTER

log = logging.getLogger(__name__)

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY = {"Retry-After": RETRY_AFTER}
PER_PAGE = 20  # rows of a survey on one page
SAVED_PER_PAGE = 100  # needs of a saved survey on one page
SHOWN_FAULTS = 100
SHOWN_CHANGES = 50
LATEST = 20
MOST_FOUND = 50
LONGEST_NAME = 200
BEST = 3  # offers beside each skill of a need that was written down

IN_THIS_ROOM = ("/cases/employers", "/cases/quotes", "/cases/engagement")
add_desk("cases.gathering", "Gathering", *READERS, place=60, within=IN_THIS_ROOM)


@cases.app_template_filter()
def hide_personal(text: str, business: str = "") -> str:
    """An employer's words with personal data hidden, and the business's own name."""
    return redact(text, business).text


def area() -> Area:
    """The area this service is for."""
    found: Area = current_app.extensions["area"]
    return found


@cases.get("/gathering")
def gathering() -> str:
    """What officers have gathered of late, and the ways to gather more."""
    latest = select(GatheredNeed).join(GatheredNeed.need).options(contains_eager(GatheredNeed.need))
    latest = latest.where(GatheredNeed.file_id.is_(None), is_here()).order_by(GatheredNeed.id.desc())
    rows = db.session.scalars(latest.limit(LATEST)).all()
    files = kept_files.latest(LATEST)
    business = one_line(request.args.get("business", ""))[:LONGEST_NAME]
    return render_template(
        "cases/gathering.html",
        business=business,
        of_business=gathering_of(business) if business else [],
        rows=rows,
        files=files,
        channels=CHANNELS,
        names=names_of_accounts({row.account_id for row in rows}),
        listed=db.session.scalar(select(func.count(KnownBusiness.id)).where(business_is_here())),
        listed_members=db.session.scalar(
            select(func.count(KnownBusiness.id)).where(KnownBusiness.member, business_is_here())
        ),
    )


def gathering_of(business: str) -> Sequence[GatheredNeed]:
    """The needs that stand and were gathered of businesses with these words in their names, the latest first.

    For an employer who asks the Chamber what it has written down, or to withdraw it.
    """
    found = select(GatheredNeed).join(GatheredNeed.need).options(contains_eager(GatheredNeed.need))
    named = func.lower(Need.business_name).contains(business.lower(), autoescape=True)
    found = found.where(Need.status == "open", named, is_here())
    return db.session.scalars(found.order_by(GatheredNeed.id.desc()).limit(MOST_FOUND)).all()


@cases.get("/gathering/new")
def gather() -> str:
    """The form, with a one-use token."""
    form = GatherForm()
    form.token.data = new_token()
    if not form.met_on.data:
        form.met_on.data = today()
    return _form(form)


def _form(form: GatherForm, **more: Any) -> str:
    return render_template("cases/gather.html", form=form, straddling=straddling(), **more)


@cases.post("/gathering/new")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def gather_send() -> Answer:
    """Keeps the need and goes to its page; shows the form again, with everything typed, where it cannot."""
    form, who = GatherForm(), me()
    digest = token_digest(form.token.data or "")
    if digest is None:
        form.token.data = new_token()
        form.form_errors.append("This form was cut short. Please send it again. Nothing is lost")
        return _form(form), 422
    if not form.validate():
        return _form(form), 422
    answers = form.answers
    heard = Heard(
        form.channel.data, form.met_on.data, form.occasion.data or "", confirmed=bool(form.confirmed.data)
    )
    found = found_for(answers, area())

    def store() -> int:
        row = write_down(found, answers, heard, f"gathered {digest}", area(), who)
        about = f"gathered need {row.id}"
        note("need written down", about, channel=heard.channel, counted=heard.confirmed, employer_told=True)
        return row.id

    try:
        number = keep(store)
    except GatheringRefused as refused:
        form.form_errors.append(str(refused))
        return _form(form), 422
    except (NotSaved, IntegrityError):
        return _form(form, unsaved=True), 503, RETRY
    return redirect(url_for("cases.gathered", number=number), 303)


def _gathered(number: int) -> GatheredNeed:
    return db.session.get(GatheredNeed, number) or abort(404)


@cases.get(f"/gathering/needs/{NUMBER}")
def gathered(number: int) -> str:
    """A need as it was written down: what was understood, and what fits, to tell the employer."""
    return _need_page(_gathered(number))


def _need_page(row: GatheredNeed, **more: Any) -> str:
    facets = row.need.live_facets if row.need.is_open else []
    return render_template(
        "cases/gathered.html",
        row=row,
        need=row.need,
        facets=[(facet, _best(facet.id, row.need.search_round)) for facet in facets],
        themes=load_themes().themes,
        channels=CHANNELS,
        names=names_of_accounts({row.account_id}),
        **more,
    )


def _best(facet: int, search_round: int) -> list[NeedMatch]:
    shown = select(NeedMatch).where(NeedMatch.facet_id == facet, NeedMatch.search_round == search_round)
    return list(db.session.scalars(shown.order_by(NeedMatch.position).limit(BEST)))


@cases.post(f"/gathering/needs/{NUMBER}/take-back")
def gathered_take_back(number: int) -> Answer:
    """Withdraws a need that was written down by mistake."""
    _gathered(number)

    def back() -> None:
        take_back(_gathered(number))
        note("need taken back", f"gathered need {number}")

    try:
        keep(back)
    except GatheringRefused as refused:
        return _need_page(_gathered(number), refused=str(refused)), 409
    flash("The need is withdrawn. It no longer counts, and its words are gone.")
    return redirect(url_for("cases.gathered", number=number), 303)


@cases.post(f"/gathering/needs/{NUMBER}/count")
def gathered_count(number: int) -> Answer:
    """Counts a need that was written down without the tick, or one of a survey."""
    _gathered(number)

    def count() -> bool:
        done = counting.count_need(number)
        if done:
            note("need counted", f"gathered need {number}")
        return done

    flash("It counts from now on." if keep(count) else "Nothing was changed: it counts already, or was withdrawn.")
    return redirect(url_for("cases.gathered", number=number), 303)
