"""A group's name follows the need whose words it is: with them it is forgotten."""

from __future__ import annotations

from sqlalchemy import select

from skillsmatch.cases.models import NeedGroup
from skillsmatch.cases.regrouping import rename_by_engine
from skillsmatch.extensions import db
from skillsmatch.needs.models import Need
from skillsmatch.needs.moments import taking_part, when_forgotten


@taking_part(when_forgotten)
def rename_after_others(need: Need) -> None:
    """Groups named in this employer's words get a name of others' words; their theme's or none where nobody's are left.

    The need's words are still there at this moment, so its facets are left out by number.
    """
    own = [facet.id for facet in need.facets]
    named = select(NeedGroup).where(NeedGroup.named_after_id.in_(own))
    for group in db.session.scalars(named):
        rename_by_engine(group, without=own)
