"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.cases import (  # noqa: F401  (they add to the rooms)
    became,
    case_forgetting,
    case_views,
    fit_views,
    models,
)
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.helping import helping
from skillsmatch.cases.referral_views import referrals

__all__ = ["cases", "helping", "referrals"]
