"""The college's pages: leads, replies and cohorts. Whose lead it is, is asked anew for every page and every post."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, exists
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts import audit
from skillsmatch.accounts.access import blueprint_open_to, open_to
from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import KINDS
from skillsmatch.area.themes import load_themes
from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.demand.guard import may_read_employers
from skillsmatch.extensions import csrf
from skillsmatch.forms import one_line
from skillsmatch.leads import forgetting  # noqa: F401  (a lead follows its need from here on)
from skillsmatch.leads.alerts import View
from skillsmatch.leads.counting import counts_now
from skillsmatch.leads.desk import ago_words, clock_words, own_provider, the_account
from skillsmatch.leads.forms import ClassSizeForm, LookFor, ReplyForm, ReplyWords, theme_choices
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.leads.places import waiting_places
from skillsmatch.leads.pooling import class_size, cohorts_for, set_class_size
from skillsmatch.leads.replies import Draft, LeadGone, ReplyRefused, own_offers, replies_of, send_reply
from skillsmatch.leads.seeing import Shown, Sight, lead_for, read, sights_for
from skillsmatch.leads.wording import WHY_NOT_BY_CODE
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.offers.models import Provider

PAGE_SIZE = 30  # leads on a page
FILTERS = ("theme", "kind", "district", "waiting")
NUMBER = f"<int(max={LARGEST_ID}):number>"
leads = may_read_employers(
    blueprint_open_to(Blueprint("leads", __name__, url_prefix="/leads"), Role.COLLEGE, Role.PROVIDER),
    "needs that their employers agreed to show to this college, asked anew for every page",
)
add_desk("leads.listing", "Leads", Role.COLLEGE, Role.PROVIDER, place=30)
add_desk("alerts.listing", "Alerts", Role.COLLEGE, Role.PROVIDER, place=40)
add_desk("leads.counts", "Leads in numbers", Role.CHAMBER)
Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]


@leads.after_request
def keep_private(response: Response) -> Response:
    """A lead may be hidden at any moment, so no copy of its page is kept by browsers or on the way."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@leads.app_template_filter()
def theme_name(code: str) -> str:
    """A theme in words; an unclear one is said to be so."""
    theme = load_themes().themes.get(code)
    return theme.name if theme else "Not clear"


leads.add_app_template_filter(ago_words)


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of the list."""

    rows: list[Shown]
    page: int
    pages: int
    total: int

    @classmethod
    def of(cls, sights: list[Sight], page: int) -> Paged:
        """The page with this number, or the nearest there is; only its own leads are read."""
        pages = max(1, -(-len(sights) // PAGE_SIZE))
        page = min(max(page, 1), pages)
        return cls(read(sights[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]), page, pages, len(sights))


@leads.get("")
def listing() -> str:
    """The leads this provider may see now, narrowed by theme, council area, kind and whether they wait."""
    provider = own_provider()
    view = View(*(one_line(request.args.get(name)) for name in ("theme", "district", "kind")))
    waiting = request.args.get("waiting") == "yes"
    every = sights_for(provider) if provider else []
    fitting = sights_for(provider, view.where(), *_unanswered(provider, waiting)) if provider else []
    paged = Paged.of(fitting, request.args.get("page", 1, type=int))
    return render_template(
        "leads/listing.html",
        provider=provider,
        total=len(every),
        rows=[(one, clock_words(one, _mine(provider, one))) for one in paged.rows],
        paged=paged,
        filters={name: value for name, value in request.args.items() if name in FILTERS and value},
        view=view,
        waiting=waiting,
        themes=theme_choices(),
        councils=[(d.code, d.name) for d in area().districts.values()],
        kinds=[(kind.value, words.name) for kind, words in KINDS.items()],
        unconfirmed=waiting_places([provider])[0].waiting if provider else 0,
    )


def _unanswered(provider: Provider, waiting: bool) -> list[ColumnElement[bool]]:
    replied = exists().where(LeadReply.lead_id == Lead.id, LeadReply.ukprn == provider.ukprn)
    return [~replied] if waiting else []


def area() -> Area:
    """The area this service is for."""
    found: Area = current_app.extensions["area"]
    return found


def _mine(provider: Provider | None, shown: Shown) -> list[LeadReply]:
    return replies_of(provider, shown.lead) if provider else []


def the_lead(number: int) -> tuple[Provider, Shown]:
    """The lead with this number as this account's provider may see it now, or 404: for another it is not there."""
    provider = own_provider()
    shown = lead_for(provider, number) if provider else None
    return (provider, shown) if provider and shown else abort(404)


@leads.get(f"/{NUMBER}")
def lead(number: int) -> str:
    """One lead, without its contact details."""
    return _lead_page(*the_lead(number))


