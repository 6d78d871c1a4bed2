"""Where and when an offer is taught, in words: the same on a card, in a list and on the offer's own page."""

from __future__ import annotations

from datetime import date

from skillsmatch.offers.models import Offer
from skillsmatch.words import day_words, km_words


def place_words(offer: Offer, distance: float | None = None) -> str:
    """Where it is taught; with a distance in kilometres, the town and how far that is."""
    if offer.mode == "online":
        return "Online"
    if offer.national and offer.mode == "workplace":
        return "At your workplace, anywhere in England"
    venue = offer.venue
    if venue is None:
        return offer.provider.town
    if distance is not None:
        return f"{venue.town or venue.name}, {km_words(distance)} away"
    # "Stephenson Campus, Coalville" says its town already.
    said = venue.name.casefold().endswith(venue.town.casefold())
    return venue.name if said else ", ".join(part for part in (venue.name, venue.town) if part)


def start_words(offer: Offer, day: date) -> str:
    """The next start from `day` on, or why there is none to show."""
    upcoming = offer.next_start(day)
    if upcoming is not None:
        return day_words(upcoming)
    if offer.flexible_start:
        return "You can start at any time"
    return "The last date we know of has passed" if offer.start_dates else "No date given yet"
