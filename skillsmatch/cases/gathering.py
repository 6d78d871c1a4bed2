"""Writing down a need for an employer met at an event, by phone or in a survey. It changes the session only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.cases.firm_names import legal_name
from skillsmatch.cases.gathering_models import GatheredNeed, KnownBusiness, business_is_here
from skillsmatch.clock import now, today
from skillsmatch.demand.domains import FREE_MAIL, PLATFORMS, business_domain
from skillsmatch.demand.employers import confirm_as_employer, employer_key, provider_digests
from skillsmatch.demand.models import DEMONSTRATION, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages
from skillsmatch.needs.asked import NOT_ASKED, asked_from
from skillsmatch.needs.contact import ask_to_verify, withdraw
from skillsmatch.needs.keeping import need_of_token, payload_digest, store_need
from skillsmatch.needs.search import Found, find_matches, find_themes

CHANNELS = {
    "event": "At an event",
    "phone": "By phone",
    "visit": "On a visit",
    "meeting": "In a meeting",
    "survey": "By a survey",
}
WAYS = {"web": "On the web", DEMONSTRATION: "Invented, for the demonstration", **CHANNELS}  # how any need came in
MET = {"event": "at an event", "phone": "by phone", "visit": "on a visit", "meeting": "in a meeting",
       "survey": "through a survey"}  # fmt: skip


class GatheringRefused(ValueError):
    """The need cannot be written down so; the words say why."""


@dataclass(frozen=True)
class Heard:
    """How a need was heard of."""

    channel: str
    met_on: date
    occasion: str = ""
    confirmed: bool = False  # the officer says that it counts


def business_key(name: str, domain: str, outcode: str, email: str = "") -> EmployerKey:
    """The employer key of a business an officer knows: by its web domain, else its e-mail, else name and place.

    The same name in the same postcode district is the same employer, whatever legal form is typed behind it.
    Refused (GatheringRefused) where nothing of it tells one business from another.
    """
    if domain:
        return employer_key(f"anybody@{domain}", "")
    if email:
        return employer_key(email, "")
    if not (name and outcode):
        raise GatheringRefused("Give a web address, an e-mail address, or a name and a postcode")
    return employer_key("", f"business {legal_name(name)} {outcode}")


def own_domain(typed: str) -> str | None:
    """The business domain of a typed web or e-mail address or domain: "acme.co.uk" of "https://www.Acme.co.uk/jobs".

    Empty where nothing is typed; None where it is no domain of one business, such as gmail.com.
    """
    typed = typed.strip().lower()
    if not typed:
        return ""
    host = typed.partition("://")[2] or typed
    host = host.rpartition("@")[2].split("/")[0].split("?")[0].split(":")[0].removeprefix("www.").strip(".")
    labels = host.split(".")
    right = len(host) <= 253 and len(labels) > 1 and all(_is_label(label) for label in labels)
    domain = business_domain(host) if right else ""
    ending_only = (
        right and domain == host and len(labels) < 3 and labels[-2] in ("co", "org", "gov", "ac", "ltd")
    )
    return domain if domain and not ending_only and domain not in FREE_MAIL | PLATFORMS else None


def _is_label(label: str) -> bool:
    inner = label.replace("-", "")
    return 0 < len(label) < 64 and inner.isascii() and inner.isalnum() and label.strip("-") == label


def found_for(answers: Mapping[str, Any], area: Area) -> Found:
    """What fits these answers, as the need form would find it. It reads; it writes nothing."""
    return find_matches(asked_from({**NOT_ASKED, **answers}, area), today())


def themes_for(answers: Mapping[str, Any], area: Area) -> Found:
    """The same split and themed only: `flask work` matches it soon after it is on record."""
    return find_themes(asked_from({**NOT_ASKED, **answers}, area))


def write_down(
    found: Found, answers: Mapping[str, Any], heard: Heard, token: str, area: Area, by: int | None
) -> GatheredNeed:
    """The need on record with its channel, and its employer told of it where an e-mail address was given.

    The same `token` again gives the need it made. It counts where the officer says so, and else once its e-mail is
    confirmed. A college's or provider's own domain is confirmed as any other: by the officer who says so.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    standing = need_of_token(digest)
    if standing is not None:
        return db.session.scalars(select(GatheredNeed).where(GatheredNeed.need_id == standing.id)).one()
    whole = {**NOT_ASKED, **answers}
    place = found.asked.place
    key = business_key(
        whole["business_name"], whole.get("domain", ""), place.outcode if place else "", whole["email"]
    )
    need = store_need(found, whole, digest, payload_digest(answers), area, channel=heard.channel, key=key)
    row = GatheredNeed(
        need_id=need.id,
        channel=heard.channel,
        occasion=heard.occasion,
        met_on=heard.met_on,
        account_id=by,
        confirmed_at=now() if heard.confirmed else None,
    )
    db.session.add(row)
    db.session.flush()
    if heard.confirmed:
        confirm_as_employer(key.id)
    if need.email:
        _tell(row)
    return row


def _tell(row: GatheredNeed) -> None:
    """An address that has had its mails for the day keeps its need, without a mail."""
    try:
        ask_to_verify(row.need, "needs.gathered", met=MET[row.channel])
    except TooManyMessages:
        row.need.verify_digest = None


def take_back(row: GatheredNeed) -> None:
    """A need written down by mistake is withdrawn and forgotten. Its employer's own, once confirmed, is left alone."""
    if row.need.email_verified_at is not None:
        raise GatheringRefused("The employer has confirmed this need. Only the employer can withdraw it now")
    if row.need.is_open:
        withdraw(row.need)


def known_as(keys: set[int]) -> dict[int, KnownBusiness]:
    """The businesses on the Chamber's list with these keys."""
    wanted = select(KnownBusiness).where(KnownBusiness.employer_key_id.in_(keys), business_is_here())
    return {one.employer_key_id: one for one in db.session.scalars(wanted)}


def is_providers(key: EmployerKey, digests: frozenset[str] | None = None) -> bool:
    """True of a college's or training provider's own domain, which counts only once somebody has looked."""
    return key.provider or key.digest in (provider_digests() if digests is None else digests)
