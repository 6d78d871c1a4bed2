"""The employer's pages: who may see the need, until when, and what colleges replied. No account is needed.

The Chamber's own box is on the same page, and a consent of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to
from skillsmatch.clock import now
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand.guard import may_read_employers
from skillsmatch.extensions import csrf
from skillsmatch.leads.chamber import agree_to_chamber, chamber_consent, end_chamber
from skillsmatch.leads.choosing import choices_for, names_of
from skillsmatch.leads.consent import ConsentRefused, give, live_consents, stop, withdraw_consent
from skillsmatch.leads.forms import SharingForm
from skillsmatch.leads.models import ChamberConsent, Consent, Lead, LeadReply
from skillsmatch.leads.opening import extend_lead, lead_of
from skillsmatch.leads.pooling import about_employers
from skillsmatch.leads.replies import reply_fits
from skillsmatch.leads.wording import NEAR_KM, PRESENT, WHY_NOT_BY_CODE, WORDINGS, chamber_words
from skillsmatch.needs.blueprint import RETRY, keep_private, the_need
from skillsmatch.needs.contact import need_to_manage
from skillsmatch.needs.models import Need
from skillsmatch.needs.outcomes import OutcomeRefused

sharing = may_read_employers(
    blueprint_open_to(Blueprint("sharing", __name__, url_prefix="/needs"), PUBLIC),
    "an employer's own need, by its private link or under an address only it has",
)
sharing.after_request(keep_private)

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a need is shared now, for its employer's pages."""

    consents: tuple[tuple[Consent, str], ...]  # each with the words for whom or what it is
    lead: Lead | None
    replies: tuple[tuple[LeadReply, str], ...]  # each with its provider's name
    chamber: ChamberConsent | None  # the Chamber's own box, which colleges have no part in

    @property
    def anything(self) -> bool:
        """Whether any box is ticked."""
        return bool(self.consents) or self.chamber is not None

    @property
    def shared(self) -> bool:
        """Whether somebody may see the need once, and while, the e-mail is verified."""
        return any(consent.purpose == "share" for consent, _ in self.consents)

    @property
    def to_all_near(self) -> bool:
        """Whether all nearby may see it."""
        return any(consent.recipients == "nearby" for consent, _ in self.consents)

    @property
    def pooled(self) -> bool:
        """Whether it may be pooled."""
        return any(consent.purpose == "pool" for consent, _ in self.consents)

    @property
    def until(self) -> datetime | None:
        """When the 12 weeks are over; None while they have not begun."""
        return self.lead.expires_at if self.lead and self.lead.closed_at is None else None

    @property
    def over(self) -> bool:
        """Whether the 12 weeks are over."""
        return self.until is not None and self.until <= now()


@sharing.app_template_global()
def sharing_of(need: Need) -> Sharing:
    """How `need` is shared now."""
    consents, lead = live_consents(need), lead_of(need)
    replies = lead.replies if lead else []
    names = names_of({c.ukprn for c in consents} | {r.ukprn for r in replies})
    return Sharing(
        consents=tuple((c, _whom(c, names)) for c in consents),
        lead=lead,
        replies=tuple((r, names.get(r.ukprn, "A college")) for r in replies),
        chamber=chamber_consent(need),
    )


@sharing.app_template_filter()
def why_not_words(code: str) -> str:
    """A provider's reason, as the employer reads it."""
    return WHY_NOT_BY_CODE[code].employer_words


def _whom(consent: Consent, names: dict[int, str]) -> str:
    if consent.purpose == "pool":
        return "Pooled with like needs of other employers"
    if consent.recipients == "nearby":
        return f"All colleges and training providers within {NEAR_KM} km"
    return names.get(consent.ukprn, "A college that is no longer listed")


@dataclass(frozen=True, slots=True)
class Road:
    """By which address the employer came: the private link, or, before the e-mail is verified, the need's page."""

    find: Callable[[], Need | None]
    endpoint: str
    key: dict[str, Any]

    def url(self, endpoint: str = "", **values: Any) -> str:
        """An address on the same road."""
        return url_for(f"sharing.{self.endpoint}{endpoint}", **self.key, **values)


def _by_link(secret: str) -> Road:
    return Road(lambda: need_to_manage(secret), "manage", {"secret": secret})


def _by_page(reference: str) -> Road:
    """Whoever holds the page's address is its employer, until an e-mail is verified; then only the link is."""

    def find() -> Need | None:
        need = the_need(reference)
        return need if need.email_verified_at is None else None

    return Road(find, "before", {"reference": reference})


