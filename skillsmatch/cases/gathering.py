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
from skillsmatch.cases.gathering_models import GatheredNeed
from skillsmatch.cases.said import said_digest
from skillsmatch.clock import now, today
from skillsmatch.demand.domains import FREE_MAIL, PLATFORMS, business_domain
from skillsmatch.demand.employers import confirm_as_employer, employer_key, provider_digests
from skillsmatch.demand.models import DEMONSTRATION, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages
from skillsmatch.needs.asked import NOT_ASKED, asked_from
from skillsmatch.needs.contact import ask_to_verify, withdraw
from skillsmatch.needs.keeping import (
    Cards,
    Shown,
    add_need,
    cards_of,
    keep_shown,
    need_of_token,
    payload_digest,
)
from skillsmatch.needs.search import Found, Read, find_matches

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


def identity_of(name: str, domain: str, outcode: str, email: str = "") -> tuple[str, str]:
    """What an employer key is made of, e-mail and reference, for a business an officer knows.

    That is its web domain, else its e-mail, else its name and place. The same name in the same postcode district is
    the same employer, whatever legal form is typed behind it.
    Refused (GatheringRefused) where nothing of it tells one business from another.
    """
    if domain:
        return f"anybody@{domain}", ""
    if email:
        return email, ""
    if not (name and outcode):
        raise GatheringRefused("Give a web address, an e-mail address, or a name and a postcode")
    return "", f"business {legal_name(name)} {outcode}"


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


def found_for(answers: Mapping[str, Any], area: Area, read: Read | None = None) -> Found:
    """What fits these answers, as the need form would find it. It reads; it writes nothing.

    `read` holds what was read for other needs, where there are many.
    """
    return find_matches(asked_from({**NOT_ASKED, **answers}, area), today(), read)


def write_down(
    found: Found, answers: Mapping[str, Any], heard: Heard, token: str, area: Area, by: int | None
) -> GatheredNeed:
    """The need on record with its channel, and its employer told of it where an e-mail address was given.

    The same `token` again gives the need it made. It counts where the officer says so, and else once its e-mail is
    confirmed. A college's or provider's own domain is confirmed as any other: by the officer who says so.
    """
    standing = need_of_token(token_of(token))
    if standing is not None:
        return db.session.scalars(select(GatheredNeed).where(GatheredNeed.need_id == standing.id)).one()
    key = employer_key(*identity_in(found, answers))
    row, shown = put_down(found, cards_of(found, area), answers, heard, token, by, key)
    keep_shown(shown)
    if heard.confirmed:
        confirm_as_employer(key.id)
    if row.need.email:
        _tell(row)
    return row


def token_of(token: str) -> str:
    """The digest under which a need that was written down is known."""
    return hashlib.sha256(token.encode()).hexdigest()


def identity_in(found: Found, answers: Mapping[str, Any]) -> tuple[str, str]:
    """The identity of the business that these answers are of. Refused as by `identity_of`."""
    place = found.asked.place
    return identity_of(
        answers["business_name"],
        answers.get("domain", ""),
        place.outcode if place else "",
        answers.get("email", ""),
    )


def put_down(
    found: Found,
    cards: Cards,
    answers: Mapping[str, Any],
    heard: Heard,
    token: str,
    by: int | None,
    key: EmployerKey,
) -> tuple[GatheredNeed, Shown]:
    """The need and how it was heard, in the session, and what is to go to `keep_shown`. It confirms nobody."""
    whole, digest = {**NOT_ASKED, **answers}, payload_digest(answers)
    need, shown = add_need(found, cards, whole, token_of(token), digest, channel=heard.channel, key=key)
    row = GatheredNeed(
        need=need,
        channel=heard.channel,
        occasion=heard.occasion,
        met_on=heard.met_on,
        account_id=by,
        confirmed_at=now() if heard.confirmed else None,
        said_digest=said_digest(whole["business_name"], whole["text"]),
    )
    db.session.add(row)
    return row, shown


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


def is_providers(key: EmployerKey, digests: frozenset[str] | None = None) -> bool:
    """True of a college's or training provider's own domain, which counts only once somebody has looked."""
    return key.provider or key.digest in (provider_digests() if digests is None else digests)
