"""Gathering unmet facets into need groups: new ones join a group that stands, and only what fits none makes another.

What an officer merged, split or named stays so: a run moves no facet that is in a group with others.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update

from skillsmatch.cases.case_models import Case
from skillsmatch.cases.clustering import Vectors, gather, nearest_group
from skillsmatch.cases.counted import of_unmet
from skillsmatch.cases.models import LONGEST_NAME, FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.cases.redaction import HIDDEN, redact
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, is_here

SHORT_NAME = 60  # characters; of texts that say the same, a shorter one names the group
NAME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
NAMED_FROM = 40  # texts of a group; the first of them say what it is about
NO_WORDS = "Words no longer kept"
Named = tuple[int | None, str]  # the facet whose words it is, and the name


@dataclass(frozen=True, slots=True)
class Words:
    """A facet's words and where it stands: in `group`, in none (None), or alone in one (`loose`), free to leave it."""

    facet: int
    text: str
    group: int | None
    loose: bool = False
    business: str = ""  # the name that its employer gave, which no group's name may hold


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

    Its own transaction. Words are read, compared and named first, so that the write is short; a facet that somebody
    else placed in the meantime stays where it is, and one whose words were forgotten is left out.
    """
    if not waiting():
        keep(_bring_up_to_date)
        return Grouped(0, 0, 0)
    words = _read_words()
    plan = plan_for(words, encode([each.text for each in words]))
    by_facet = {each.facet: each for each in words}
    said = {facets[0]: [by_facet[facet] for facet in facets] for facets in plan.together}
    names = {
        first: name_of(those) for first, those in said.items() if all(each.group is None for each in those)
    }
    return keep(lambda: _carry_out(plan, names))


def _bring_up_to_date() -> None:
    file_needs()
    set_themes()


def _read_words() -> list[Words]:
    """The words of the facets in groups and of those that wait for one, by facet."""
    loose = _loose()
    query = select(Facet.id, Facet.text, GroupedFacet.group_id, Need.business_name)
    query = query.join(GroupedFacet, GroupedFacet.facet_id == Facet.id, isouter=True).where(Facet.text != "")
    standing = query.join(Facet.need).where(GroupedFacet.group_id.is_not(None), is_here())
    fresh = of_unmet(query).where(GroupedFacet.group_id.is_(None))
    rows = [*db.session.execute(standing), *db.session.execute(fresh)]
    words = (Words(r.id, r.text, r.group_id, r.group_id in loose, r.business_name) for r in rows)
    return sorted(words, key=lambda each: each.facet)


def _loose() -> set[int]:
    """The groups of one facet that no officer has touched, nor opened a case about."""
    alone = (
        select(GroupedFacet.group_id)
        .join(GroupedFacet.group)
        .where(NeedGroup.made_by == "engine", NeedGroup.named_by == "engine")
        .where(NeedGroup.id.not_in(select(Case.group_id).where(Case.group_id.is_not(None))))
        .group_by(GroupedFacet.group_id)
        .having(func.count() == 1, func.max(GroupedFacet.how) == "engine")
    )
    return set(db.session.scalars(alone))


def words_of(facets: Select[tuple[int]], without: Sequence[int] = ()) -> list[Words]:
    """The words of so many of these facets as a group is named from, those that are kept, by facet."""
    query = select(Facet.id, Facet.text, Need.business_name).join(Facet.need)
    query = query.where(Facet.id.in_(facets), Facet.text != "", Facet.id.not_in(without))
    rows = db.session.execute(query.order_by(Facet.id).limit(NAMED_FROM))
    return [Words(row.id, row.text, None, business=row.business_name) for row in rows]


def hold_groups() -> None:
    """Holds every standing group until the commit, so that on PostgreSQL two who change groups go one after the other.

    SQLite has one writer at a time. What was read of a group before is read again.
    """
    held = select(NeedGroup.id).where(NeedGroup.merged_into_id.is_(None)).order_by(NeedGroup.id)
    db.session.execute(held.with_for_update()).all()
    db.session.expire_all()


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


def _carry_out(plan: Plan, names: dict[int, Named]) -> Grouped:
    """What the plan says, as far as it still holds: an officer may have changed groups a moment ago."""
    hold_groups()
    placed = dict(db.session.execute(select(GroupedFacet.facet_id, GroupedFacet.group_id)).tuples().all())
    kept = set(db.session.scalars(select(Facet.id).where(Facet.text != "", Facet.removed_at.is_(None))))
    into, loose = _standing_groups({group for _, group in plan.joins}), _loose()
    joins = [(f, into[g]) for f, g in plan.joins if f in kept and f not in placed and g in into]
    _place(joins)
    gathered = made = 0
    for facets in plan.together:
        free = [facet for facet in facets if facet in kept and facet not in placed]
        stood = sorted({placed[facet] for facet in facets if placed.get(facet) in loose})
        if not free and len(stood) < 2:
            continue
        group = (
            db.session.get_one(NeedGroup, stood[0]) if stood else _new_group(free, names.get(facets[0]), kept)
        )
        made += not stood
        _place([(facet, group.id) for facet in free])
        gathered += len(free)
        for other in stood[1:]:
            move_all(db.session.get_one(NeedGroup, other), group)
    _bring_up_to_date()
    return Grouped(len(joins), gathered, made)


def _standing_groups(numbers: set[int]) -> dict[int, int]:
    """For each group the one it is now: an officer may have merged it a moment ago."""
    standing = set(db.session.scalars(select(NeedGroup.id).where(NeedGroup.merged_into_id.is_(None))))
    merged = numbers - standing
    return {number: number for number in numbers & standing} | {
        number: db.session.get_one(NeedGroup, number).standing.id for number in merged
    }


def _place(where: Iterable[tuple[int, int]], how: str = "engine") -> None:
    rows = [{"facet_id": f, "group_id": g, "how": how, "grouped_at": now()} for f, g in where]
    if rows:
        db.session.execute(GroupedFacet.__table__.insert(), rows)  # type: ignore[attr-defined]


def _new_group(facets: Sequence[int], named: Named | None, kept: set[int]) -> NeedGroup:
    """A group for these facets, with the name that was found, unless its words were forgotten since."""
    if named is None or named[0] not in kept:
        named = name_of(words_of(select(Facet.id).where(Facet.id.in_(facets[:NAMED_FROM]))))
    after, name = named
    group = NeedGroup(name=name, named_after_id=after, created_at=now())
    db.session.add(group)
    db.session.flush()
    return group


def name_of(said: Sequence[Words]) -> Named:
    """A name for a group, and the facet whose words it is: what most of them say, shortly, personal data hidden."""
    texts = [(each.facet, _to_name(each)) for each in said[:NAMED_FROM]]
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


def _to_name(words: Words) -> str:
    """The words with personal data hidden; without the sentences that held some, or all from the comma before it on.

    Where no words are left then, it is what is left of all of them.
    """
    text = " ".join(redact(words.text, words.business).text.split())
    clean = [part for part in SENTENCE_END.split(text) if not any(mark in part for mark in HIDDEN.values())]
    if clean:
        return " ".join(clean)
    first = min((at for mark in HIDDEN.values() if (at := text.find(mark)) >= 0), default=0)
    return text[:first].rpartition(",")[0].strip() or text


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
    counted = counted.join(Facet.need).where(Facet.removed_at.is_(None), Facet.theme != "", is_here())
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
    """Every need whose words are kept has a name by which officers know it, met or not: each number leads to some."""
    waiting = select(Need.id).join(FiledNeed, FiledNeed.need_id == Need.id, isouter=True)
    waiting = waiting.where(FiledNeed.need_id.is_(None), Need.text != "").order_by(Need.id)
    rows = [{"need_id": n, "name": new_name(), "filed_at": now()} for n in db.session.scalars(waiting)]
    if rows:
        db.session.execute(FiledNeed.__table__.insert(), rows)  # type: ignore[attr-defined]


def new_name() -> str:
    """A name that says nothing and cannot be guessed: 10 signs of 31, about 50 bits."""
    return "".join(secrets.choice(NAME_LETTERS) for _ in range(10))
