"""A strength that no offer can pass, for many needs and many offers at once: who is worth judging exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.postings import Postings
from skillsmatch.matching.segment import Segment
from skillsmatch.matching.signals import QueryTerms
from skillsmatch.matching.understanding import Unit
from skillsmatch.matching.weights import Weights

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Understood:
    """One text, understood: what the exact sums need, and what its bound needs."""

    text: str
    units: tuple[Unit, ...]
    terms: QueryTerms
    keys: tuple[tuple[frozenset[str], float], ...]
    said: tuple[str, ...]


def bounds(offers: Segment, weights: Weights, texts: Sequence[Understood]) -> Floats:
    """For every text and offer, a logit that the strength cannot pass, however the words stand in the offer.

    Letters, meaning and heads are exact. A unit counts as covered where the offer holds any root of it.
    """
    if not texts:
        return np.zeros((0, len(offers)), dtype=np.float32)
    most = {name: max(weights.strength[name], 0.0) for name in ("one_name", "anywhere", "mass", "head")}
    named, anywhere, whole = _coverable(offers, texts)
    length = np.asarray([math.log(max(1, len(each.keys))) for each in texts], dtype=np.float32)
    per_text = weights.strength["intercept"] + weights.strength["length"] * length
    bound = np.repeat(per_text[:, None], len(offers), axis=1).astype(np.float32)
    bound += weights.strength["name letters"] * _letters(offers, texts)
    bound += weights.strength["meaning"] * _nearness(offers, texts)
    bound += most["one_name"] * named / whole + most["anywhere"] * anywhere / whole
    bound += most["mass"] * (1.0 - np.exp(-named))
    if most["head"]:
        bound += most["head"] * _heads(offers, texts)
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
    best: Floats = np.maximum.reduceat(by_name, offers.row_starts, axis=1)
    return best


def _nearness(offers: Segment, texts: Sequence[Understood]) -> Floats:
    asked = np.stack([each.terms.meaning for each in texts])
    near: Floats = (asked @ offers.meanings.rows.T.astype(np.float32)) * offers.meanings.steps
    return np.maximum(near, 0.0)


def _coverable(offers: Segment, texts: Sequence[Understood]) -> tuple[Floats, Floats, Floats]:
    """The weight of each text's units that each offer's names may cover, that its text may, and that there is."""
    from scipy import sparse

    keys = [(roots, weight, place) for place, each in enumerate(texts) for roots, weight in each.keys]
    units = _rows_of([_places(offers, roots) for roots, _, _ in keys], None, len(offers.stems.terms))
    owners = [place for _, _, place in keys]
    weigh = sparse.csr_array(
        (np.asarray([weight for _, weight, _ in keys], dtype=np.float32), (owners, np.arange(len(keys)))),
        shape=(len(texts), len(keys)),
    )
    whole = np.maximum(np.asarray(weigh.sum(axis=1)).ravel(), 1e-9)[:, None].astype(np.float32)
    body = units @ _by_term(offers.signals["body words"], held=True)
    names = units @ _of_offers(offers, _by_term(offers.signals["name words"], held=True))
    for counts in (body, names):
        counts.data = np.ones_like(counts.data)
    return (weigh @ names).toarray(), (weigh @ body).toarray(), whole


def _of_offers(offers: Segment, by_name: Any) -> Any:
    """A matrix of terms by names as one of terms by offers."""
    from scipy import sparse

    count = by_name.shape[1]
    owner = np.searchsorted(offers.row_starts, np.arange(count), side="right") - 1
    ones = np.ones(count, dtype=np.float32)
    return by_name @ sparse.csr_array((ones, (np.arange(count), owner)), shape=(count, len(offers)))


def _heads(offers: Segment, texts: Sequence[Understood]) -> Floats:
    """The share of each offer's head that each text says."""
    from scipy import sparse

    said = _rows_of([_places(offers, each.said) for each in texts], None, len(offers.stems.terms))
    heads = offers.heads
    weights = offers.stems.idf[heads.places]
    lengths = np.diff(heads.starts)
    whole = np.bincount(np.repeat(np.arange(len(offers)), lengths), weights=weights, minlength=len(offers))
    shares = (weights / np.repeat(np.maximum(whole, 1e-9), lengths)).astype(np.float32)
    held = sparse.csr_array(
        (shares, heads.places, heads.starts), shape=(len(offers), len(offers.stems.terms))
    )
    answer: Floats = (said @ held.T.tocsr()).toarray()
    return answer


def _places(offers: Segment, roots: Iterable[str]) -> Rows:
    return offers.stems.find([root.encode() for root in roots])


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
