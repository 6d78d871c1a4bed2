"""Saved views of a college account, and telling it when a lead or a release touches one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, render_template
from sqlalchemy import exists, select

from skillsmatch.accounts.models import Account
from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import KINDS, Kind
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import now
from skillsmatch.demand.published import Edition, NoSuchTable, editions, read_table
from skillsmatch.extensions import db
from skillsmatch.leads.mails import address
from skillsmatch.leads.models import Alert, AlertHit
from skillsmatch.leads.pooling import readers
from skillsmatch.leads.seeing import Shown, leads_for
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.offers.models import Provider

GATHER = timedelta(minutes=5)  # leads that come within it go into one mail; "at once" for a person
STILL_NEW = timedelta(
    days=14
)  # a release published before is no news; sent mails are known for longer than that
MOST = 20  # alerts of one account; more is a list to read, not a wish to be told


class AlertRefused(ValueError):
    """The view cannot be saved; the words say why."""


@dataclass(frozen=True, slots=True)
class View:
    """What an alert looks for. Empty is any."""

    theme: str = ""
    district: str = ""
    kind: str = ""

    def touches(self, shown: Shown) -> bool:
        """Whether a lead is one of those looked for: one of its facets for theme and kind, its place for district."""
        if self.district and shown.need.district != self.district:
            return False
        facets = [f for f in shown.facets if self.theme in ("", f.theme)]
        return any(self.kind in ("", f.kind_hint) for f in facets)

    @property
    def words(self) -> str:
        """The view as a page and a mail name it."""
        return f"{self._theme}, {self._kind}, {self._place}"

    @property
    def cell_words(self) -> str:
        """The view as a released table has it: by theme and council area without a kind, or by kind alone."""
        return f"{self._kind}, {self._place}" if self.kind_alone else f"{self._theme}, {self._place}"

    @property
    def kind_alone(self) -> bool:
        """Whether it looks for a kind of training and for nothing else."""
        return bool(self.kind) and not self.theme and not self.district

    @property
    def _kind(self) -> str:
        return KINDS[Kind(self.kind)].plural if self.kind in KINDS else "every kind of training"

    @property
    def _theme(self) -> str:
        theme = load_themes().themes.get(self.theme)
        return theme.name if theme else "Every theme"

    @property
    def _place(self) -> str:
        area: Area = current_app.extensions["area"]
        return area.district_name(self.district) or "the whole area"


def view_of(alert: Alert) -> View:
    """The view an alert saves."""
    return View(alert.theme, alert.district, alert.kind)


def alerts_of(account: Account) -> list[Alert]:
    """The account's alerts that stand, as they were made."""
    standing = select(Alert).where(Alert.account_id == account.id, Alert.stopped_at.is_(None))
    return list(db.session.scalars(standing.order_by(Alert.id)))


def save_alert(account: Account, view: View) -> Alert:
    """A new alert. Leads that could be seen before are there to be read, so no mail comes for those.

    Refused (AlertRefused) for a view that is saved already, and for more than MOST.
    """
    standing = alerts_of(account)
    if view in map(view_of, standing):
        raise AlertRefused("You have this alert already")
    if len(standing) >= MOST:
        raise AlertRefused(f"You have {MOST} alerts. Stop one first")
    alert = Alert(
        account_id=account.id,
        theme=view.theme,
        district=view.district,
        kind=view.kind,
        key=secrets.token_hex(16),
        created_at=now(),
    )
    db.session.add(alert)
    db.session.flush()
    return alert


def stop_alert(alert: Alert) -> None:
    """No mail comes for it any more."""
    if alert.stopped_at is None:
        alert.stopped_at = now()


def alert_of_key(key: str) -> Alert | None:
    """The alert whose unsubscribe link this is."""
    return db.session.scalar(select(Alert).where(Alert.key == key))


def tell_of_leads() -> int:
    """Notes which leads touch which alerts, and posts what has been gathered; returns how many mails.

    For the worker, inside `keep`. What a provider may see is asked anew each time: a lead that was hidden
    meanwhile is in no mail. A mail says which alerts and how many leads, and nothing of any of them.
    """
    mails = 0
    for account in readers():
        alerts = alerts_of(account)
        provider = _provider_of(account)
        if alerts and provider is not None:
            mails += _tell(account, alerts, leads_for(provider))
    return mails


def _provider_of(account: Account) -> Provider | None:
    ukprn = account.organisation.ukprn
    return db.session.scalar(select(Provider).where(Provider.ukprn == ukprn)) if ukprn else None


