"""A strength that no offer can pass, for many needs and many offers at once: who is worth judging exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.coverage import Asked
from skillsmatch.matching.held import Roots
from skillsmatch.matching.postings import Postings
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.signals import QueryTerms
from skillsmatch.matching.understanding import Unit
from skillsmatch.matching.weights import Weights

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Understood:
    """One text of a need, as ranking understands it."""

    text: str
    units: tuple[Unit, ...]
    terms: QueryTerms


def bounds(offers: Segment, weights: Weights, texts: Sequence[Understood]) -> Floats:
    """For every text of a need and of the offers, a logit that the strength cannot pass.

    Letters, meaning and heads are exact. A unit counts as covered where the offer's words hold any root of it.
    """
    if not texts:
        return np.zeros((0, offers.texts), dtype=np.float32)
    roots = [Roots.of(offers, each.units) for each in texts]
    asked = [Asked.of(offers, each.units, known, each.text) for each, known in zip(texts, roots, strict=True)]
    most = {name: max(weights.strength[name], 0.0) for name in ("one_name", "anywhere", "mass", "head")}
    named, anywhere, whole = _coverable(offers, asked)
    length = np.asarray([math.log(max(1, len(each.things))) for each in asked], dtype=np.float32)
    per_text = weights.strength["intercept"] + weights.strength["length"] * length
    bound = np.repeat(per_text[:, None], offers.texts, axis=1).astype(np.float32)
    bound += weights.strength["name letters"] * _letters(offers, texts)
    bound += weights.strength["meaning"] * _nearness(offers, texts)
    bound += most["one_name"] * named / whole + most["anywhere"] * anywhere / whole
    bound += most["mass"] * (1.0 - np.exp(-named))
    if most["head"]:
        bound += most["head"] * _heads(offers, roots)
    return bound


def _by_term(postings: Postings, held: bool = False) -> Any:
    """The postings as a matrix of terms by rows; with `held` each that stands counts one."""
    from scipy import sparse

    weights = np.ones(len(postings.rows), dtype=np.float32) if held else postings.weights
    shape = (len(postings.starts) - 1, postings.row_count)
    return sparse.csr_array((weights, postings.rows, postings.starts), shape=shape)


def _letters(offers: Segment, texts: Sequence[Understood]) -> Floats:
    """The "name letters" of every text and offer: the best of each offer's names."""
    places = [offers.grams.find(each.terms.grams) for each in texts]
    asked = _rows_of(places, [each.terms.gram_cosine for each in texts], len(offers.grams.terms))
    by_name = (asked @ _by_term(offers.signals["name letters"])).toarray()
    best: Floats = np.maximum.reduceat(by_name, offers.name_starts[:-1], axis=1)
    return best


def _nearness(offers: Segment, texts: Sequence[Understood]) -> Floats:
    asked = np.stack([each.terms.meaning for each in texts]) @ offers.meanings.turn
    near: Floats = np.maximum(asked @ offers.meanings.vectors().T, 0.0)
    return near


def _coverable(offers: Segment, asked: Sequence[Asked]) -> tuple[Floats, Floats, Floats]:
    """The weight of each need's things that each text's names may cover, that its words may, and that there is."""
    from scipy import sparse

    things = [(each, place) for place, needed in enumerate(asked) for each in needed.things]
    keys = [offers.stems.find([root.encode() for root in each.unit.roots]) for each, _ in things]
    units = _rows_of(keys, None, len(offers.stems.terms))
    weights = np.asarray([each.weight for each, _ in things], dtype=np.float32)
    owners = [place for _, place in things]
    weigh = sparse.csr_array((weights, (owners, np.arange(len(things)))), shape=(len(asked), len(things)))
    whole = np.asarray([[needed.whole] for needed in asked], dtype=np.float32)
    body = units @ _by_term(offers.signals["body words"], held=True)
    names = units @ _of_texts(offers, _by_term(offers.signals["name words"], held=True))
    for counts in (body, names):
        counts.data = np.ones_like(counts.data)
    return (weigh @ names).toarray(), (weigh @ body).toarray(), whole


def _of_texts(offers: Segment, by_name: Any) -> Any:
    """A matrix of terms by names as one of terms by texts."""
    from scipy import sparse

    ones = np.ones(by_name.shape[1], dtype=np.float32)
    return (
        by_name
        @ sparse.csr_array(
            (ones, np.arange(len(ones)), offers.name_starts), shape=(offers.texts, len(ones))
        ).T.tocsr()
    )


def _heads(offers: Segment, roots: Sequence[Roots]) -> Floats:
    """The share of the head of each text of the offers that each need says."""
    from scipy import sparse

    said = _rows_of([known.places.astype(np.int64) for known in roots], None, len(offers.stems.terms))
    heads = offers.heads
    weights = offers.stems.idf[heads.places]
    lengths = np.diff(heads.starts)
    whole = np.bincount(np.repeat(np.arange(offers.texts), lengths), weights=weights, minlength=offers.texts)
    shares = (weights / np.repeat(np.maximum(whole, 1e-9), lengths)).astype(np.float32)
    held = sparse.csr_array(
        (shares, heads.places, heads.starts), shape=(offers.texts, len(offers.stems.terms))
    )
    answer: Floats = (said @ held.T.tocsr()).toarray()
    return answer


def _rows_of(places: Sequence[Rows], values: Sequence[Floats] | None, width: int) -> Any:
    """A matrix with a row for each list of places; those not known (-1) are left out."""
    from scipy import sparse

    kept = [each >= 0 for each in places]
    starts = np.cumsum([0, *(int(each.sum()) for each in kept)])
    columns = [each[known] for each, known in zip(places, kept, strict=True)]
    flat = np.concatenate(columns) if columns else np.empty(0, dtype=np.int64)
    if values is None:
        numbers = np.ones(len(flat), dtype=np.float32)
    else:
        numbers = np.concatenate([each[known] for each, known in zip(values, kept, strict=True)])
    return sparse.csr_array((numbers, flat, starts), shape=(len(places), width))
