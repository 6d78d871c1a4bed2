"""All the accounts' pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts import (  # noqa: F401  (they add to this blueprint)
    administering,
    joining,
    mine,
    people,
    setting_up,
    signing_in,
)
from skillsmatch.accounts.blueprint import accounts
from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role

__all__ = ["accounts"]

add_desk("accounts.everybody", "Accounts", Role.ADMIN)
