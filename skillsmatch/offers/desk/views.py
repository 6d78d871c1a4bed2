"""The desk, whole: its blueprint with every page on it, and its link in the head of every page."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.offers import freshness_views  # noqa: F401  (it adds to the catalogue's blueprint)
from skillsmatch.offers.desk import (  # noqa: F401  (they add to the blueprint)
    home,
    offer_views,
    upload_views,
    venue_views,
)
from skillsmatch.offers.desk.blueprint import desk

__all__ = ["desk"]

add_desk("desk.home", "My training", Role.PROVIDER, place=10)
add_desk("offers.freshness", "Freshness", Role.CHAMBER, Role.ADMIN)
