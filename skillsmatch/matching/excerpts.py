"""A few offers of a segment on their own: the words weigh what they weigh in the whole."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.facts import DAYS, Facts
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import Contents, Postings, between
from skillsmatch.matching.segment import Heads, Holdings, Segment

Rows = NDArray[np.int64]
OF_NAMES = frozenset({"name words", "name letters"})  # signals with a row for each name


def only(segment: Segment, rows: Rows) -> Segment:
    """The same segment with those offers alone, in ascending order; what they weigh does not change."""
    texts, text_of = np.unique(segment.text_of[rows].astype(np.int64), return_inverse=True)
    names, of_text = between(segment.name_starts, texts)
    return replace(
        segment,
        ids=tuple(segment.ids[row] for row in rows.tolist()),
        text_of=text_of.astype(np.int32),
        runs=np.argsort(text_of, kind="stable").astype(np.int32),
        run_starts=_starts(np.bincount(text_of, minlength=len(texts))),
        signals={
            name: _only_rows(each, names if name in OF_NAMES else texts)
            for name, each in segment.signals.items()
        },
        meanings=_only_meanings(segment.meanings, texts),
        name_starts=_starts(np.bincount(of_text, minlength=len(texts))),
        letters=_only_contents(segment.letters, names),
        in_texts=Holdings(*_only_entries(segment.in_texts.starts, segment.in_texts.places, rows=texts)),
        in_names=Holdings(*_only_entries(segment.in_names.starts, segment.in_names.places, rows=names)),
        heads=Heads(*_only_entries(segment.heads.starts, segment.heads.places, rows=texts)),
        facts=_only_facts(segment.facts, rows),
    )


def words_alone(segment: Segment) -> Segment:
    """The segment's vocabularies with no offer in it: what it takes to read a need."""
    return only(segment, np.empty(0, dtype=np.int64))


def _starts(counts: NDArray[Any]) -> Rows:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _only_entries(starts: Rows, *entries: NDArray[Any], rows: Rows) -> tuple[Any, ...]:
    """The bounds of those rows alone, and their entries."""
    places, _ = between(starts, rows)
    return (_starts(starts[rows + 1] - starts[rows]), *(each[places] for each in entries))


def _only_contents(contents: Contents, rows: Rows) -> Contents:
    return Contents(*_only_entries(contents.starts, contents.terms, contents.weights, rows=rows))


def _only_rows(postings: Postings, rows: Rows) -> Postings:
    renumbered = np.full(postings.row_count, -1, dtype=np.int32)
    renumbered[rows] = np.arange(len(rows), dtype=np.int32)
    placed = renumbered[postings.rows]
    kept = placed >= 0
    before = _starts(kept)
    return Postings(before[postings.starts], placed[kept], postings.weights[kept], len(rows))


def _only_meanings(meanings: Meanings, texts: Rows) -> Meanings:
    return Meanings(
        meanings.turn,
        meanings.near[texts],
        meanings.rest[texts],
        meanings.steps[texts],
        meanings.lengths[texts],
    )


def _only_facts(facts: Facts, rows: Rows) -> Facts:
    places, numbers = between(facts.start_at, rows)
    told = {
        each.name: getattr(facts, each.name)[rows]
        for each in fields(Facts)
        if each.name not in ("start_at", "starts")
    }
    days = facts.starts[places] - rows[numbers] * DAYS + numbers * DAYS
    return Facts(**told, start_at=_starts(facts.start_at[rows + 1] - facts.start_at[rows]), starts=days)