@sharing.route("/manage/<secret>/sharing", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the ticks again
def manage(secret: str) -> Answer:
    """Who may see the need, by its private link."""
    return _page(_by_link(secret))


@sharing.route("/<reference>/sharing", methods=["GET", "POST"])
@csrf.exempt  # as above
def before(reference: str) -> Answer:
    """The same before the e-mail is verified. Nothing is shared until it is."""
    if the_need(reference).email_verified_at is not None:
        return redirect(url_for("needs.show", reference=reference, _anchor="confirmed"), 303)
    return _page(_by_page(reference))


@sharing.post("/manage/<secret>/sharing/<int:number>/withdraw")
def manage_withdraw(secret: str, number: int) -> Answer:
    """Withdraws one consent."""
    return _act(_by_link(secret), lambda need: withdraw_consent(need, number))


@sharing.post("/<reference>/sharing/<int:number>/withdraw")
def before_withdraw(reference: str, number: int) -> Answer:
    """The same before the e-mail is verified."""
    return _act(_by_page(reference), lambda need: withdraw_consent(need, number))


@sharing.post("/manage/<secret>/sharing/stop")
def manage_stop(secret: str) -> Answer:
    """Nobody sees the need any more, and the Chamber not whose it is."""

    def stop_all(need: Need) -> None:
        stop(need)
        end_chamber(need)

    return _act(_by_link(secret), stop_all)


@sharing.post("/manage/<secret>/sharing/chamber/withdraw")
def manage_chamber(secret: str) -> Answer:
    """Withdraws the consent to the Chamber alone."""
    return _act(_by_link(secret), end_chamber)


@sharing.post("/<reference>/sharing/chamber/withdraw")
def before_chamber(reference: str) -> Answer:
    """The same before the e-mail is verified."""
    return _act(_by_page(reference), end_chamber)


@sharing.post("/manage/<secret>/sharing/extend")
def manage_extend(secret: str) -> Answer:
    """Another 12 weeks from today."""

    def extend(need: Need) -> None:
        lead = lead_of(need)
        if lead is not None:
            extend_lead(lead)

    return _act(_by_link(secret), extend)


@sharing.post("/manage/<secret>/replies/<int:number>/fits")
def manage_fits(secret: str, number: int) -> Answer:
    """The training a college offered fits."""
    try:
        return _act(
            _by_link(secret), lambda need: reply_fits(need, number), to="needs.manage", anchor="replies"
        )
    except OutcomeRefused as refused:
        need = need_to_manage(secret)
        reference = need.reference if need else ""
        return render_template("needs/refused.html", reference=reference, words=str(refused)), 409


def _act(road: Road, work: Callable[[Need], object], to: str = "", anchor: str = "") -> Answer:
    def act() -> bool:
        need = road.find()
        if need is not None and need.is_open:
            work(need)
        return need is not None

    if not keep(act):
        return render_template("needs/link_over.html"), 404
    where = url_for(to, **road.key, _anchor=anchor) if to else road.url()
    return redirect(where, 303)


def _page(road: Road) -> Answer:
    need = road.find()
    if need is None or not need.is_open or not need.text:
        return render_template("needs/link_over.html"), 404
    form = SharingForm(choices_for(need, chosen_by(need)), _chamber())
    if request.method != "POST":
        return _show(road, need, form)
    if not form.validate():
        return _show(road, need, form), 422
    chosen, nearby, pool = form.chosen, bool(form.nearby.data), bool(form.pool.data)

    def share() -> None:
        standing = road.find()
        if standing is None:
            raise ConsentRefused("This need is no longer on record, so there is nothing to share")
        give(standing, named=chosen, nearby=nearby, pool=pool)
        if form.chamber.data:
            agree_to_chamber(standing, _chamber())

    try:
        keep(share)
    except ConsentRefused as refused:
        form.form_errors.append(str(refused))
        return _show(road, road.find() or need, form), 422
    except NotSaved:
        return _show(road, road.find() or need, form, unsaved=True), 503, RETRY
    return redirect(road.url(_anchor="now"), 303)


def _chamber() -> str:
    chamber: str = current_app.extensions["area"].chamber
    return chamber


def chosen_by(need: Need) -> set[int]:
    """The UKPRNs of those the employer lets see the need by name."""
    return {c.ukprn for c in live_consents(need) if c.recipients == "named"}


def _show(road: Road, need: Need, form: SharingForm, unsaved: bool = False) -> str:
    return render_template(
        "leads/sharing.html",
        need=need,
        form=form,
        choices=choices_for(need, chosen_by(need)),
        now_shared=sharing_of(need),
        about=about_employers(need),
        wording=WORDINGS[PRESENT],
        chamber_wording=chamber_words(_chamber()),
        near_km=NEAR_KM,
        road=road,
        unsaved=unsaved,
    )
