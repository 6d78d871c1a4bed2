"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.cases import (  # noqa: F401  (they add to this blueprint, or take part in a need's moments)
    engagement_views,
    forgetting,
    gathering_models,
    gathering_views,
    group_views,
    merging_views,
    models,
    need_views,
    owned_words,
    quote_views,
    register_views,
)
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.quoting import quoting

__all__ = ["cases", "quoting"]

add_desk("cases.listing", "Unmet needs", Role.CHAMBER, place=15)
