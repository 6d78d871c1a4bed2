"""An Atom feed of offers (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import Kind
from skillsmatch.clock import now
from skillsmatch.offers.cells import CONTROL
from skillsmatch.offers.models import Offer
from skillsmatch.offers.open_data import moment_text
from skillsmatch.offers.wording import place_words

ATOM = "http://www.w3.org/2005/Atom"
NO_OFFERS_YET = datetime(2026, 1, 1)  # a feed says when it was updated, also one that is empty


def feed_of(found: Sequence[Offer], area: Area, here: str, pages: str) -> str:
    """The feed as text. `here` is its own address, `pages` that of the list which people read."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"xml:lang": "en-GB"})
    _add(feed, "id", here)
    _add(feed, "title", f"New training in {area.name}")
    _add(feed, "updated", moment_text(max((o.changed_at for o in found), default=min(now(), NO_OFFERS_YET))))
    _link(feed, "self", here, "application/atom+xml")
    _link(feed, "alternate", pages, "text/html")
    _person(feed, "skillsmatch")
    base = pages.partition("?")[0]
    for offer in found:
        _entry(feed, offer, f"{base}/{offer.id}")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode")


def _entry(feed: ET.Element, offer: Offer, address: str) -> None:
    entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", _permanent(offer, address))
    _add(entry, "title", offer.title)
    _add(entry, "published", moment_text(offer.created_at))
    _add(entry, "updated", moment_text(offer.changed_at))
    _link(entry, "alternate", address, "text/html")
    _person(entry, offer.provider.name)
    ET.SubElement(entry, f"{{{ATOM}}}category", term=offer.kind, label=Kind(offer.kind).words.name)
    place = place_words(offer)
    _add(entry, "summary", "\n\n".join(part for part in (place, offer.who_for) if part))


def _permanent(offer: Offer, address: str) -> str:
    """A name that stays when the service is moved from http to https."""
    host = urlsplit(address).hostname or "localhost"
    return f"tag:{host},{offer.created_at:%Y-%m-%d}:offer-{offer.id}"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = CONTROL.sub("", text)


def _link(parent: ET.Element, rel: str, address: str, kind: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=address, type=kind)


def _person(parent: ET.Element, name: str) -> None:
    author = ET.SubElement(parent, f"{{{ATOM}}}author")
    _add(author, "name", name)
