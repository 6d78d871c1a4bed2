"""What an officer does to groups: rename, merge, split. It stands until an officer does otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from skillsmatch.accounts import audit
from skillsmatch.cases.case_keeping import live_case
from skillsmatch.cases.grouping import NO_WORDS, encode, hold_groups, move_all, name_of, set_themes, words_of
from skillsmatch.cases.models import GroupedFacet, NeedGroup, group_is_here
from skillsmatch.clock import now
from skillsmatch.extensions import db

SUGGESTED = 6  # groups named as likely to be the same


class RegroupingRefused(ValueError):
    """It makes no sense as things stand; the words say why."""


def rename(group: NeedGroup, name: str) -> None:
    """The group has this name, and no run gives it another. Its theme stays what it is."""
    group.name, group.named_by, group.named_after_id = name, "officer", None
    audit.note("need group renamed", f"need group {group.id}")


def merge(group: NeedGroup, into: NeedGroup) -> None:
    """All of `group` is in `into`, and whoever asks for `group` is led there, its open case too.

    Refused with itself, with one that was merged, and where an open case is about each of the two.
    """
    if group.id == into.id:
        raise RegroupingRefused("Choose another group: this is the same one")
    hold_groups()
    if group.merged_into_id is not None or into.merged_into_id is not None:
        raise RegroupingRefused("One of the two was merged a moment ago. Look at the register again")
    both = [live_case(group=each) for each in (group, into)]
    if all(both):
        first, second = (case.id for case in both if case)
        raise RegroupingRefused(
            f"Case {first} and case {second} are open about them. Close one of the two first"
        )
    moved = update(GroupedFacet).where(GroupedFacet.group_id == group.id)
    db.session.execute(moved.values(how="officer"))
    move_all(group, into)
    set_themes()
    audit.note("need group merged", f"need group {group.id}", into=into.id)


def split(group: NeedGroup, facets: Iterable[int], name: str) -> NeedGroup:
    """A new group with these facets of `group`; both have the theme of most of what they hold.

    Refused where none of them is in the group, and where nothing would be left in it.
    """
    hold_groups()
    own = set(db.session.scalars(select(GroupedFacet.facet_id).where(GroupedFacet.group_id == group.id)))
    chosen = sorted(own & set(facets))
    if not chosen:
        raise RegroupingRefused("Choose the needs that are about something else")
    if len(chosen) == len(own):
        raise RegroupingRefused("Leave at least one need in the group, or rename the group instead")
    new = NeedGroup(
        name=name, named_by="officer", made_by="officer", created_at=now(), split_from_id=group.id
    )
    db.session.add(new)
    db.session.flush()
    db.session.execute(
        update(GroupedFacet)
        .where(GroupedFacet.facet_id.in_(chosen))
        .values(group_id=new.id, how="officer", grouped_at=now())
    )
    if group.named_by == "engine" and group.named_after_id in chosen:
        rename_by_engine(group)
    set_themes()
    audit.note("need group split", f"need group {group.id}", new=new.id, needs=len(chosen))
    db.session.expire_all()
    return new


def rename_by_engine(group: NeedGroup, without: Sequence[int] = ()) -> None:
    """A new name out of what the group holds now, where its name was somebody's words that are no longer in it."""
    own = select(GroupedFacet.facet_id).where(GroupedFacet.group_id == group.id)
    group.named_after_id, group.name = name_of(words_of(own, without))


def likely_the_same(group: NeedGroup) -> Sequence[NeedGroup]:
    """The standing groups whose names are nearest in meaning, the nearest first."""
    query = select(NeedGroup.id, NeedGroup.name).where(
        NeedGroup.merged_into_id.is_(None),
        NeedGroup.id != group.id,
        NeedGroup.name != NO_WORDS,
        group_is_here(),
    )
    others = db.session.execute(query.order_by(NeedGroup.id)).tuples().all()
    if not others:
        return []
    vectors = encode([group.name, *(name for _, name in others)])
    nearness = vectors[1:] @ vectors[0]
    order = sorted(range(len(others)), key=lambda n: (-round(float(nearness[n]), 4), others[n][0]))
    return [db.session.get_one(NeedGroup, others[n][0]) for n in order[:SUGGESTED]]
