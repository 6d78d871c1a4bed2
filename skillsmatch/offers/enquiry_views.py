"""Writing to the provider of an offer: the form, and the page that says what became of the message."""

from __future__ import annotations

import logging
import math

from flask import abort, current_app, redirect, render_template, url_for
from sqlalchemy.exc import DBAPIError, IntegrityError
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email

from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import AtMost, Form, clean, one_line
from skillsmatch.mail.outbox import DAILY_LIMIT
from skillsmatch.offers import browsing
from skillsmatch.offers.enquiries import (
    Enquiry,
    OtherWords,
    TooManyEnquiries,
    consent_words,
    enquiry_address,
    find_receipt,
    new_form_token,
    receipt_of,
    send_enquiry,
)
from skillsmatch.offers.models import Offer
from skillsmatch.offers.records import NEAR_YOU
from skillsmatch.offers.views import offers
from skillsmatch.safety import BROWSER_ONLY, RETRY_AFTER
from skillsmatch.throttle import seconds_to_wait

log = logging.getLogger(__name__)

MESSAGE_LIMIT = 4_000  # characters; about a page and a half
Shown = tuple[str, int, dict[str, str]]


class EnquiryForm(Form):
    """A message to a provider. All but the phone number is needed."""

    token = HiddenField()
    leave_empty = StringField("Leave this box empty")  # hidden from people; only a machine fills it in

    name = StringField(
        "Your name", filters=[one_line], validators=[DataRequired("Enter your name"), AtMost(120)]
    )
    business = StringField(
        "Business name",
        filters=[one_line],
        validators=[DataRequired("Enter the name of your business"), AtMost(200)],
    )
    email = StringField(
        "E-mail address",
        filters=[one_line],
        validators=[
            DataRequired("Enter an e-mail address in the form name@example.com"),
            AtMost(320),
            Email("Enter an e-mail address in the form name@example.com"),
        ],
    )
    phone = StringField("Phone number (optional)", filters=[one_line], validators=[AtMost(40)])
    message = TextAreaField(
        "Your message",
        filters=[clean],
        validators=[DataRequired("Write what you want to ask"), AtMost(MESSAGE_LIMIT)],
    )
    consent = BooleanField(
        "I agree",
        validators=[DataRequired("Tick the box if we may send this. Without that we send nothing")],
    )


@offers.get(f"/offers/<int(max={LARGEST_ID}):offer_id>/enquiry")
def ask(offer_id: int) -> Shown | Response:
    """The form, with a one-use token; or, where we have no address, how to reach the provider otherwise."""
    offer = _offer(offer_id)
    if offer.withdrawn_at is not None:
        return redirect(url_for("offers.offer", offer_id=offer_id), 303)
    form = EnquiryForm()
    form.token.data = new_form_token(offer)
    return _show(offer, form, 200)


@offers.post(f"/offers/<int(max={LARGEST_ID}):offer_id>/enquiry")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def send(offer_id: int) -> Shown | Response:
    """Sends the message and goes to its receipt; shows the form again, with everything typed, where it cannot."""
    offer, form = _offer(offer_id), EnquiryForm()
    if offer.withdrawn_at is not None:
        return _again(offer, form, 409, "This training was withdrawn a moment ago, so we sent nothing")
    if not _can_be_asked(offer):
        return _again(offer, form, 409, "We no longer have an address for this provider, so we sent nothing")
    receipt = receipt_of(form.token.data or "", offer)
    if receipt is None:
        return _again(offer, form, 422, "This form was not ours, or is weeks old. Please send it again")
    if not form.validate():
        return _show(offer, form, 422)
    if form.leave_empty.data:
        return _again(offer, form, 422, "A box that people cannot see was filled in. Please send it again")
    if find_receipt(offer, receipt) is None:
        wait = seconds_to_wait("enquiry", current_app.config["ENQUIRY_LIMITS"])
        if wait:
            words = f"Your network has sent many messages. Please try again in {math.ceil(wait / 60)} minutes"
            page, status, headers = _again(offer, form, 429, words)
            return page, status, headers | {"Retry-After": str(wait)}
    return _send(offer, form, receipt)


def _send(offer: Offer, form: EnquiryForm, receipt: str) -> Shown | Response:
    number, whose = offer.id, offer.provider.name
    said = (form[name].data or "" for name in ("name", "business", "email", "phone", "message"))
    enquiry = Enquiry(*said)
    try:
        try:
            keep(lambda: send_enquiry(_offer(number), enquiry, receipt))
        except IntegrityError:  # the same form was sent twice at one moment, and the other was first
            keep(lambda: send_enquiry(_offer(number), enquiry, receipt))
    except OtherWords:
        words = "You have sent this form before, with other words. Send it again if this is another message"
        return _again(_offer(number), form, 409, words)
    except TooManyEnquiries as error:
        many = f"We have sent {DAILY_LIMIT} messages to your address today, and send no more. Please try tomorrow"
        full = f"{whose} has had many messages through us today. Please try tomorrow, or ring"
        return _again(_offer(number), form, 429, many if error.whose == "employer" else full)
    except (NotSaved, DBAPIError) as error:
        db.session.rollback()
        log.warning("an enquiry was not saved: %s", type(error.__cause__ or error).__name__)
        page, status, headers = _show(_offer(number), form, 503, unsaved=True)
        return page, status, headers | {"Retry-After": RETRY_AFTER}
    return redirect(url_for("offers.enquiry_sent", offer_id=number, receipt=receipt), 303)


@offers.get(f"/offers/<int(max={LARGEST_ID}):offer_id>/enquiry/<receipt>")
def enquiry_sent(offer_id: int, receipt: str) -> Shown:
    """What became of the message: on its way, sent, or not to be delivered."""
    offer = _offer(offer_id)
    found = find_receipt(offer, receipt)
    if found is None:
        abort(404)
    page = render_template("offers/enquiry_sent.html", offer=offer, receipt=found)
    private = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return page, 200, private


def _offer(offer_id: int) -> Offer:
    return browsing.find_offer(offer_id) or abort(404)


def _can_be_asked(offer: Offer) -> bool:
    return offer.demonstration or bool(enquiry_address(offer))


def _again(offer: Offer, form: EnquiryForm, status: int, words: str) -> Shown:
    """The form with all that was typed, a token that has not been used, and what is the matter."""
    form.token.data, form.leave_empty.data = new_form_token(offer), ""
    form.form_errors.append(f"{words}. Nothing you typed is lost")
    return _show(offer, form, status)


def _show(offer: Offer, form: EnquiryForm, status: int, unsaved: bool = False) -> Shown:
    """The browser may keep the form: Back then brings the same token, and sending again sends nothing twice."""
    form.consent.label.text = consent_words(offer.provider.name)
    page = render_template(
        "offers/enquiry.html",
        offer=offer,
        form=form,
        unsaved=unsaved,
        can_be_asked=_can_be_asked(offer) or bool(form.message.data),
        near_you=offer.provider.ukprn == NEAR_YOU,
    )
    return page, status, {"Cache-Control": BROWSER_ONLY, "X-Robots-Tag": "noindex"}
