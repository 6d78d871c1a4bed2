"""Saved views of a college account, and telling it when a lead or a release touches one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, select

from skillsmatch.accounts.models import Account
from skillsmatch.addresses import whole_address
from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import KINDS, Kind
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand.published import Edition, NoSuchTable, editions, read_table
from skillsmatch.extensions import db
from skillsmatch.leads.models import Alert, AlertHit
from skillsmatch.leads.pooling import readers
from skillsmatch.leads.seeing import Shown, leads_for
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.models import Provider
from skillsmatch.texts.reading import letter
from skillsmatch.words import count_words

GATHER = timedelta(minutes=5)  # leads that come within it go into one mail; "at once" for a person
STILL_NEW = timedelta(
    days=14
)  # a release published before is no news; sent mails are known for longer than that
FIGURES = ("demand.overview", "alerts.listing")  # where a release is read, in a service that has such a page
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

    def where(self) -> ColumnElement[bool]:
        """The same as `touches`, asked of the tables."""
        facet = exists().where(Facet.need_id == Need.id, Facet.removed_at.is_(None))
        facet = facet.where(Facet.theme == self.theme) if self.theme else facet
        facet = facet.where(Facet.kind_hint == self.kind) if self.kind else facet
        return and_(facet, Need.district == self.district) if self.district else facet

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
    """Notes which leads touch which alerts, and posts what has been gathered; returns how many mails. For the worker.

    What a provider may see is asked anew each time: a lead that was hidden meanwhile is in no mail. A mail says
    which alerts and how many leads, and nothing of any of them. What is new is looked for first, and a write
    transaction is begun for an account only where something is: reading takes a while.
    """
    seen: dict[int, list[Shown]] = {}
    news = []
    for account in readers():
        provider = _provider_of(account)
        alerts = alerts_of(account)
        if provider is not None and alerts:
            if provider.id not in seen:
                seen[provider.id] = leads_for(provider)
            if _has_news(alerts, seen[provider.id]):
                news.append(account.id)
    return sum(keep(lambda n=n: _tell(n)) for n in news)  # type: ignore[misc]


def _provider_of(account: Account) -> Provider | None:
    ukprn = account.organisation.ukprn
    return db.session.scalar(select(Provider).where(Provider.ukprn == ukprn)) if ukprn else None


def _hits(alerts: list[Alert]) -> list[AlertHit]:
    standing = select(AlertHit).where(AlertHit.alert_id.in_([a.id for a in alerts])).order_by(AlertHit.id)
    return list(db.session.scalars(standing))


def _waiting(hits: list[AlertHit], leads: list[Shown]) -> list[AlertHit]:
    """What has to be told now: nothing until GATHER has gone by since the first of them."""
    visible = {shown.lead.id for shown in leads}
    waiting = [hit for hit in hits if hit.told_at is None and hit.lead_id in visible]
    return waiting if waiting and min(hit.seen_at for hit in waiting) <= now() - GATHER else []


def _has_news(alerts: list[Alert], leads: list[Shown]) -> bool:
    hits = _hits(alerts)
    known = {(hit.alert_id, hit.lead_id) for hit in hits}
    touched = ((a.id, s.lead.id) for a in alerts for s in leads if view_of(a).touches(s))
    first_look = any(alert.looked_at is None for alert in alerts)
    return first_look or bool(_waiting(hits, leads)) or any(pair not in known for pair in touched)


def _tell(number: int) -> int:
    account = db.session.get_one(Account, number)
    alerts, provider = alerts_of(account), _provider_of(account)
    leads = leads_for(provider) if provider else []
    waiting = _waiting(_note_hits(alerts, leads), leads)
    if not waiting:
        return 0
    mine = [(alert, sum(hit.alert_id == alert.id for hit in waiting)) for alert in alerts]
    key = f"alert-{account.id}-{max(hit.id for hit in waiting)}"
    many = len({hit.lead_id for hit in waiting})
    words = {
        "leads": "A new lead" if many == 1 else f"{many} new leads",
        "shared": "An employer has shared a need"
        if many == 1
        else f"{many} employers’ needs have been shared",
        "lines": "\n".join(f"  {view_of(a).words}: {count_words(n, 'lead')}" for a, n in mine if n),
        "leads_link": whole_address("leads.listing"),
    }
    if not _post(account, key, "alerts.leads", [a for a, n in mine if n], words):
        return 0
    for hit in waiting:
        hit.told_at = now()
    return 1


def _note_hits(alerts: list[Alert], leads: list[Shown]) -> list[AlertHit]:
    hits = _hits(alerts)
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


def _post(account: Account, key: str, code: str, about: list[Alert], words: Mapping[str, object]) -> bool:
    """Puts the mail into the outbox; False where the address has had its mails for the day, and has to wait."""
    stops = (
        f'To stop the alert "{view_of(a).words}":\n{whole_address("alerts.stop_page", key=a.key)}\n' for a in about
    )
    always = {"name": account.name, "stops": "\n".join(stops), "alerts_link": whole_address("alerts.listing")}
    mail = letter(code, **always, **words)
    try:
        post(key, account.email, mail.subject, mail.body)
    except TooManyMessages:
        return False
    return True


def tell_of_releases() -> int:
    """Posts one mail about each release of late to each account with an alert that it touches; returns how many.

    For the worker. It reads released cells by `read_table` and nothing else: a cell that is not shown touches
    nothing, so the mail says nothing that is not in them. A kind beside a theme or district is not looked at,
    because no released table has them together.
    """
    since = now() - STILL_NEW
    told = 0
    for edition in editions():
        if edition.state == "published" and edition.published_at and edition.published_at > since:
            for number in [account.id for account in readers() if not _knows(edition, account)]:
                told += keep(lambda e=edition, n=number: _tell_of_release(e, n))  # type: ignore[misc]
    return told


def _release_key(edition: Edition, account: Account) -> str:
    return f"release-{edition.period}-{account.id}"


def _knows(edition: Edition, account: Account) -> bool:
    """Whether nothing has to be told: no alert is touched, or the mail has been posted."""
    posted = exists().where(MailMessage.key == _release_key(edition, account))
    return not _touched(edition, account) or bool(db.session.scalar(select(posted)))


def _touched(edition: Edition, account: Account) -> list[tuple[Alert, int]]:
    """The account's alerts from before the release, each with the figure that is shown for it."""
    asked = [a for a in alerts_of(account) if edition.published_at and a.created_at < edition.published_at]
    return [(a, figure) for a in asked if (figure := shown_cell(edition, view_of(a))) is not None]


def _tell_of_release(edition: Edition, number: int) -> int:
    account = db.session.get_one(Account, number)
    key, about = _release_key(edition, account), _touched(edition, account)
    words = {
        "period": edition.words,
        "lines": "\n".join(f"  {view_of(a).cell_words}: about {figure} employers" for a, figure in about),
        "notes": "\n".join(edition.notes),
        "link": whole_address(next(page for page in FIGURES if page in current_app.view_functions)),
    }
    return int(_post(account, key, "alerts.release", [a for a, _ in about], words))


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
