"""The matcher: offers in, ranked offers with reasons out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.constraints import Gap, Shortfall, distances, excluded, gaps, shortfalls
from skillsmatch.matching.coverage import Asked, Covering
from skillsmatch.matching.documents import Document
from skillsmatch.matching.encoder import shipped_version
from skillsmatch.matching.evidence import Evidence, Match, Reasons, words_gap
from skillsmatch.matching.held import Held, Lookup, Roots, Sought
from skillsmatch.matching.postings import between
from skillsmatch.matching.query import Query
from skillsmatch.matching.segment import Segment, build
from skillsmatch.matching.signals import TextSignals, query_terms, weighed
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.strength import features, strength
from skillsmatch.matching.understanding import Unit, understand, words_named
from skillsmatch.matching.weights import Weights, shipped_weights

if TYPE_CHECKING:
    from skillsmatch.matching.storage import Kept

FIRST_LOOK = 96  # texts looked at first; more until the order cannot change

SAMPLE = 2_048  # bounds, or up to twice as many, that tell where to cut for the first look

LAST_TEXTS = 4  # needs whose signals are kept, because one need is asked again with one constraint less

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A segment, and which of its offers still stand."""

    segment: Segment
    alive: NDArray[np.bool_]

    @cached_property
    def whole(self) -> bool:
        """Whether every offer still stands."""
        return bool(self.alive.all())

    def offers_of(self, texts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The standing offers with these texts, and for each which of the texts it has (by number in `texts`)."""
        places, numbers = between(self.segment.run_starts, texts)
        rows = self.segment.runs[places].astype(np.int64)
        if self.whole:
            return rows, numbers
        stand = self.alive[rows]
        return rows[stand], numbers[stand]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One offer on its way to a match."""

    final: float
    id: str
    part: Part
    row: int
    text: int
    text_score: float
    values: dict[str, float]  # of the signals
    gaps: tuple[Gap, ...]
    km: float

    @property
    def kept(self) -> float:
        """The share of its text's score that the constraints have left it."""
        return self.final / self.text_score


@dataclass(frozen=True)
class Matcher:
    """Ranks offers for a query. It never changes: a changed catalogue gives a new matcher."""

    parts: tuple[Part, ...]  # the offers it was fitted on, then those changed since
    changed: tuple[Document, ...] = ()  # what the second part was built from
    weights: Weights = field(default_factory=shipped_weights)
    kept: Kept | None = field(
        default=None, repr=False, compare=False
    )  # the file that the first part was read from

    @property
    def version(self) -> str:
        """Names the weights and the encoder that made the order."""
        return f"{self.weights.version}/{shipped_version()}"

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "speller", Speller(self.parts[0].segment.surface, self.parts[0].segment.stems)
        )
        object.__setattr__(self, "_asked", lru_cache(maxsize=LAST_TEXTS)(self._read))

    def __reduce__(self) -> tuple[Any, ...]:
        return Matcher, (self.parts, self.changed, self.weights)  # what is remembered stays where it is

    speller: Speller = field(init=False, repr=False, compare=False)
    _asked: Callable[[str], tuple[Told, tuple[TextSignals, ...]]] = field(
        init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return int(sum(part.alive.sum() for part in self.parts))

    @classmethod
    def fit(cls, documents: Iterable[Document]) -> Matcher:
        """A matcher over the documents. Of two with one id the later stands."""
        segment = build(documents)
        return cls((Part(segment, np.ones(len(segment), dtype=np.bool_)),))

    def updated(self, changed: Iterable[Document], removed: Iterable[str]) -> Matcher:
        """A new matcher with the changed offers in and the removed ones out.

        Words keep the weights they had when the matcher was fitted, so fit again when a tenth has changed.
        """
        gone = set(removed)
        standing = {document.id: document for document in self.changed if document.id not in gone}
        for document in changed:
            standing[document.id] = document
        base = self.parts[0]
        out = gone | standing.keys()
        # The base rows stay where they are; those replaced or removed are only marked.
        alive = base.alive & ~np.fromiter((id in out for id in base.segment.ids), np.bool_, len(base.segment))
        kept = tuple(standing.values())
        parts = [Part(base.segment, alive)]
        if kept:
            extra = build(kept, like=base.segment)
            parts.append(Part(extra, np.ones(len(extra), dtype=np.bool_)))
        return replace(self, parts=tuple(parts), changed=kept)

    def save(self, folder: Path) -> None:
        """Write the matcher to the folder, whole or not at all."""
        from skillsmatch.matching.storage import save

        save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> Matcher:
        """The matcher saved in the folder, its arrays mapped. Raises IndexUnreadable where it is not whole."""
        from skillsmatch.matching.storage import load

        return load(folder)

    def rank(self, query: Query, limit: int = 10) -> list[Match]:
        """The offers that fit best, best first; equal scores stand in order of id.

        Offers that neither share a word or letters with the query nor come near it in meaning are left out, so the
        list may be short or empty.
        """
        told, ranked = self._ranked(query, limit)
        told.look(ranked)
        return [self.match_of(item, told) for item in ranked]

    def known(self, query: Query, limit: int) -> list[tuple[str, dict[str, float]]]:
        """What the strength of each of the best offers rests on, by the offer's id; for learning it."""
        told, ranked = self._ranked(query, limit)
        return [(item.id, told.known(item)) for item in ranked]

    def scores(self, query: Query, limit: int = 10) -> list[tuple[str, float]]:
        """The ids and scores of what `rank` gives, without the reasons, which take as long again."""
        return [(item.id, item.final) for item in self._ranked(query, limit)[1]]

    def _ranked(self, query: Query, limit: int) -> tuple[Told, list[Ranked]]:
        told, signals = self._asked(query.text)
        if not told.units or limit < 1:
            return told, []
        ranked = [
            one
            for part, met in zip(self.parts, signals, strict=True)
            for one in _best(part, met, told.weights, query, limit)
        ]
        ranked.sort(key=lambda item: (-item.final, item.id))
        return told, ranked[:limit]

    def _read(self, text: str) -> tuple[Told, tuple[TextSignals, ...]]:
        """What a text asks for and how every text of an offer meets it, whatever the constraints."""
        base = self.parts[0].segment
        units = understand(text, self.speller)
        told = self.told_of(units, Asked.of(base, units))
        if not units:
            return told, ()
        terms, places = query_terms(text, units, base)
        rest = (TextSignals.of(part.segment, terms) for part in self.parts[1:])
        return told, (TextSignals.of(base, terms, places), *rest)

    def told_of(self, units: tuple[Unit, ...], asked: Asked) -> Told:
        """A need of these units, ready to be held against one offer after the other."""
        return Told(units, asked, self.weights.for_need(words_named(units)))

    def judged(
        self, part: Part, signals: TextSignals, told: Told, query: Query, texts: NDArray[np.int64]
    ) -> list[Ranked]:
        """Every offer of a part with one of these texts that the query does not leave out, best first."""
        seen = _Seen.of(part, signals, told.weights, query, texts, np.ones(len(texts)), 0.0)
        return seen.first(part, len(seen.rows), 0.0)

    def strength_of(self, item: Ranked, told: Told) -> float:
        """The probability that an adviser calls the offer useful."""
        return strength(self.weights.strength, told.known(item)) * item.kept

    def match_of(self, item: Ranked, told: Told) -> Match:
        """The offer with its strength and its reasons."""
        matched, missing = told.words(item)
        listed = (*item.gaps, *words_gap(missing))
        shares = [(name, weight * item.values[name]) for name, weight in told.weights.items()]
        # What the constraints took away is a share too, so that the shares sum to the score.
        shares.append(("constraints", item.final - sum(share for _, share in shares)))
        km = None if math.isnan(item.km) else item.km
        useful = self.strength_of(item, told)
        return Match(item.id, item.final, useful, Evidence(matched, missing, listed, km, tuple(shares)))


class Told:
    """A need, and what was found out of each text that it was held against: runs of one course share a text."""

    def __init__(self, units: tuple[Unit, ...], asked: Asked, weights: Mapping[str, float]) -> None:
        self.units, self.asked, self.weights = (
            units,
            asked,
            weights,
        )  # the weights of the signals at its length
        self._lookups: dict[int, Lookup] = {}  # by the part
        self._held: dict[tuple[int, int], Held] = {}  # by the part and the text

    def look(self, items: Sequence[Ranked]) -> None:
        """Look the need's roots up in the texts of these offers, all at once."""
        fresh: dict[int, tuple[Segment, dict[int, None]]] = {}
        for item in items:
            if (id(item.part), item.text) not in self._held:
                fresh.setdefault(id(item.part), (item.part.segment, {}))[1][item.text] = None
        for part, (segment, texts) in fresh.items():
            if part not in self._lookups:
                self._lookups[part] = Lookup(segment, self._sought[0])
            for text, held in zip(texts, self._lookups[part].held(list(texts)), strict=True):
                self._held[part, text] = held

    def words(self, item: Ranked) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What of the need the offer says, and what it does not."""
        return self._reasons.of(self._holds(item))

    def known(self, item: Ranked) -> dict[str, float]:
        """What the strength of the offer rests on."""
        return features(item.values, self._covering.by(self._holds(item)))

    def _holds(self, item: Ranked) -> Held:
        key = id(item.part), item.text
        if key not in self._held:
            self.look([item])
        return self._held[key]

    @cached_property
    def _sought(self) -> tuple[Roots, list[Sought]]:
        return Sought.all_of(self.units)

    @cached_property
    def _reasons(self) -> Reasons:
        return Reasons(self._sought[1])

    @cached_property
    def _covering(self) -> Covering:
        return Covering(self.asked, self._sought[1])


def _best(
    part: Part, signals: TextSignals, weights: Mapping[str, float], query: Query, limit: int
) -> list[Ranked]:
    """The best offers of one part after their constraints.

    Texts are looked at whose scores may reach a cut, and constraints only take away. Once the limit-th best offer
    reaches the cut no other can enter, so the answer is exact; else the cut is lowered to it.
    """
    bounds = signals.bounds(weights)
    count = int(np.count_nonzero(bounds > 0))
    look, floor = max(FIRST_LOOK, 2 * limit), 0.0
    while True:
        cut = floor or _cut(bounds, look, count)
        texts = np.flatnonzero(bounds >= cut) if cut else np.flatnonzero(bounds > 0)
        seen = _Seen.of(part, signals, weights, query, texts, bounds[texts], floor)
        floor = _nth_highest(seen.final, limit)
        if floor >= cut:
            return seen.first(part, limit, floor)
        look *= 4


@dataclass(frozen=True, slots=True)
class _Seen:
    """Offers that have been judged and scored."""

    rows: NDArray[np.int64]
    texts: NDArray[np.int64]  # of the rows
    scores: Numbers  # of their texts
    final: Numbers  # after the constraints; 0 where one leaves the offer out
    values: dict[str, Numbers]  # of the signals
    found: list[Shortfall]
    places: NDArray[np.int64]  # of the rows in `found`
    query: Query

    @classmethod
    def of(
        cls,
        part: Part,
        signals: TextSignals,
        weights: Mapping[str, float],
        query: Query,
        texts: NDArray[np.int64],
        bounds: Numbers,
        floor: float,
    ) -> _Seen:
        """The offers with these texts, but for those that their constraints alone keep below the floor."""
        rows, numbers = part.offers_of(texts)
        found = shortfalls(part.segment.facts, rows, query)
        kept = np.ones(len(rows))
        for short in found:
            kept *= short.kept
        kept[excluded(found, query.hard, len(rows))] = 0.0
        places = np.flatnonzero((kept > 0.0) & (bounds[numbers] * kept >= floor))
        used, of = np.unique(numbers[places], return_inverse=True)
        values = signals.values(texts[used])
        scores = weighed(values, weights)[of]
        return cls(
            rows[places],
            texts[used][of],
            scores,
            scores * kept[places],
            {name: each[of] for name, each in values.items()},
            found,
            places,
            query,
        )

    def first(self, part: Part, limit: int, floor: float) -> list[Ranked]:
        """The best of them, `floor` being the score of the last; ties at the end by id."""
        ids = part.segment.ids
        enough = np.flatnonzero((self.final >= floor) & (self.final > 0.0))
        finals, rows = self.final[enough].tolist(), self.rows[enough].tolist()
        order = sorted(range(len(finals)), key=lambda number: (-finals[number], ids[rows[number]]))[:limit]
        shown = enough[order]
        values = zip(*(each[shown].tolist() for each in self.values.values()), strict=True)
        told = zip(
            order,
            self.texts[shown].tolist(),
            self.scores[shown].tolist(),
            values,
            self.places[shown].tolist(),
            distances(part.segment.facts, self.rows[shown], self.query).tolist(),
            strict=True,
        )
        return [
            Ranked(
                final=finals[number],
                id=ids[rows[number]],
                part=part,
                row=rows[number],
                text=text,
                text_score=score,
                values=dict(zip(self.values, own, strict=True)),
                gaps=gaps(self.found, place),
                km=km,
            )
            for number, text, score, own, place, km in told
        ]


def _cut(bounds: Numbers, look: int, count: int) -> float:
    """A bound that about `look` texts reach; 0 where all `count` that have one are to be looked at.

    It is read from a sample: to find the very hundredth of thousands takes longer than to look at some more.
    """
    if look >= count:
        return 0.0
    sample = bounds[:: max(len(bounds) // SAMPLE, 1)]
    return _nth_highest(sample, max(round(look * len(sample) / len(bounds)), 1))


def _nth_highest(numbers: Numbers, nth: int) -> float:
    """The nth highest number; 0 where there are fewer."""
    if len(numbers) < nth:
        return 0.0
    return float(np.partition(numbers, len(numbers) - nth)[len(numbers) - nth])
