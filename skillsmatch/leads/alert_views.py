"""The pages of saved alerts, and the link in each mail that stops one without signing in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from skillsmatch.accounts.access import PUBLIC, blueprint_open_to, open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.leads.alerts import (
    AlertRefused,
    View,
    alert_of_key,
    alerts_of,
    save_alert,
    stop_alert,
    view_of,
)
from skillsmatch.leads.desk import the_account
from skillsmatch.leads.forms import AlertForm
from skillsmatch.leads.models import Alert
from skillsmatch.needs.blueprint import RETRY

alerts = blueprint_open_to(Blueprint("alerts", __name__, url_prefix="/alerts"), Role.COLLEGE, Role.PROVIDER)
Answer = str | BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]


@alerts.after_request
def keep_private(response: Response) -> Response:
    """A stop link's address is its key: it is not passed on or kept."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@alerts.route("", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the choices again
def listing() -> Answer:
    """The account's alerts, and a form for another."""
    asked = {name: request.args.get(name, "") for name in ("theme", "district", "kind")}
    area = current_app.extensions["area"]
    form = AlertForm(area, data=asked) if request.method != "POST" else AlertForm(area)
    if request.method != "POST":
        return _page(form)
    if not form.validate():
        return _page(form), 422
    view = View(form.theme.data or "", form.district.data or "", form.kind.data or "")
    try:
        keep(lambda: save_alert(the_account(), view))
    except AlertRefused as refused:
        form.form_errors.append(str(refused))
        return _page(form), 422
    except NotSaved:
        return _page(form, unsaved=True), 503, RETRY
    return redirect(url_for("alerts.listing"), 303)


def _page(form: AlertForm, unsaved: bool = False) -> str:
    standing = [(alert, view_of(alert)) for alert in alerts_of(the_account())]
    return render_template("alerts/listing.html", form=form, standing=standing, unsaved=unsaved)


@alerts.post(f"/<int(max={LARGEST_ID}):number>/stop")
def stop(number: int) -> BaseResponse:
    """Stops one alert of this account; another's is not there."""

    def work() -> None:
        own = select(Alert).where(Alert.id == number, Alert.account_id == the_account().id)
        stop_alert(db.session.scalar(own) or abort(404))

    keep(work)
    return redirect(url_for("alerts.listing"), 303)


@alerts.get("/stop/<key>")
@open_to(PUBLIC)
def stop_page(key: str) -> str | tuple[str, int]:
    """A button: mail scanners open links, and must not stop anything by that."""
    alert = alert_of_key(key)
    if alert is None:
        return render_template("alerts/stop.html", alert=None), 404
    return render_template("alerts/stop.html", alert=alert, view=view_of(alert), key=key)


@alerts.post("/stop/<key>")
@open_to(PUBLIC)
def stop_by_link(key: str) -> BaseResponse | tuple[str, int]:
    """Stops the alert, without signing in."""

    def work() -> bool:
        alert = alert_of_key(key)
        if alert is not None:
            stop_alert(alert)
        return alert is not None

    if not keep(work):
        return render_template("alerts/stop.html", alert=None), 404
    return redirect(url_for("alerts.stop_page", key=key), 303)
