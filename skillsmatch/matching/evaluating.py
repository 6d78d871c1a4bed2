"""How well the matcher ranks on judged needs: the very road a need takes on the page, measured."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillsmatch.matching import metrics
from skillsmatch.matching.documents import Document
from skillsmatch.matching.matcher import Matcher
from skillsmatch.matching.quantities import read_level
from skillsmatch.matching.ranking import UNMET_BELOW, find, query_for
from skillsmatch.matching.reading import facet_of
from skillsmatch.matching.topics import TopicOf

SHOWN = 10  # offers on the first page
USEFUL = 2  # the grade from which an adviser calls an offer useful
RESAMPLES = 1000  # bootstrap samples behind an interval


class EvaluationError(ValueError):
    """A documents or queries file cannot be read; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A need with its judgements: (document, grade, facet), and the words of each facet where they are given."""

    id: str
    text: str
    judgements: tuple[tuple[str, int, str], ...]
    facets: tuple[tuple[str, str], ...]

    def grades(self, facet: str | None = None) -> dict[str, int]:
        """The highest grade of each document, over all facets or for one."""
        best: dict[str, int] = {}
        for id, grade, of in self.judgements:
            if facet is None or of == facet:
                best[id] = max(grade, best.get(id, 0))
        return best


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    opener: Any = gzip.open if packed else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                raise EvaluationError(f"{path.name}, line {number}: this is not a JSON object") from None
            if not isinstance(row, dict):
                raise EvaluationError(f"{path.name}, line {number}: this is not a JSON object")
            yield number, row


def read_documents(path: Path) -> list[Document]:
    """The documents of a JSON Lines file, plain or gzip; only id, title, text, aliases, kind and level count."""
    documents = []
    for number, row in _lines(path):
        if "id" not in row or "title" not in row:
            raise EvaluationError(f"{path.name}, line {number}: a document needs id and title")
        documents.append(
            Document(
                id=str(row["id"]),
                title=str(row["title"] or ""),
                text=str(row.get("text") or ""),
                aliases=tuple(str(alias) for alias in row.get("aliases") or ()),
                kind=_kind(str(row.get("kind") or "")),
                level=_level(row.get("level")),
            )
        )
    return documents


def _kind(told: str) -> str:
    return "-".join(told.lower().split())


def _level(told: object) -> int | None:
    """A level written as a number, "3", "Level 3" or "E" (Entry); anything else is not given."""
    if isinstance(told, int):
        return told if 0 <= told <= 8 else None
    word = str(told or "").strip()
    if word.isdigit():
        return int(word) if int(word) <= 8 else None
    return 0 if word.upper() == "E" else read_level(word)


def read_queries(path: Path) -> list[Judged]:
    """The judged queries of a JSON Lines file, plain or gzip."""
    queries = []
    for number, row in _lines(path):
        if "query" not in row:
            raise EvaluationError(f"{path.name}, line {number}: a query line needs query and relevant")
        judgements = tuple(
            (str(told["id"]), int(told.get("grade", 1)), str(told.get("facet") or ""))
            for told in row.get("relevant") or ()
        )
        facets = tuple((str(told.get("facet") or ""), str(told["need"])) for told in row.get("facets") or ())
        queries.append(Judged(str(row.get("id", number)), str(row["query"]), judgements, facets))
    return queries


def evaluate(
    matcher: Matcher, queries: Sequence[Judged], unmet: bool = False, topic_of: TopicOf | None = None
) -> dict[str, Any]:
    """The measures of MATCHING: every key is present, null where there is nothing to measure."""
    orders: list[list[str]] = []
    spent: list[float] = []
    for query in queries:
        began = time.perf_counter()
        shown = find(matcher, query.text, SHOWN, topic_of=topic_of)
        spent.append(1000 * (time.perf_counter() - began))
        orders.append([match.id for _, match in shown])
    measured: dict[str, Any] = {"queries": len(queries)} | _ranking_measures(queries, orders)
    measured["ms_per_query"] = {
        "p50": _rounded(metrics.percentile(spent, 0.50), 3),
        "p99": _rounded(metrics.percentile(spent, 0.99), 3),
    }
    measured["matcher"] = matcher.version
    if unmet:
        measured["unmet"] = unmet_measures(matcher, queries)
    return measured


def _ranking_measures(queries: Sequence[Judged], orders: Sequence[Sequence[str]]) -> dict[str, float | None]:
    judged = [(query, query.grades(), order) for query, order in zip(queries, orders, strict=True)]
    hits = [hit for query, _, order in judged for hit in facet_hits(query, order)]
    return {
        "ndcg@10": _mean([metrics.ndcg(order, grades) for _, grades, order in judged if grades]),
        "recall@3": _mean([metrics.recall(order, grades, 3) for _, grades, order in judged if grades]),
        "recall@10": _mean([metrics.recall(order, grades, 10) for _, grades, order in judged if grades]),
        "mrr@10": _mean([metrics.reciprocal_rank(order, grades) for _, grades, order in judged if grades]),
        "facet_hit@10": _mean([float(hit) for hit in hits]),
    }


def facet_hits(query: Judged, order: Sequence[str]) -> list[bool]:
    """For each facet with a useful document, whether one is among the first ten.

    Useful is grade 2 or 3, or 1 in a set with no higher grade. Without facets the query is its one facet.
    """
    names = sorted({facet for _, grade, facet in query.judgements if grade > 0})
    top = max((grade for _, grade, _ in query.judgements), default=0)
    enough = USEFUL if top >= USEFUL or query.facets else 1
    hits = []
    for name in names:
        useful = {id for id, grade in query.grades(name).items() if grade >= enough}
        if useful:
            hits.append(bool(useful.intersection(order[:SHOWN])))
    return hits


def unmet_measures(matcher: Matcher, queries: Sequence[Judged]) -> dict[str, Any]:
    """How well strength foretells that nothing useful exists for a facet; its own words are ranked alone."""
    predicted: list[float] = []
    happened: list[bool] = []
    for query in queries:
        for facet, need in query.facets:
            ranked = matcher.rank(query_for(facet_of(need)), SHOWN)
            predicted.append(1.0 - max((match.strength for match in ranked), default=0.0))
            happened.append(max(query.grades(facet).values(), default=0) < USEFUL)
    called = [value > 1.0 - UNMET_BELOW for value in predicted]
    right = sum(call and truth for call, truth in zip(called, happened, strict=True))
    return {
        "auc": _rounded(metrics.area_under_curve(predicted, happened)),
        "brier": _rounded(metrics.brier(predicted, happened)),
        "precision": _rounded(right / sum(called)) if any(called) else None,
        "recall": _rounded(right / sum(happened)) if any(happened) else None,
        "facets": len(predicted),
        "intervals": {
            "auc": _interval(metrics.area_under_curve, predicted, happened),
            "brier": _interval(metrics.brier, predicted, happened),
        },
    }


def _interval(measure: Any, predicted: Sequence[float], happened: Sequence[bool]) -> list[float] | None:
    """The middle 95% of the measure over seeded bootstrap samples; None where it cannot be measured."""
    chance = random.Random(7)
    values = []
    for _ in range(RESAMPLES if predicted else 0):
        drawn = [chance.randrange(len(predicted)) for _ in predicted]
        value = measure([predicted[place] for place in drawn], [happened[place] for place in drawn])
        if value is not None:
            values.append(value)
    if not values:
        return None
    low, high = metrics.percentile(values, 0.025), metrics.percentile(values, 0.975)
    return [round(low or 0.0, 4), round(high or 0.0, 4)]


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