def _tell(account: Account, alerts: list[Alert], leads: list[Shown]) -> int:
    hits = _note_hits(alerts, leads)
    visible = {shown.lead.id for shown in leads}
    waiting = [hit for hit in hits if hit.told_at is None and hit.lead_id in visible]
    if not waiting or min(hit.seen_at for hit in waiting) > now() - GATHER:
        return 0
    mine = [(alert, sum(hit.alert_id == alert.id for hit in waiting)) for alert in alerts]
    key = f"alert-{account.id}-{max(hit.id for hit in waiting)}"
    many = len({hit.lead_id for hit in waiting})
    subject = "A new lead for you" if many == 1 else f"{many} new leads for you"
    if not _post(account, key, subject, "leads_mail.txt", [(a, n) for a, n in mine if n], many=many):
        return 0
    for hit in waiting:
        hit.told_at = now()
    return 1


def _note_hits(alerts: list[Alert], leads: list[Shown]) -> list[AlertHit]:
    standing = select(AlertHit).where(AlertHit.alert_id.in_([a.id for a in alerts])).order_by(AlertHit.id)
    hits = list(db.session.scalars(standing))
    known = {(hit.alert_id, hit.lead_id) for hit in hits}
    for alert in alerts:
        view = view_of(alert)
        for shown in leads:
            if (alert.id, shown.lead.id) not in known and view.touches(shown):
                was_there = alert.looked_at is None and shown.since < alert.created_at
                told_at = now() if was_there else None
                hits.append(
                    AlertHit(alert_id=alert.id, lead_id=shown.lead.id, seen_at=now(), told_at=told_at)
                )
                db.session.add(hits[-1])
        alert.looked_at = alert.looked_at or now()
    db.session.flush()
    return hits


def _post(
    account: Account, key: str, subject: str, template: str, about: list[tuple[Alert, int]], **words: object
) -> bool:
    """Puts the mail into the outbox; False where the address has had its mails for the day, and has to wait."""
    lines = [
        {
            "words": view_of(alert).words,
            "cell_words": view_of(alert).cell_words,
            "number": number,
            "stop_url": address("alerts.stop_page", key=alert.key),
        }
        for alert, number in about
    ]
    urls = {"leads_url": address("leads.listing"), "alerts_url": address("alerts.listing")}
    body = render_template(f"alerts/{template}", account=account, lines=lines, **urls, **words)
    try:
        post(key, account.email, subject, body)
    except TooManyMessages:
        return False
    return True


def tell_of_releases() -> int:
    """Posts one mail about each release of late to each account with an alert that it touches; returns how many.

    For the worker, inside `keep`. It reads released cells by `read_table` and nothing else: a cell that is not
    shown touches nothing, so the mail says nothing that is not in them. A kind beside a theme or district is not
    looked at, because no released table has them together.
    """
    area: Area = current_app.extensions["area"]
    since = now() - STILL_NEW
    fresh = [
        e for e in editions(area) if e.state == "published" and e.published_at and e.published_at > since
    ]
    if not fresh:
        return 0
    accounts = [(account, alerts_of(account)) for account in readers()]
    return sum(
        _tell_of_release(edition, account, alerts) for edition in fresh for account, alerts in accounts
    )


def _tell_of_release(edition: Edition, account: Account, alerts: list[Alert]) -> int:
    key = f"release-{edition.period}-{account.id}"
    if edition.published_at is None or db.session.scalar(select(exists().where(MailMessage.key == key))):
        return 0
    asked = [alert for alert in alerts if alert.created_at < edition.published_at]
    about = [
        (alert, figure) for alert in asked if (figure := shown_cell(edition, view_of(alert))) is not None
    ]
    if not about:
        return 0
    url = address("alerts.listing")
    told = _post(
        account,
        key,
        f"New figures on demand: {edition.words}",
        "release_mail.txt",
        about,
        edition=edition,
        url=url,
    )
    return int(told)


def shown_cell(edition: Edition, view: View) -> int | None:
    """The figure the release shows for a view: by theme, by district, by both, or by kind where that is all.

    None where the cell is too small to be shown, where the release has no such table, and for a view of everything.
    """
    if view.kind_alone:
        name, codes = "kind", (view.kind, "")
    elif view.theme and view.district:
        name, codes = "theme-by-district", (view.theme, view.district)
    else:
        name, codes = ("theme", (view.theme, "")) if view.theme else ("district", (view.district, ""))
        if not codes[0]:
            return None
    area: Area = current_app.extensions["area"]
    try:
        return read_table(area, edition.period, name).of(*codes).shown
    except NoSuchTable:
        return None
