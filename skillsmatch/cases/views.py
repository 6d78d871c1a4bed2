"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.cases import (  # noqa: F401  (they add to this blueprint, or take part in a need's moments)
    became,
    case_forgetting,
    case_views,
    engagement_views,
    fit_views,
    forgetting,
    gathering_file_views,
    gathering_models,
    gathering_views,
    group_views,
    member_views,
    merging_views,
    models,
    need_views,
    owned_words,
    quote_views,
    register_views,
    table_views,
)
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.helping import helping
from skillsmatch.cases.quoting import quoting
from skillsmatch.cases.referral_views import referrals

__all__ = ["cases", "helping", "quoting", "referrals"]

add_desk("cases.listing", "Unmet needs", Role.CHAMBER, place=15)
add_desk("cases.case_list", "Cases", Role.CHAMBER, place=16, within=("/cases/board", "/cases/open", "/cases/case"))
