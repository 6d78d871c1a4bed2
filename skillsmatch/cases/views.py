"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.cases import (  # noqa: F401  (they add to this blueprint, or take part in a need's moments)
    case_models,
    fit_models,
    forgetting,
    group_views,
    models,
    need_views,
    referral_models,
    register_views,
)
from skillsmatch.cases.blueprint import cases

__all__ = ["cases"]

add_desk("cases.listing", "Unmet needs", Role.CHAMBER, place=15)
