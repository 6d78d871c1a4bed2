"""One text signal turned round: for each term, the rows that hold it and how much it counts there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

BM25_K1 = 1.2  # how soon repeats of a word stop counting; the usual value, Robertson and Zaragoza 2009
BM25_B = 0.75  # how far a long text is marked down; from the same source
LONG_RUNS = 100  # entries of a term, on average; from here on it is quicker to copy the runs one by one


@dataclass(frozen=True, slots=True)
class Postings:
    """Term t stands in rows `rows[starts[t]:starts[t+1]]`, ascending, with the weights beside them."""

    starts: NDArray[np.int64]
    rows: Ints
    weights: Floats
    row_count: int

    def scores(self, terms: NDArray[np.int64], strengths: Floats) -> NDArray[np.float64]:
        """The sum over the terms of strength times weight, for every row."""
        if not len(terms):
            return np.zeros(self.row_count)
        firsts, lasts = self.starts[terms], self.starts[terms + 1]
        counts = lasts - firsts
        if int(counts.sum()) >= LONG_RUNS * len(terms):
            runs = list(zip(firsts.tolist(), lasts.tolist(), strict=True))
            rows = np.concatenate([self.rows[first:last] for first, last in runs])
            told = np.concatenate([self.weights[first:last] for first, last in runs])
            told *= strengths.repeat(counts)
        else:
            places, numbers = between(self.starts, terms)
            rows, told = self.rows[places], self.weights[places] * strengths[numbers]
        return np.bincount(rows, weights=told, minlength=self.row_count).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Contents:
    """The same signal the other way: row r holds terms `terms[starts[r]:starts[r+1]]`, with the weights beside them."""

    starts: NDArray[np.int64]
    terms: Ints
    weights: Floats

    def scores(self, rows: NDArray[np.int64], strengths: Floats) -> NDArray[np.float64]:
        """The sum over all terms of strength (one for every term there is) times weight, for these rows."""
        places, numbers = between(self.starts, rows)
        told = self.weights[places] * strengths[self.terms[places]]
        return np.bincount(numbers, weights=told, minlength=len(rows)).astype(np.float64, copy=False)


def between(
    starts: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places from `starts[r]` up to `starts[r+1]` for each of the rows, and the number of the row of each."""
    firsts = starts[rows]
    counts = starts[rows + 1] - firsts
    ends = counts.cumsum()
    places = (firsts - ends + counts).repeat(counts)
    places += np.arange(len(places))
    return places, np.arange(len(rows)).repeat(counts)


def contents_of(matrix: Any) -> Contents:
    """The contents of a rows-by-terms sparse matrix."""
    return Contents(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
    )


def from_matrix(matrix: Any) -> Postings:
    """Postings of a rows-by-terms sparse matrix; rows come out ascending within each term."""
    columns = matrix.tocsc()
    columns.sort_indices()
    return Postings(
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int32),
        columns.data.astype(np.float32),
        matrix.shape[0],
    )


def cosine_weights(counts: Any, idf: Floats) -> Any:
    """Counts as damped tf-idf with rows of length one, so that a product with a query is a cosine."""
    from scipy import sparse

    matrix = counts.astype(np.float32).tocsr(copy=True)
    matrix.data = (1.0 + np.log(matrix.data)).astype(np.float32)
    matrix = (matrix @ sparse.diags_array(idf)).tocsr()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix = sparse.diags_array((1.0 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ matrix
    return matrix.tocsr()


def bm25_weights(counts: Any, idf: Floats, average_length: float) -> Any:
    """Counts as BM25 weights divided by their ceiling, so that a full match of a term weighs its idf."""
    matrix = counts.astype(np.float32).tocsr(copy=True)
    lengths = np.asarray(matrix.sum(axis=1)).ravel()
    damping = BM25_K1 * (1.0 - BM25_B + BM25_B * lengths / max(average_length, 1e-9))
    per_entry = np.repeat(damping, np.diff(matrix.indptr)).astype(np.float32)
    matrix.data = matrix.data / (matrix.data + per_entry) * idf[matrix.indices]
    return matrix
