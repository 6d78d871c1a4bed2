"""Gathering unmet facets into need groups: new ones join a group that stands, and only what fits none makes another.

What an officer merged, split or named stays so: a run moves no facet that is in a group with others.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from skillsmatch.cases.clustering import Vectors, gather, nearest_group
from skillsmatch.cases.counted import of_unmet
from skillsmatch.cases.models import LONGEST_NAME, FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.redaction import redact
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet

SHORT_NAME = 60  # characters; of texts that say the same, a shorter one names the group
NAME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
NAMED_FROM = 40  # texts of a group; the first of them say what it is about
NO_WORDS = "Words no longer kept"


@dataclass(frozen=True, slots=True)
class Words:
    """A facet's words and where it stands: in `group`, in none (None), or alone in one (`loose`), free to leave it."""

    facet: int
    text: str
    group: int | None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does: facets that join a standing group, and facets that make one together."""

    joins: tuple[tuple[int, int], ...]  # facet, group
    together: tuple[
        tuple[int, ...], ...
    ]  # facets of each new group, or of one that stood alone and has grown


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a run did."""

    joined: int
    gathered: int  # facets that make groups of their own, with others or alone
    groups: int  # groups that were made


def waiting() -> int:
    """How many unmet facets are in no group yet."""
    query = of_unmet(select(func.count(Facet.id))).where(Facet.text != "")
    return db.session.scalar(query.where(Facet.id.not_in(select(GroupedFacet.facet_id)))) or 0


def group_new() -> Grouped:
    """Puts every unmet facet that is in no group into one, and brings the groups' themes up to date.

    Its own transaction. Words are read and compared first, so that the write is short; a facet that somebody else
    placed in the meantime stays where it is.
    """
    if not waiting():
        keep(set_themes)
        return Grouped(0, 0, 0)
    words = _read_words()
    plan = plan_for(words, encode([each.text for each in words]))
    text_of = {each.facet: each.text for each in words}
    return keep(lambda: _carry_out(plan, text_of))


def _read_words() -> list[Words]:
    """The words of the facets in groups and of those that wait for one, by facet."""
    alone = (
        select(GroupedFacet.group_id)
        .join(GroupedFacet.group)
        .where(NeedGroup.made_by == "engine", NeedGroup.named_by == "engine")
        .group_by(GroupedFacet.group_id)
        .having(func.count() == 1, func.max(GroupedFacet.how) == "engine")
    )
    loose = set(db.session.scalars(alone))
    query = select(Facet.id, Facet.text, GroupedFacet.group_id).join(GroupedFacet, isouter=True)
    standing = query.where(GroupedFacet.group_id.is_not(None), Facet.text != "")
    fresh = of_unmet(query).where(GroupedFacet.group_id.is_(None), Facet.text != "")
    rows = [*db.session.execute(standing), *db.session.execute(fresh)]
    return sorted(
        (Words(row.id, row.text, row.group_id, row.group_id in loose) for row in rows), key=lambda w: w.facet
    )


def encode(texts: Sequence[str]) -> Vectors:
    """The meaning of each text, one row of unit length."""
    from skillsmatch.matching.meaning import shipped_encoder

    return shipped_encoder().encode(list(texts))


def plan_for(words: Sequence[Words], vectors: Vectors) -> Plan:
    """Where each facet without a group goes; the same words in the same order give the same plan.

    First it is held against the standing groups. What fits none, and what stood alone until now, is gathered.
    """
    settled = [n for n, each in enumerate(words) if each.group is not None and not each.loose]
    fresh = [n for n, each in enumerate(words) if each.group is None]
    groups = [words[n].group or 0 for n in settled]
    told = nearest_group(vectors[fresh], vectors[settled], groups)
    joins = [(words[n].facet, where[0]) for n, where in zip(fresh, told, strict=True) if where]
    left = [n for n, where in zip(fresh, told, strict=True) if not where]
    rest = sorted([*left, *(n for n, each in enumerate(words) if each.loose)])
    return Plan(tuple(joins), tuple(_gathered(words, vectors, rest)))


