"""Which facets a case is about, now."""

from __future__ import annotations

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, is_here


def standing_facets() -> Select[tuple[Facet]]:
    """The facets that anything can still be done about: of open needs whose words are kept, robots' left out."""
    return (
        select(Facet)
        .join(Facet.need)
        .options(contains_eager(Facet.need))
        .where(
            Facet.removed_at.is_(None),
            Need.status == "open",
            Need.text != "",
            Need.suspect.is_(False),
            is_here(),
        )
        .order_by(Facet.id)
    )


def anything_stands(group: NeedGroup) -> bool:
    """Whether anything can still be done about a need of this group."""
    stands = standing_facets().join(GroupedFacet, GroupedFacet.facet_id == Facet.id)
    stands = stands.where(GroupedFacet.group_id == group.standing.id).order_by(None)
    return bool(db.session.scalar(select(stands.exists())))


def facets_of(case: Case) -> list[Facet]:
    """The standing facets of the case: those of its group, or of the one that was merged into, or those of its need."""
    asked = standing_facets()
    if case.group is not None:
        asked = asked.join(GroupedFacet, GroupedFacet.facet_id == Facet.id)
        return list(db.session.scalars(asked.where(GroupedFacet.group_id == case.group.standing.id)))
    return list(db.session.scalars(asked.where(Facet.need_id == case.need_id)))


def cases_about(need: Need) -> dict[int, list[Case]]:
    """For each facet of the need, by its number, the cases about it: the open ones first, then the latest."""
    facets = [facet.id for facet in need.live_facets]
    placed = select(GroupedFacet.facet_id, GroupedFacet.group_id).where(GroupedFacet.facet_id.in_(facets))
    groups = dict(db.session.execute(placed).tuples().all())
    now_in = once_called(set(groups.values()))
    cases = list(
        db.session.scalars(
            select(Case).where(or_(Case.need_id == need.id, Case.group_id.in_(now_in)), case_is_here())
        )
    )
    cases.sort(key=lambda case: (not case.is_open, -case.id))
    return {
        facet: [
            c for c in cases if c.need_id == need.id or now_in.get(c.group_id or 0, -1) == groups.get(facet)
        ]
        for facet in facets
    }


def once_called(groups: set[int]) -> dict[int, int]:
    """These groups and those that were merged into them, each with the one that it is now."""
    now_in = {group: group for group in groups}
    newest = groups
    while newest:
        asked = select(NeedGroup.id, NeedGroup.merged_into_id).where(NeedGroup.merged_into_id.in_(newest))
        merged = {
            old: now_in[into]
            for old, into in db.session.execute(asked)
            if into is not None and old not in now_in
        }
        now_in |= merged
        newest = set(merged)
    return now_in
