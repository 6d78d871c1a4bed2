"""A strength that no offer can pass, for many needs and many offers at once: who is worth judging exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.coverage import Asked
from skillsmatch.matching.segment import Holdings, Segment
from skillsmatch.matching.signals import QueryTerms, query_terms
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.understanding import Unit, understand
from skillsmatch.matching.vocabulary import Lexicon
from skillsmatch.matching.weights import Weights

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Understood:
    """One text, understood: what the exact sums need, and what its bound needs."""

    text: str
    units: tuple[Unit, ...]
    terms: QueryTerms
    asked: Asked


def read(words: Lexicon, texts: Sequence[str]) -> list[Understood]:
    """The texts understood; those with nothing to go on are left out."""
    speller = Speller(words.surface, words.stems)
    told = []
    for text in texts:
        units = understand(text, speller)
        if units:
            terms, _ = query_terms(text, units, words)
            told.append(Understood(text, units, terms, Asked.of(words, units)))
    return told


def bounds(offers: Segment, weights: Weights, asked: Sequence[Understood]) -> Floats:
    """For every need and text of an offer, a logit that the strength cannot pass, however the words stand there.

    Letters, meaning and heads are exact. A thing counts as covered where the offer holds any root of it.
    """
    if not asked or not offers.texts:
        return np.zeros((len(asked), offers.texts), dtype=np.float32)
    most = {name: max(weights.strength[name], 0.0) for name in ("one_name", "anywhere", "mass", "head")}
    named, anywhere, whole = _coverable(offers, asked)
    length = np.asarray([math.log(max(1, len(each.asked.things))) for each in asked], dtype=np.float32)
    bound = (weights.strength["intercept"] + weights.strength["length"] * length)[:, None]
    bound = bound + weights.strength["name letters"] * _letters(offers, asked)
    bound += weights.strength["meaning"] * _nearness(offers, asked)
    bound += most["one_name"] * named / whole + most["anywhere"] * anywhere / whole
    bound += most["mass"] * (1.0 - np.exp(-named)) + most["head"] * _heads(offers, asked)
    return bound.astype(np.float32)


def _letters(offers: Segment, asked: Sequence[Understood]) -> Floats:
    """The "name letters" of every need and text: the best of each text's names."""
    from scipy import sparse

    places = [offers.grams.find(each.terms.grams) for each in asked]
    letters = offers.letters
    names = sparse.csr_array(
        (letters.weights, letters.terms, letters.starts),
        shape=(len(letters.starts) - 1, len(offers.grams.terms)),
    )
    told = _rows_of(places, [each.terms.gram_cosine for each in asked], len(offers.grams.terms))
    best: Floats = np.maximum.reduceat((told @ names.T).toarray(), offers.name_starts[:-1], axis=1)
    return best


def _nearness(offers: Segment, asked: Sequence[Understood]) -> Floats:
    told = np.stack([each.terms.meaning for each in asked])
    near: Floats = np.maximum(told @ offers.meanings.vectors().T, 0.0)
    return near


def _coverable(offers: Segment, asked: Sequence[Understood]) -> tuple[Floats, Floats, Floats]:
    """The weight of each need's things that each text's names may cover, that all of it may, and that there is."""
    from scipy import sparse

    things = [(thing, place) for place, each in enumerate(asked) for thing in each.asked.things]
    width = len(offers.stems.terms)
    roots = _rows_of([_places(offers, thing.unit.roots) for thing, _ in things], None, width)
    weights = np.asarray([thing.weight for thing, _ in things], dtype=np.float32)
    owners = [place for _, place in things]
    weigh = sparse.csr_array((weights, (owners, np.arange(len(things)))), shape=(len(asked), len(things)))
    whole = np.maximum(np.asarray(weigh.sum(axis=1)).ravel(), 1e-9)[:, None].astype(np.float32)
    names = len(offers.in_names.starts) - 1
    of_text = sparse.csr_array(
        (np.ones(names, dtype=np.float32), np.arange(names), offers.name_starts), shape=(offers.texts, names)
    )
    in_texts = roots @ _held(offers.in_texts, width).T
    in_names = roots @ (of_text @ _held(offers.in_names, width)).T
    for counts in (in_texts, in_names):
        counts.data = np.ones_like(counts.data)
    return (weigh @ in_names).toarray(), (weigh @ in_texts).toarray(), whole


def _held(holdings: Holdings, width: int) -> Any:
    """What rows hold as a matrix, 1 for each root."""
    from scipy import sparse

    ones = np.ones(len(holdings.places), dtype=np.float32)
    return sparse.csr_array((ones, holdings.places, holdings.starts), shape=(len(holdings.starts) - 1, width))


def _heads(offers: Segment, asked: Sequence[Understood]) -> Floats:
    """The share of each text's head that each need says."""
    from scipy import sparse

    heads, width = offers.heads, len(offers.stems.terms)
    roots = [sorted(set().union(*(unit.roots for unit in each.units))) for each in asked]
    said = _rows_of([_places(offers, each) for each in roots], None, width)
    weights, lengths = offers.stems.idf[heads.places], np.diff(heads.starts)
    numbers = np.repeat(np.arange(offers.texts), lengths)
    whole = np.bincount(numbers, weights=weights, minlength=offers.texts)
    shares = (weights / np.maximum(whole, 1e-9)[numbers]).astype(np.float32)
    held = sparse.csr_array((shares, heads.places, heads.starts), shape=(offers.texts, width))
    told: Floats = (said @ held.T).toarray()
    return told


def _places(offers: Segment, roots: Iterable[str]) -> NDArray[np.int64]:
    return np.asarray(offers.stems.places_of(roots), dtype=np.int64)


def _rows_of(places: Sequence[NDArray[np.int64]], values: Sequence[Floats] | None, width: int) -> Any:
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
