"""Whose domain an address is at: a business, a person's free mailbox, a college or training provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer, Provider, Venue

# Addresses at these belong to persons, not to one business: each address is an employer of its own.
FREE_MAIL = frozenset(
    """aol.com btinternet.com btopenworld.com fastmail.com gmail.com gmx.co.uk gmx.com googlemail.com hotmail.co.uk
    hotmail.com icloud.com live.co.uk live.com mac.com mail.com me.com msn.com ntlworld.com o2.co.uk outlook.com
    plus.com plusnet.com proton.me protonmail.com sky.com talk21.com talktalk.net tiscali.co.uk virginmedia.com
    yahoo.co.uk yahoo.com ymail.com zoho.com""".split()
)
DOTLESS = frozenset({"gmail.com", "googlemail.com"})  # they deliver a.b@ and ab@ to the same person

# Endings under which anyone may register a name. Below them stands the one label that makes a business's domain;
# with anything else, whoever owns one domain could be as many employers as it has subdomains.
SHARED_ENDINGS = frozenset(
    """ac.uk co.uk gov.uk ltd.uk me.uk mod.uk net.uk nhs.uk org.uk plc.uk police.uk uk.com uk.net gb.com gb.net
    co.com eu.com org.je co.je co.im com.im org.im co.gg""".split()
)
SECOND_LEVEL = frozenset("ac co com edu gov net org".split())  # as in com.au, under any country's ending
SCHOOLS = "sch.uk"  # schools have their council's name between: oakwood.leicester.sch.uk
ACADEMIC = "ac.uk"  # colleges and universities, whether we have loaded their courses or not
# Sites where a small provider's web address may lie without the domain being its own.
PLATFORMS = frozenset("facebook.com linkedin.com instagram.com google.com wordpress.com wixsite.com".split())


def business_domain(host: str) -> str:
    """The registered domain of `host`: "mail.firm.co.uk" is "firm.co.uk", so subdomains make no new employers."""
    labels = host.strip().strip(".").lower().split(".")
    ending = ".".join(labels[-2:])
    if ending == SCHOOLS:
        kept = 4
    elif ending in SHARED_ENDINGS or (
        len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in SECOND_LEVEL
    ):
        kept = 3
    else:
        kept = 2
    return ".".join(labels[-kept:])


def mailbox(address: str) -> str:
    """The mailbox behind a free-mail address: a tag after "+" and Gmail's dots make no new employer."""
    name, _, domain = address.strip().lower().rpartition("@")
    name = name.split("+", 1)[0]
    if domain in DOTLESS:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}"


def is_academic(domain: str) -> bool:
    """True for a college's or university's domain by its ending alone."""
    return domain.endswith("." + ACADEMIC)


def provider_domains() -> frozenset[str]:
    """The domains of the providers whose offers are loaded, by their e-mail and web addresses."""
    columns = (Provider.email, Provider.website, Venue.email, Venue.website, Offer.contact_email)
    said: set[str] = set()
    for column in columns:
        said.update(db.session.scalars(select(column).where(column != "").distinct()))
    return frozenset(domains_in(said))


def domains_in(addresses: Iterable[str]) -> Iterator[str]:
    """The business domain of each e-mail or web address that has one of its own."""
    for address in addresses:
        host = address.rpartition("@")[2] if "@" in address else _host(address)
        domain = business_domain(host)
        if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain) and domain not in FREE_MAIL | PLATFORMS:
            yield domain


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