def _gathered(words: Sequence[Words], vectors: Vectors, rest: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """The facets of `rest` gathered; equal words go together. Those that stay alone where they stood are left out."""
    same: dict[str, list[int]] = defaultdict(list)
    for number in rest:
        same[" ".join(words[number].text.casefold().split())].append(number)
    firsts = [numbers[0] for numbers in same.values()]
    for rows in gather(vectors[firsts], [len(numbers) for numbers in same.values()]):
        numbers = [n for row in rows for n in same[" ".join(words[firsts[row]].text.casefold().split())]]
        if len(numbers) > 1 or words[numbers[0]].group is None:
            yield tuple(sorted(words[n].facet for n in numbers))


def _carry_out(plan: Plan, text_of: dict[int, str]) -> Grouped:
    placed = dict(db.session.execute(select(GroupedFacet.facet_id, GroupedFacet.group_id)).tuples().all())
    into = _standing_groups({group for _, group in plan.joins})
    joins = [(facet, into[group]) for facet, group in plan.joins if facet not in placed and group in into]
    _place(joins)
    gathered = made = 0
    for facets in plan.together:
        free = [facet for facet in facets if facet not in placed]
        stood = sorted({placed[facet] for facet in facets if facet in placed})
        group = db.session.get_one(NeedGroup, stood[0]) if stood else _new_group(facets, text_of)
        made += not stood
        _place([(facet, group.id) for facet in free])
        gathered += len(free)
        for other in stood[1:]:
            move_all(db.session.get_one(NeedGroup, other), group)
    file_needs()
    set_themes()
    return Grouped(len(joins), gathered, made)


def _standing_groups(numbers: set[int]) -> dict[int, int]:
    """For each group the one it is now: an officer may have merged it a moment ago."""
    found = {}
    for number in numbers:
        group = db.session.get(NeedGroup, number)
        if group is not None:
            found[number] = group.standing.id
    return found


def _place(where: Iterable[tuple[int, int]], how: str = "engine") -> None:
    rows = [{"facet_id": f, "group_id": g, "how": how, "grouped_at": now()} for f, g in where]
    if rows:
        db.session.execute(GroupedFacet.__table__.insert(), rows)  # type: ignore[attr-defined]


def _new_group(facets: Sequence[int], text_of: dict[int, str]) -> NeedGroup:
    after, name = name_of([(facet, text_of[facet]) for facet in facets])
    group = NeedGroup(name=name, named_after_id=after, created_at=now())
    db.session.add(group)
    db.session.flush()
    return group


def name_of(said: Sequence[tuple[int, str]]) -> tuple[int | None, str]:
    """A name for a group, and the facet whose words it is: what most of them say, shortly, personal data hidden."""
    texts = [(facet, " ".join(redact(text).text.split())) for facet, text in said[:NAMED_FROM]]
    texts = [(facet, text) for facet, text in texts if text]
    if not texts:
        return None, NO_WORDS
    vectors = encode([text for _, text in texts])
    nearness = vectors @ vectors.sum(axis=0) / len(texts)
    order = sorted(
        range(len(texts)),
        key=lambda n: (len(texts[n][1]) > SHORT_NAME, -round(float(nearness[n]), 3), len(texts[n][1]), n),
    )
    facet, text = texts[order[0]]
    return facet, shorten(text[:1].upper() + text[1:])


def shorten(name: str) -> str:
    """The name, cut at a word where it is longer than a group's name may be."""
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME - 2].rsplit(" ", 1)[0][: LONGEST_NAME - 2] + " …"


def move_all(group: NeedGroup, into: NeedGroup) -> None:
    """Every facet of `group` is in `into` from now on, and `group` leads there."""
    members = update(GroupedFacet).where(GroupedFacet.group_id == group.id)
    db.session.execute(members.values(group_id=into.id))
    group.merged_into_id, group.merged_at = into.id, now()
    db.session.flush()
    db.session.expire_all()


def set_themes() -> None:
    """Each standing group has the theme of most of its facets; of equals the first by its code.

    Facets without a clear theme have no say, unless none has one: then the likeliest guesses decide.
    """
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    counted = select(GroupedFacet.group_id, Facet.theme, func.count()).join(GroupedFacet.facet)
    counted = counted.where(Facet.removed_at.is_(None), Facet.theme != "")
    for group, theme, count in db.session.execute(counted.group_by(GroupedFacet.group_id, Facet.theme)):
        votes[group][theme] = count
    standing = select(NeedGroup.id, NeedGroup.theme).where(NeedGroup.merged_into_id.is_(None))
    known = dict(db.session.execute(standing).tuples().all())
    guesses = _guessed_themes([group for group in known if group not in votes])
    for group, before in known.items():
        told = votes.get(group) or guesses[group]
        theme = min(told, key=lambda code: (-told[code], code)) if told else before
        if theme != before:
            db.session.execute(update(NeedGroup).where(NeedGroup.id == group).values(theme=theme))


def _guessed_themes(groups: Sequence[int]) -> dict[int, Counter[str]]:
    """For each of these groups the themes that its facets might have, with their confidences summed."""
    guesses: dict[int, Counter[str]] = {group: Counter() for group in groups}
    query = select(GroupedFacet.group_id, Facet.choices).join(GroupedFacet.facet)
    if guesses:
        for group, choices in db.session.execute(query.where(Facet.removed_at.is_(None), Facet.theme == "")):
            if group in guesses:
                for code, confidence in (choices or {}).get("themes") or []:
                    guesses[group][code] += confidence
    return guesses


def file_needs() -> None:
    """Every need with a facet in a group has a name by which officers know it."""
    query = select(Facet.need_id).join(GroupedFacet).distinct()
    rows = [
        {"need_id": need, "name": new_name(), "filed_at": now()}
        for need in db.session.scalars(
            query.where(Facet.need_id.not_in(select(FiledNeed.need_id))).order_by(Facet.need_id)
        )
    ]
    if rows:
        db.session.execute(FiledNeed.__table__.insert(), rows)  # type: ignore[attr-defined]


def new_name() -> str:
    """A name that says nothing and cannot be guessed: 10 signs of 31, about 50 bits."""
    return "".join(secrets.choice(NAME_LETTERS) for _ in range(10))
