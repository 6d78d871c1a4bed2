"""The encoder alone on the development sets: how well its angles order judged documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching import metrics
from skillsmatch.matching.documents import Document
from skillsmatch.matching.encoder import Encoder
from skillsmatch.matching.evaluating import SHOWN, EvaluationError, Judged, read_documents, read_queries

GRADED = "employer_needs"  # the one set with grades 0 to 3; the others are binary
TYPOS = "typos_"  # how the sets with typing errors begin


@dataclass(slots=True)
class DevelopmentSets:
    """Judged queries by set, and the documents that each set is asked of."""

    queries: dict[str, list[Judged]]
    documents: dict[str, list[Document]]
    documents_of: dict[str, str]

    @classmethod
    def read(cls, bench: Path) -> DevelopmentSets:
        """Every set in the folder.

        Refused: a set without queries (EvaluationError), or one whose documents are missing (OSError).
        """
        read = cls({}, {}, {})
        for file in sorted(bench.glob("*.jsonl")):
            read.queries[file.stem] = read_queries(file)
            if not read.queries[file.stem]:
                raise EvaluationError(f"{file.name}: there is no query in it")
            first = json.loads(file.read_text(encoding="utf-8").lstrip().split("\n", 1)[0])
            named = first.get("docs", "offers_mixed")
            read.documents_of[file.stem] = named
            if named not in read.documents:
                documents = bench / "docs" / f"{named}.jsonl.gz"
                if not documents.is_file():
                    raise FileNotFoundError(f"{file.name}: its documents are missing: {documents}")
                read.documents[named] = read_documents(documents)
        return read

    def scores(self, encoder: Encoder) -> dict[str, float]:
        """nDCG@10 of each set by the angle alone: the nearer of a document's title and its text counts."""
        told = {}
        for name, documents in self.documents.items():
            titles = encoder.encode([document.title for document in documents])
            texts = encoder.encode([document.text for document in documents])
            for of in (of for of, asked in self.documents_of.items() if asked == name):
                asked = encoder.encode([query.text for query in self.queries[of]])
                near = np.maximum(asked @ titles.T, asked @ texts.T)
                told[of] = mean_ndcg(near, [document.id for document in documents], self.queries[of])
        return dict(sorted(told.items()))


def mean_ndcg(near: NDArray[np.float32], ids: list[str], queries: list[Judged]) -> float:
    """The mean nDCG@10 of the orders that the numbers give, one row per query and one column per document."""
    found = []
    for row, query in zip(near, queries, strict=True):
        grades = query.grades()
        if any(grades.values()):
            first = np.argsort(-row, kind="stable")[:SHOWN]
            found.append(metrics.ndcg([ids[place] for place in first], grades))
    return round(float(np.mean(found)), 4) if found else 0.0


def mean_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """The means that runs are compared by: all binary sets, and those with typing errors."""
    binary = [score for name, score in scores.items() if name != GRADED]
    typos = [score for name, score in scores.items() if name.startswith(TYPOS)]
    return {
        "binary sets": round(float(np.mean(binary)), 4) if binary else 0.0,
        "typo sets": round(float(np.mean(typos)), 4) if typos else 0.0,
    }
