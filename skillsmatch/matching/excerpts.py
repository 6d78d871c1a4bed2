"""A few offers of a segment on their own: the words weigh what they weigh in the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.facts import DAYS, Facts
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import Postings
from skillsmatch.matching.segment import Heads, Segment

Rows = NDArray[np.int64]


def only(segment: Segment, rows: Rows) -> Segment:
    """The same segment with those offers alone, in ascending order; what they weigh does not change."""
    names = [segment.names_of(row) for row in rows.tolist()]
    name_rows = np.concatenate(names) if names else np.empty(0, dtype=np.int32)
    heads = [segment.heads.of_row(row) for row in rows.tolist()]
    return replace(
        segment,
        ids=tuple(segment.ids[row] for row in rows.tolist()),
        signals={
            name: _only_rows(each, rows if name == "body words" else name_rows)
            for name, each in segment.signals.items()
        },
        meanings=Meanings(segment.meanings.rows[rows], segment.meanings.steps[rows]),
        row_starts=np.cumsum([0, *map(len, names)])[:-1].astype(np.int64),
        heads=Heads(
            np.cumsum([0, *map(len, heads)]).astype(np.int64),
            np.concatenate(heads) if heads else segment.heads.places[:0],
        ),
        facts=_only_facts(segment.facts, rows),
    )


def words_alone(segment: Segment) -> Segment:
    """The segment's vocabularies with no offer in it: what it takes to read a need."""
    nothing = np.empty(0, dtype=np.int64)
    return replace(
        segment,
        ids=(),
        signals={},
        meanings=Meanings(segment.meanings.rows[:0], segment.meanings.steps[:0]),
        row_starts=nothing,
        heads=Heads(np.zeros(1, dtype=np.int64), segment.heads.places[:0]),
        facts=Facts.of(()),
    )


def _only_rows(postings: Postings, rows: NDArray[Any]) -> Postings:
    renumbered = np.full(postings.row_count, -1, dtype=np.int32)
    renumbered[rows] = np.arange(len(rows), dtype=np.int32)
    placed = renumbered[postings.rows]
    kept = placed >= 0
    before = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return Postings(before[postings.starts], placed[kept], postings.weights[kept], len(rows))


def _only_facts(facts: Facts, rows: Rows) -> Facts:
    firsts, lasts = facts.start_at[rows], facts.start_at[rows + 1]
    days = [
        facts.starts[first:last] - row * DAYS + place * DAYS
        for place, (row, first, last) in enumerate(zip(rows, firsts, lasts, strict=True))
    ]
    told = {name: getattr(facts, name)[rows] for name in Facts.names() if name not in ("start_at", "starts")}
    return Facts(
        **told,
        start_at=np.concatenate([[0], np.cumsum(lasts - firsts)]).astype(np.int64),
        starts=np.concatenate(days).astype(np.int64) if days else facts.starts[:0],
    )
