"""The officers' pages: look at a release first, publish it, withdraw it; employers that do not count yet."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.roles import Role
from skillsmatch.clock import today
from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.demand import not_counted, releases
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.campaigns import signs_in
from skillsmatch.demand.disclosure import rules_of
from skillsmatch.demand.employers import NotAnEmployer, confirm_as_employer, find_employer
from skillsmatch.demand.files import forget_files
from skillsmatch.demand.forms import CloseForm, ConfirmForm, DraftForm, FindForm, PublishForm, WithdrawForm
from skillsmatch.demand.guard import reads_employers
from skillsmatch.demand.lattice import categories, specs_for
from skillsmatch.demand.models import Release
from skillsmatch.demand.offer_figures import figures_to_look_at
from skillsmatch.demand.periods import PeriodError, read_period
from skillsmatch.demand.published import NoSuchTable, table_of
from skillsmatch.demand.showing import area
from skillsmatch.extensions import db
from skillsmatch.forms import listed
from skillsmatch.safety import RETRY_AFTER

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
BUSY = {"Retry-After": RETRY_AFTER}


def draft_form() -> DraftForm:
    """The periods that are over, of this year and the last, and have no release."""
    form = DraftForm()
    form.period.choices = listed([(p.name, f"{p.name}: {p.words}") for p in releases.open_periods(area())])
    return form


@demand.get("/demand/releases")
@open_to(Role.CHAMBER)
def release_list() -> Answer:
    """Every release, drafts too, and the form that makes a draft."""
    return _list(draft_form())


def _list(form: DraftForm, close: CloseForm | None = None, refused: str = "") -> str:
    return render_template(
        "demand/releases.html",
        form=close if close and close.errors else form,
        draft=form,
        close=close,
        refused=refused,
        releases=releases.all_releases(),
        words={r.id: read_period(r.period, r.year_start_month).words for r in releases.all_releases()},
    )


@demand.post("/demand/releases")
@open_to(Role.CHAMBER)
@reads_employers
def make_draft() -> Answer:
    """Counts, and keeps a draft for officers to look at."""
    form = draft_form()
    if not form.validate():
        return _list(form), 422
    period = read_period(form.period.data, area().year_start_month)
    try:
        drawn = releases.draw_up(period, area())
        number = keep(lambda: _keep_draft(drawn))
    except releases.TooFewEmployers as few:
        return _list(form, CloseForm(formdata=None, closing=period.name), str(few)), 409
    except releases.ReleaseRefused as refused:
        return _list(form, refused=str(refused)), 409
    except IntegrityError:
        return _list(form, refused="Somebody else made this release just now. It is in the list."), 409
    return redirect(url_for("demand.release_page", number=number), 303)


def _keep_draft(drawn: releases.Drawn) -> int:
    release = releases.store_draft(drawn)
    note("release drafted", f"release {release.id}", period=release.period)
    return release.id


@demand.post("/demand/releases/close")
@open_to(Role.CHAMBER)
@reads_employers
def close_period() -> Answer:
    """Puts on record that a period has no release, where too few employers count in it."""
    form = CloseForm()
    try:
        period = read_period(form.closing.data or "", area().year_start_month)
        releases.draw_up(period, area())
    except PeriodError as error:
        return _list(draft_form(), refused=str(error)), 422
    except releases.TooFewEmployers as few:
        if not form.validate():
            return _list(draft_form(), form, str(few)), 422
        why = few

        def close() -> None:
            closed = releases.close_without(period, why)
            note("period closed without a release", f"release {closed.id}", period=closed.period)

        keep(close)
        flash(f"{period.words} is closed without a release.")
        return redirect(url_for("demand.release_list"), 303)
    except releases.ReleaseRefused as refused:
        return _list(draft_form(), refused=str(refused)), 409
    return _list(draft_form(), refused=f"Enough employers count in {period.words}: make a draft of it."), 409


def _release(number: int) -> Release:
    release = db.session.get(Release, number)
    if release is None:
        raise NoSuchTable(f"There is no release with the number {number}")
    return release


@demand.get(f"/demand/releases/<int(max={LARGEST_ID}):number>")
@open_to(Role.CHAMBER)
def release_page(number: int) -> Answer:
    """Every number that a release shows, or would show; with the buttons to publish or withdraw it."""
    return _page(_release(number))


@demand.get(f"/demand/releases/<int(max={LARGEST_ID}):number>/campaigns")
@open_to(Role.CHAMBER)
@reads_employers
def release_campaigns(number: int) -> Answer:
    """Signs that somebody tried to make a theme look larger than it is: exact counts, to look at before publishing."""
    release = _release(number)
    period = read_period(release.period, release.year_start_month)
    return render_template(
        "demand/campaigns.html",
        release=release,
        period=period,
        signs=signs_in(period),
        themes=categories(area())["theme"],
    )


def _page(
    release: Release,
    publish: PublishForm | None = None,
    withdraw: WithdrawForm | None = None,
    refused: str = "",
    **page: object,
) -> str:
    has_tables = release.state in ("draft", "published")
    tables = [table_of(release, area(), spec.name) for spec in specs_for(release.kind)] if has_tables else []
    return render_template(
        "demand/release.html",
        release=release,
        edition=tables[0].edition if tables else None,
        period=read_period(release.period, release.year_start_month),
        tables=tables,
        of_offers=figures_to_look_at(release) if has_tables and release.kind == "quarter" else [],
        publish=publish or PublishForm(formdata=None),
        withdraw=withdraw or WithdrawForm(formdata=None),
        form=publish or withdraw,
        refused=refused,
        **page,
    )


@demand.post(f"/demand/releases/<int(max={LARGEST_ID}):number>/publish")
@open_to(Role.CHAMBER)
def publish(number: int) -> Answer:
    """Publishes a draft as it was looked at. Nothing is counted again."""
    form = PublishForm()
    if not form.validate():
        return _page(_release(number), publish=form), 422
    try:
        words = keep(lambda: _publish(number))
    except releases.ReleaseRefused as refused:
        return _page(_release(number), refused=str(refused)), 409
    flash(f"{words} is published.")
    return redirect(url_for("demand.release_page", number=number), 303)


def _publish(number: int) -> str:
    release = _release(number)
    releases.publish(release)
    note("release published", f"release {number}", period=release.period)
    return release.period


@demand.post(f"/demand/releases/<int(max={LARGEST_ID}):number>/withdraw")
@open_to(Role.CHAMBER)
def withdraw(number: int) -> Answer:
    """Takes a published release back. Its notice stands in its place for ever."""
    form = WithdrawForm()
    if not form.validate():
        return _page(_release(number), withdraw=form), 422
    try:
        words = keep(lambda: _withdraw(number, form.reason.data))
    except releases.ReleaseRefused as refused:
        return _page(_release(number), withdraw=form, refused=str(refused)), 409
    except NotSaved:
        return _page(_release(number), withdraw=form, unsaved=True), 503, BUSY
    forget_files(words)
    flash(f"{words} is withdrawn.")
    return redirect(url_for("demand.release_page", number=number), 303)


def _withdraw(number: int, because: str) -> str:
    release = _release(number)
    releases.withdraw(release, because)
    note("release withdrawn", f"release {number}", period=release.period, reason=because)
    return release.period


# --- employers that do not count ------------------------------------------------------------------


@demand.route("/demand/employers", methods=["GET", "POST"])
@open_to(Role.CHAMBER)
@reads_employers
def employers() -> Answer:
    """Employers that asked and do not count: numbers, no words. A post looks for one by its address."""
    form = FindForm() if request.method == "POST" else FindForm(formdata=None)
    if request.method != "POST":
        return _employers(form)
    if not form.validate():
        return _employers(form), 422
    key = find_employer(form.address.data)
    row = not_counted.one(key.id, area().year_start_month) if key else None
    if key is None or row is None:
        found = (
            "That employer counts already."
            if key
            else "No employer with this address has asked for anything."
        )
        return _employers(form, found)
    return redirect(url_for("demand.employer", number=key.id), 303)


def _employers(form: FindForm, found: str = "") -> str:
    return render_template(
        "demand/employers.html",
        form=form,
        found=found,
        overview=not_counted.look(area().year_start_month),
        why=not_counted.WHY,
        most=not_counted.MOST,
        least=rules_of(current_app.config).least_employers,
        today=today(),
    )


@demand.route(f"/demand/employers/<int(max={LARGEST_ID}):number>", methods=["GET", "POST"])
@open_to(Role.CHAMBER)
@reads_employers
def employer(number: int) -> Answer:
    """One of them, and the button by which an officer confirms that it asks as an employer."""
    row = not_counted.one(number, area().year_start_month)
    if row is None:
        raise NoSuchTable(f"There is no employer with the number {number} that does not count")
    form = ConfirmForm() if request.method == "POST" else ConfirmForm(formdata=None)
    if request.method != "POST" or not form.validate():
        page = render_template("demand/employer.html", form=form, row=row, why=not_counted.WHY)
        return (page, 422) if request.method == "POST" else page

    def confirm() -> None:
        confirm_as_employer(number)
        note("employer confirmed", f"employer {number}", why=row.why)

    try:
        keep(confirm)
    except NotAnEmployer as error:
        raise NoSuchTable(str(error)) from None
    flash(f"Employer {number} counts from now on.")
    return redirect(url_for("demand.employers"), 303)
