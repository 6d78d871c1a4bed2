"""The educators' own short form, open to everybody, and the officers' list of what they want to learn."""

from __future__ import annotations

import math

from flask import Blueprint, current_app, redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Optional

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.area.kinds import Kind
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import educators as wishes
from skillsmatch.cases.plan import WAYS
from skillsmatch.cases.plan_blueprint import RETRY, Listing, page_asked, plan
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import AtMost, Form, clean, listed, one_line, ticks
from skillsmatch.offers.models import Offer
from skillsmatch.offers.standing import offered
from skillsmatch.safety import BROWSER_ONLY
from skillsmatch.throttle import seconds_to_wait

educators = blueprint_open_to(Blueprint("educators", __name__), PUBLIC)
Shown = tuple[str, int, dict[str, str]]


class EducatorForm(Form):
    """What an educator wants to learn. Only the first answer is needed."""

    token = HiddenField()
    leave_empty = StringField("Leave this box empty")  # hidden from people; only a machine fills it in
    words = TextAreaField(
        "What would you like to learn, to teach better?",
        filters=[clean],
        validators=[DataRequired("Say what you would like to learn"), AtMost(2_000)],
    )
    group = SelectField("What do you teach?", choices=[], validators=[Optional()])
    ways = ticks("How would you like to learn it?", list(WAYS.items()))
    organisation = StringField("Where do you teach? (optional)", filters=[one_line], validators=[AtMost(200)])
    email = StringField(
        "E-mail address (optional)",
        filters=[one_line],
        validators=[Optional(), AtMost(320), Email("Enter an e-mail address in the form name@example.com")],
    )

    def __init__(self, *values: object, **named: object) -> None:
        super().__init__(*values, **named)
        groups = [(g.code, g.name) for g in load_themes().groups.values()]
        self.group.choices = listed([("", "Not in the list, or several"), *groups])


@educators.get("/educators")
def form_page() -> Shown:
    """The form, with a one-use token."""
    form = EducatorForm(formdata=None)
    form.token.data = wishes.new_token()
    return _show(form, 200)


@educators.post("/educators")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def send() -> Shown | Response:
    """Keeps what was said, once, and goes to the page of thanks."""
    form = EducatorForm()
    receipt = wishes.receipt_of(form.token.data or "")
    if receipt is None:
        return _again(form, 422, "This form was not ours, or is weeks old. Please send it again")
    if not form.validate():
        return _show(form, 422)
    if form.leave_empty.data:
        return _again(form, 422, "A box that people cannot see was filled in. Please send it again")
    if not wishes.is_kept(receipt) and (
        wait := seconds_to_wait("educators", current_app.config["ENQUIRY_LIMITS"])
    ):
        words = f"Your network has sent many forms. Please try again in {math.ceil(wait / 60)} minutes"
        page, status, headers = _again(form, 429, words)
        return page, status, headers | {"Retry-After": str(wait)}
    said = {name: form[name].data or "" for name in ("words", "group", "organisation", "email")}
    wish = wishes.Wish(**said, ways=tuple(form.ways.data or ()))
    try:
        keep(lambda: wishes.keep_wish(wish, receipt))
    except IntegrityError:
        pass  # the same form was sent twice at one moment, and the other was first
    except NotSaved:
        page, status, headers = _show(form, 503, unsaved=True)
        return page, status, headers | RETRY
    return redirect(url_for("educators.sent"), 303)


@educators.get("/educators/sent")
def sent() -> str:
    """Thanks, and what there is for educators already."""
    kind = Kind.EDUCATOR_CPD
    count = select(func.count()).select_from(Offer).where(offered(), Offer.kind == kind.value)
    return render_template("educators/sent.html", count=db.session.scalar(count) or 0, kind=kind)


def _again(form: EducatorForm, status: int, words: str) -> Shown:
    """The form with all that was typed, a token that has not been used, and what is the matter."""
    form.token.data, form.leave_empty.data = wishes.new_token(), ""
    form.form_errors.append(f"{words}. Nothing you typed is lost")
    return _show(form, status)


def _show(form: EducatorForm, status: int, unsaved: bool = False) -> Shown:
    """The browser may keep the form: Back then brings the same token, and sending again keeps nothing twice.

    It is sent to an address of its own, for sending to the page's own would make the browser forget the page.
    """
    page = render_template("educators/form.html", form=form, unsaved=unsaved)
    return page, status, {"Cache-Control": BROWSER_ONLY}


@plan.get("/educators")
def educator_list() -> str:
    """What educators said, for officers."""
    names = {g.code: g.name for g in load_themes().groups.values()} | {"": "Several, or not in the list"}
    groups = wishes.by_group()
    total = sum(number for _code, number in groups)
    page, pages = page_asked(total, wishes.PAGE_SIZE)
    return render_template(
        "plan/educators.html",
        listing=Listing(wishes.wishes(page), page, pages, total),
        counted=[(names.get(code, code), number) for code, number in groups],
        names=names,
        ways=WAYS,
    )
