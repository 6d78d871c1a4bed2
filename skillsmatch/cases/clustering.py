"""Texts gathered by meaning: plain arithmetic over their vectors, the same for the same data every time.

Two groups are as alike as their members are on average. The most alike two become one, again and again, until no
two are alike enough. Only pairs of texts that are as near as that are looked at: where the mean of two groups reaches
it, one of their pairs does. So twenty thousand texts take seconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # one row of unit length for each text; a row of zeros has nothing readable

ALIKE = 0.45  # mean cosine of two groups from which they are one
JOINS = 0.5  # mean cosine with a standing group's nearest members from which a text joins it
MOST_NEAR = 60  # of a text's neighbours that are kept, the nearest first
ASKED = 3  # of a group's members, the nearest ones, speak for it
AT_ONCE = 1_024  # texts compared together with all others; 80 MB for 20,000
DECIMALS = 5  # of a cosine; what lies beyond may differ between two machines


def gather(vectors: Vectors, weights: Sequence[int] | None = None, alike: float = ALIKE) -> list[list[int]]:
    """The groups, as lists of row numbers, each in order and the groups by their first row. Every row is in one.

    `weights` says how many texts a row stands for, where equal texts were put together. A row of zeros is alone.
    """
    count = len(vectors)
    sizes = np.zeros(2 * count)
    sizes[:count] = 1.0 if weights is None else weights
    sums = np.zeros((2 * count, vectors.shape[1]))  # a row more for each merging: there are fewer than rows
    sums[:count] = vectors * sizes[:count, None]
    members: list[list[int]] = [[number] for number in range(count)]
    near = _near_pairs(vectors, alike)
    heap = [
        (-value, i, j) for i, row in enumerate(near) for j, value in row.items() if i < j and value >= alike
    ]
    heapq.heapify(heap)
    linked = [set(row) for row in near]
    gone = [False] * count
    while heap:  # what it holds of groups that are gone is passed over
        _, left, right = heapq.heappop(heap)
        if gone[left] or gone[right]:
            continue
        new = len(members)
        gone[left] = gone[right] = True
        sums[new], sizes[new] = sums[left] + sums[right], sizes[left] + sizes[right]
        members.append(members[left] + members[right])
        gone.append(False)
        beside = sorted((linked[left] | linked[right]) - {left, right})
        linked.append(set(beside))
        linked[left] = linked[right] = set()
        values = sums[beside] @ sums[new] / (sizes[beside] * sizes[new]) if beside else ()
        for other, value in zip(beside, np.round(values, DECIMALS).tolist(), strict=True):
            linked[other] -= {left, right}
            linked[other].add(new)
            if value >= alike:
                heapq.heappush(heap, (-value, other, new))
    return sorted(sorted(each) for number, each in enumerate(members) if not gone[number])


def _near_pairs(vectors: Vectors, alike: float) -> list[dict[int, float]]:
    """For each row its nearest others, from a cosine of `alike` on; what one names, the other names too."""
    near: list[dict[int, float]] = [{} for _ in range(len(vectors))]
    for start in range(0, len(vectors), AT_ONCE):
        block = vectors[start : start + AT_ONCE] @ vectors.T
        for offset, row in enumerate(block):
            number = start + offset
            row[number] = 0.0
            found = np.flatnonzero(row >= alike)
            values = np.round(row[found], DECIMALS)
            if len(found) > MOST_NEAR:
                nearest = np.lexsort((found, -values))[:MOST_NEAR]
                found, values = found[nearest], values[nearest]
            for other, value in zip(found.tolist(), values.tolist(), strict=True):
                near[number][other] = near[other][number] = value
    return near


def nearest_group(
    fresh: Vectors, standing: Vectors, groups: Sequence[int], joins: float = JOINS
) -> list[tuple[int, float] | None]:
    """For each fresh row the group whose nearest members are most like it, and how much; None where none is enough.

    `groups` names the group of each standing row. A group speaks with its ASKED nearest members, so two that an
    officer put together still draw what either drew, and what an officer took out draws its like after it.
    """
    if not len(standing):
        return [None] * len(fresh)
    names = np.asarray(groups)
    order = np.argsort(names, kind="stable")
    known, starts = np.unique(names[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    ordered = standing[order]
    found: list[tuple[int, float] | None] = []
    for start in range(0, len(fresh), AT_ONCE):
        block = np.round(fresh[start : start + AT_ONCE] @ ordered.T, DECIMALS)
        found += [_best(row, known, starts, ends, joins) for row in block]
    return found


def _best(
    row: Vectors, known: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64], joins: float
) -> tuple[int, float] | None:
    """The best group of one row of cosines; of equals the one with the smaller name."""
    tops = np.maximum.reduceat(row, starts)
    best: tuple[int, float] | None = None
    for place in np.flatnonzero(tops >= joins).tolist():
        own = row[starts[place] : ends[place]]
        nearest = np.sort(own)[-ASKED:]
        value = round(float(nearest.mean()), DECIMALS)
        if value >= joins and (best is None or value > best[1]):
            best = int(known[place]), value
    return best
