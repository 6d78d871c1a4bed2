"""How near offers and needs are in meaning: one vector for each text, small enough to map and to share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document

if TYPE_CHECKING:
    from skillsmatch.matching.encoder import Encoder
    from skillsmatch.matching.understanding import Unit

FLOOR = 0.2  # cosine; below it two texts are no nearer than any two of training
READ = 1_000  # characters of an offer's text that make its vector; the rest repeats
MOST_PHRASES = (
    2  # of one slang entry's meanings; the first say most. With none employers' needs lose 0.10 of nDCG@10
)
SKILL_AGAIN = (
    0.5  # of the words that tell the skill, against all words; who asks and why come with it only once
)
NEAR = 128  # of the numbers, turned so that these tell most: every text is compared by them, the best by all
SLACK = 2e-5  # added to a bound, because cosines are rounded to five places

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]
Numbers = NDArray[np.float64]


@lru_cache(maxsize=1)
def shipped_encoder() -> Encoder:
    """The encoder that comes with the package, read once."""
    from skillsmatch.matching.encoder import Encoder

    return Encoder.load()


@dataclass(frozen=True, slots=True)
class Meanings:
    """The vector of each text, turned: the first `NEAR` numbers in full, the rest in steps of their row."""

    turn: Vectors  # square; brings the encoder's numbers into the order in which these texts differ most
    near: Vectors
    rest: NDArray[np.int8]
    steps: Vector  # what one step of `rest` is worth
    lengths: Vector  # of `rest`

    @classmethod
    def of(cls, documents: Sequence[Document], like: Meanings | None = None) -> Meanings:
        """The meaning of each document: half its names, half the beginning of its text.

        With `like` they are turned as those are, so that one turned need can be held against both.
        """
        from skillsmatch.matching.encoder import unit_rows

        encoder = shipped_encoder()
        names = encoder.encode(["\n".join((each.title, *each.aliases)) for each in documents])
        texts = encoder.encode([each.text[:READ] for each in documents])
        vectors = unit_rows(names + texts)
        turn = _turn(vectors) if like is None else like.turn
        turned = vectors @ turn
        rest = turned[:, NEAR:]
        steps = (np.abs(rest).max(axis=1, initial=0.0) / 127.0).astype(np.float32)
        whole = np.rint(rest / np.where(steps > 0, steps, 1.0)[:, None]).astype(np.int8)
        lengths = np.linalg.norm(whole.astype(np.float32), axis=1) * steps
        near = np.ascontiguousarray(turned[:, :NEAR])
        return cls(turn, near, whole, steps, lengths.astype(np.float32))

    def vectors(self) -> Vectors:
        """Every vector in full, turned; shape (texts, numbers)."""
        return np.hstack([self.near, self.rest.astype(np.float32) * self.steps[:, None]])

    def held_against(self, asked: Vector) -> Nearness:
        """How near each text is to what is asked, worked out as far as it is wanted."""
        turned = asked @ self.turn
        return Nearness(self, turned[NEAR:], self.near @ turned[:NEAR])

    def nearness(self, asked: Vector) -> Numbers:
        """The cosine of each text with what is asked, 0 from the floor down."""
        return self.held_against(asked).of(np.arange(len(self.near)))


@dataclass(frozen=True, slots=True)
class Nearness:
    """What is known of the cosines after a look at the first numbers of each vector."""

    meanings: Meanings
    rest: Vector  # of what is asked
    known: Vector  # the part of each cosine that the first numbers give

    def bounds(self) -> Vector:
        """What no cosine can be above, by the sizes of the numbers not looked at; 0 where it is below the floor."""
        length = float(np.sqrt(self.rest @ self.rest))
        most = self.known + (self.meanings.lengths * np.float32(length) + np.float32(SLACK))
        most *= most > FLOOR
        return most

    def of(self, texts: NDArray[np.int64]) -> Numbers:
        """The cosines of these texts, 0 from the floor down."""
        told = np.einsum("ij,j->i", self.meanings.rest[texts].astype(np.float32), self.rest)
        cosines = (self.known[texts] + told * self.meanings.steps[texts]).astype(np.float64)
        # Rounded, so that equal texts stay equal wherever they stand.
        cosines = np.round(cosines, 5)
        return np.where(cosines > FLOOR, cosines, 0.0)


def _turn(vectors: Vectors) -> Vectors:
    """The turn after which the first numbers hold as much of the vectors as numbers can (principal axes)."""
    _, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(axes[:, ::-1].astype(np.float32))


def meaning_of(text: str, units: Sequence[Unit]) -> Vector:
    """The vector of a need: its text as typed, its words as offers say them, and once more those that tell the skill.

    What slang stands for is said where the slang stands, so it counts for as much of the need as the slang does.
    """
    skill = [unit for unit in units if not unit.aside]
    return _vector(text, _told(units), _told(skill) if 0 < len(skill) < len(units) else "")


def _told(units: Sequence[Unit]) -> str:
    told: list[str] = []
    for unit in units:
        told += [word for word, _ in unit.words]
        told += [way.words for way in unit.ways if not way.typed][:MOST_PHRASES]
    return " ".join(told)


@lru_cache(maxsize=2_000)
def _vector(text: str, told: str, skill: str) -> Vector:
    from skillsmatch.matching.encoder import unit_rows

    said = shipped_encoder().encode([text, told, skill] if skill else [text, told])
    shares = np.asarray([1.0, 1.0, SKILL_AGAIN][: len(said)], dtype=np.float32)
    vector: Vector = unit_rows((shares @ said)[None])[0]
    return vector
