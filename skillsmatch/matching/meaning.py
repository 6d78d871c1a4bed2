"""How near offers and needs are in meaning: one vector for each text, small enough to map and to share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.words import LONGEST_TEXT

if TYPE_CHECKING:
    from skillsmatch.matching.encoder import Encoder
    from skillsmatch.matching.spelling import Speller
    from skillsmatch.matching.understanding import Unit

FLOOR = 0.2  # cosine; below it two texts are no nearer than any two of training
READ = 500  # characters of an offer's text that make its vector; more made no order better
MOST_PHRASES = (
    2  # of one slang entry's meanings; the first say most. With none employers' needs lose 0.10 of nDCG@10
)
SKILL_AGAIN = (
    0.5  # of the words that tell the skill, against all words; who asks and why come with it only once
)
AT_ONCE = 512  # texts compared together; so many in full numbers stay in the cache of one core

Vector = NDArray[np.float32]
Numbers = NDArray[np.float64]


@lru_cache(maxsize=1)
def shipped_encoder() -> Encoder:
    """The encoder that comes with the package, read once."""
    from skillsmatch.matching.encoder import Encoder

    return Encoder.load()


@dataclass(frozen=True, slots=True)
class Meanings:
    """One row of whole numbers for each text, and what one step of the row is worth."""

    rows: NDArray[np.int8]
    steps: Vector

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Meanings:
        """The meaning of each document: half its names, half the beginning of its text."""
        from skillsmatch.matching.encoder import unit_rows

        encoder = shipped_encoder()
        names = encoder.encode(["\n".join((each.title, *each.aliases)) for each in documents])
        texts = encoder.encode([each.text[:READ] for each in documents])
        vectors = unit_rows(names + texts)
        steps = (np.abs(vectors).max(axis=1, initial=0.0) / 127.0).astype(np.float32)
        rows = np.rint(vectors / np.where(steps > 0, steps, 1.0)[:, None]).astype(np.int8)
        return cls(rows, steps)

    def vectors(self) -> NDArray[np.float32]:
        """Every vector in full numbers."""
        return self.rows.astype(np.float32) * self.steps[:, None]

    def nearness(self, asked: Vector) -> Numbers:
        """The cosine of each text with what is asked, 0 from the floor down."""
        found = np.empty(len(self.rows), dtype=np.float32)
        some = np.empty((min(AT_ONCE, len(self.rows)), self.rows.shape[1]), dtype=np.float32)
        for start in range(0, len(self.rows), AT_ONCE):
            rows = self.rows[start : start + AT_ONCE]
            # One working copy is filled again and again: numbers in full would be four times as much to read.
            np.copyto(some[: len(rows)], rows)
            np.dot(some[: len(rows)], asked, out=found[start : start + len(rows)])
        found *= self.steps
        near = np.flatnonzero(found > FLOOR)
        cosines = np.zeros(len(found))
        # Rounded, so that equal texts stay equal wherever they stand.
        cosines[near] = np.round(found[near].astype(np.float64), 5)
        return cosines


def meaning_of(text: str, units: Sequence[Unit]) -> Vector:
    """The vector of a need: its text as typed, its words as offers say them, and once more those that tell the skill.

    What slang stands for is said where the slang stands, so it counts for as much of the need as the slang does.
    """
    return _vector(_said(text, units))


def meanings_of(needs: Sequence[tuple[str, Sequence[Unit]]]) -> Iterator[Vector]:
    """The vector of each need, as `meaning_of` has it; many cost less for each."""
    said = [_said(text[:LONGEST_TEXT], units) for text, units in needs]
    return iter(_vectors(said) if len(said) > 1 else map(_vector, said))


def _said(text: str, units: Sequence[Unit]) -> tuple[str, ...]:
    skill = [unit for unit in units if not unit.aside]
    return (text, _told(units), *([_told(skill)] if 0 < len(skill) < len(units) else ()))


def meaning_alone(text: str) -> Vector:
    """The same of a need without a catalogue: what slang stands for is said, and nothing is spelled anew."""
    from skillsmatch.matching.understanding import understand

    return meaning_of(text, understand(text, _no_speller()))


@lru_cache(maxsize=1)
def _no_speller() -> Speller:
    from skillsmatch.matching.spelling import Speller
    from skillsmatch.matching.vocabulary import Vocabulary

    nothing = Vocabulary(np.array([], dtype="S1"), np.array([], dtype=np.float32))
    return Speller(nothing, nothing)


def _told(units: Sequence[Unit]) -> str:
    told: list[str] = []
    for unit in units:
        told += [word for word, _ in unit.words]
        told += [way.words for way in unit.ways if not way.typed][:MOST_PHRASES]
    return " ".join(told)


@lru_cache(maxsize=2_000)
def _vector(said: tuple[str, ...]) -> Vector:
    (vector,) = _vectors([said])
    return vector


def _vectors(each: Sequence[tuple[str, ...]]) -> NDArray[np.float32]:
    """One row for each need of what is said in it."""
    from skillsmatch.matching.encoder import unit_rows

    if not each:
        return np.empty((0, shipped_encoder().numbers), dtype=np.float32)
    told = shipped_encoder().encode([words for said in each for words in said])
    shares = np.asarray(
        [share for said in each for share in (1.0, 1.0, SKILL_AGAIN)[: len(said)]], np.float32
    )
    starts = np.cumsum([0, *map(len, each[:-1])])
    return unit_rows(np.add.reduceat(told * shares[:, None], starts, axis=0))
