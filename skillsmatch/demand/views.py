"""All the demand pages, for create_app."""

from __future__ import annotations

from skillsmatch.accounts.desks import add_desk
from skillsmatch.accounts.roles import Role
from skillsmatch.demand import desk_figures, downloads, mine, officers, planner, reading  # noqa: F401  (they add to this blueprint)
from skillsmatch.demand.blueprint import demand

__all__ = ["demand"]

add_desk("demand.overview", "What employers ask for", *reading.READERS, place=20)
add_desk("demand.mine", "My provision", Role.COLLEGE, place=22)
add_desk("demand.planner", "Plan a course", *reading.READERS, place=24)
add_desk("demand.release_list", "Releases", Role.CHAMBER)
