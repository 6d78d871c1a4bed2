"""All the accounts' pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts import signing_in  # noqa: F401  (it adds to this blueprint)
from skillsmatch.accounts.blueprint import accounts

__all__ = ["accounts"]