@leads.post(f"/{NUMBER}/contact")
def contact(number: int) -> str:
    """The same with the contact details. It is noted who asked for them; a look writes nothing, so this is a post."""

    def note() -> None:
        provider, shown = the_lead(number)
        audit.note("contact of lead read", f"lead {shown.lead.id}", ukprn=provider.ukprn)

    keep(note)
    return _lead_page(*the_lead(number), contact=True)


def _lead_page(provider: Provider, shown: Shown, contact: bool = False) -> str:
    mine = replies_of(provider, shown.lead)
    return render_template(
        "leads/lead.html",
        provider=provider,
        shown=shown,
        need=shown.need,
        replies=mine,
        why_not=WHY_NOT_BY_CODE,
        clock=clock_words(shown, mine),
        contact=contact,
    )


@leads.route(f"/{NUMBER}/reply", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def reply(number: int) -> Answer:
    """A reply, by one form; the employer is told in the same transaction."""
    if request.method == "POST" and not _still_shared(number):
        return _gone()
    provider, shown = the_lead(number)
    looking = LookFor()
    offers = own_offers(provider, shown.need, looking.look_for.data or "", _chosen())
    form = ReplyForm(shown.need, offers)
    if request.method != "POST":
        form.number.data = str(len(replies_of(provider, shown.lead)) + 1)
        return _reply_page(shown, form)
    if "look" in request.form and looking.validate():
        return _reply_page(shown, form, looked=True)
    if not form.validate():
        return _reply_page(shown, form), 422
    draft = _draft(form)
    try:
        keep(lambda: send_reply(own_provider() or abort(404), the_account(), number, draft))
    except LeadGone:
        return _gone()
    except ReplyRefused as refused:
        provider, shown = the_lead(number)
        form.form_errors.append(str(refused))
        form.number.data = str(len(replies_of(provider, shown.lead)) + 1)
        return _reply_page(shown, form, replies_of(provider, shown.lead)), 409
    except NotSaved:
        return _reply_page(the_lead(number)[1], form, unsaved=True), 503, RETRY
    return redirect(url_for("leads.lead", number=number, _anchor="replies"), 303)


def _chosen() -> int | None:
    """The offer that stands chosen in the form that was sent."""
    given = request.form.get("offer", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 11 else 0
    return number if 0 < number <= LARGEST_ID else None


def _still_shared(number: int) -> bool:
    provider = own_provider()
    return provider is not None and lead_for(provider, number) is not None


def _gone() -> tuple[str, int]:
    """What was typed, given back; nothing where it was not our form that sent it."""
    form = ReplyWords()
    return render_template("leads/gone.html", form=form if form.validate() else None), 404


def _draft(form: ReplyForm) -> Draft:
    number = form.number.data or ""
    return Draft(
        kind=form.kind.data,
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
        offer_id=int(form.offer.data) if form.offer.data else None,
        reason=form.reason.data or "",
        words=form.words.data or "",
        reach=form.reach.data or "",
        position=int(form.position.data) if form.position.data else None,
    )


def _reply_page(
    shown: Shown,
    form: ReplyForm,
    came_before: list[LeadReply] | None = None,
    unsaved: bool = False,
    looked: bool = False,
) -> str:
    return render_template(
        "leads/reply.html",
        shown=shown,
        need=shown.need,
        form=form,
        came_before=came_before or [],
        why_not=WHY_NOT_BY_CODE,
        unsaved=unsaved,
        looked=looked,
    )


@leads.route("/cohorts", methods=["GET", "POST"])
@csrf.exempt  # as above
def cohorts() -> Answer:
    """The cohorts this provider may see now, and how many people make a class for it."""
    provider = own_provider()
    if provider is None:
        nobodys = render_template("leads/cohorts.html", provider=None, seen=[], form=None, size=0)
        return nobodys, 404 if request.method == "POST" else 200
    form = ClassSizeForm(people=class_size(provider)) if request.method != "POST" else ClassSizeForm()
    status = 200
    if request.method == "POST":
        if form.validate():
            people = form.people.data or 0  # the form has seen to a number
            keep(lambda: set_class_size(own_provider() or abort(404), people))
            return redirect(url_for("leads.cohorts"), 303)
        status = 422
    page = {"provider": provider, "seen": cohorts_for(provider), "form": form, "size": class_size(provider)}
    return render_template("leads/cohorts.html", **page), status


@leads.get("/counts")
@open_to(Role.CHAMBER)
def counts() -> str:
    """How many leads there are and how many were answered: for the Chamber, which sees no lead here."""
    return render_template("leads/counts.html", counts=counts_now(), why_not=WHY_NOT_BY_CODE)
