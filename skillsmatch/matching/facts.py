"""The facts of a run of offers (place, level, dates, price) as arrays, so that constraints cost little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document

UNKNOWN_LEVEL = -1
DAYS = 2**22  # more than the ordinal of 31 December 9999, so that a row and a day make one sortable number


@dataclass(frozen=True, slots=True)
class Facts:
    """One entry per offer; NaN, -1, 0 or an empty word stand for "not given"."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    level: NDArray[np.int8]
    kind: NDArray[np.str_]
    mode: NDArray[np.str_]
    attendance: NDArray[np.str_]
    start_at: NDArray[np.int64]  # bounds of each offer's run in `starts`; one longer than the offers
    starts: NDArray[np.int64]  # row * DAYS + day, ascending
    flexible: NDArray[np.bool_]
    national: NDArray[np.bool_]
    price: NDArray[np.float64]
    weeks: NDArray[np.float64]
    confirmed: NDArray[np.int32]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Facts:
        """The facts of the documents, in their order."""

        def numbers(values: list[float | None]) -> NDArray[np.float64]:
            return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)

        return cls(
            lat=numbers([d.lat for d in documents]),
            lon=numbers([d.lon for d in documents]),
            level=np.asarray(
                [UNKNOWN_LEVEL if d.level is None else d.level for d in documents], dtype=np.int8
            ),
            kind=np.asarray([d.kind for d in documents], dtype="U40"),
            mode=np.asarray([d.mode for d in documents], dtype="U12"),
            attendance=np.asarray([d.attendance for d in documents], dtype="U12"),
            start_at=np.cumsum([0, *(len(d.starts) for d in documents)]).astype(np.int64),
            starts=np.asarray(
                [row * DAYS + day for row, d in enumerate(documents) for day in sorted(d.starts)],
                dtype=np.int64,
            ),
            flexible=np.asarray([d.flexible_start for d in documents], dtype=np.bool_),
            national=np.asarray([d.national for d in documents], dtype=np.bool_),
            price=numbers([d.price for d in documents]),
            weeks=numbers([d.weeks for d in documents]),
            confirmed=np.asarray([d.confirmed or 0 for d in documents], dtype=np.int32),
        )
