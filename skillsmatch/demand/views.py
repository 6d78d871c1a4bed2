"""All the demand pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.demand import downloads, mine, officers, planner, reading  # noqa: F401  (they add to this blueprint)
from skillsmatch.demand.blueprint import demand

__all__ = ["demand"]

add_desk("demand.overview", "What employers ask for", *reading.READERS)
add_desk("demand.mine", "My provision", Role.COLLEGE)
add_desk("demand.planner", "Plan a course", *reading.READERS)
add_desk("demand.release_list", "Releases", Role.CHAMBER)
