"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.cases import case_models, fit_models, referral_models  # noqa: F401  (as above)
from skillsmatch.cases import models  # noqa: F401  (its tables belong to the metadata)
from skillsmatch.cases.blueprint import cases

__all__ = ["cases"]
