"""The matching engine: offers and needs in as plain data, ranked offers with reasons out.

Importing it is cheap; scikit-learn and scipy are imported when something is fitted.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skillsmatch.matching.constraints import Gap as Gap
    from skillsmatch.matching.documents import Document as Document
    from skillsmatch.matching.evidence import Evidence as Evidence
    from skillsmatch.matching.evidence import Match as Match
    from skillsmatch.matching.evidence import without_wishes as without_wishes
    from skillsmatch.matching.labelling import UNCLEAR_BELOW as UNCLEAR_BELOW
    from skillsmatch.matching.labelling import Labeller as Labeller
    from skillsmatch.matching.matcher import Matcher as Matcher
    from skillsmatch.matching.order_words import Placed as Placed
    from skillsmatch.matching.order_words import why_this_order as why_this_order
    from skillsmatch.matching.quantities import wishes_of as wishes_of
    from skillsmatch.matching.query import Query as Query
    from skillsmatch.matching.ranking import UNMET_BELOW as UNMET_BELOW
    from skillsmatch.matching.ranking import interleave as interleave
    from skillsmatch.matching.ranking import why_unmet as why_unmet
    from skillsmatch.matching.reading import FacetReading as FacetReading
    from skillsmatch.matching.reading import Reading as Reading
    from skillsmatch.matching.reading import facet_of as facet_of
    from skillsmatch.matching.reading import is_readable as is_readable
    from skillsmatch.matching.reading import read_need as read_need
    from skillsmatch.matching.reverse import MetBy as MetBy
    from skillsmatch.matching.reverse import PastNeeds as PastNeeds
    from skillsmatch.matching.storage import IndexUnreadable as IndexUnreadable

_HOMES = {
    "Document": "documents",
    "Evidence": "evidence",
    "FacetReading": "reading",
    "Gap": "constraints",
    "IndexUnreadable": "storage",
    "Labeller": "labelling",
    "Match": "evidence",
    "Matcher": "matcher",
    "MetBy": "reverse",
    "PastNeeds": "reverse",
    "Placed": "order_words",
    "Query": "query",
    "Reading": "reading",
    "UNCLEAR_BELOW": "labelling",
    "UNMET_BELOW": "ranking",
    "facet_of": "reading",
    "interleave": "ranking",
    "is_readable": "reading",
    "read_need": "reading",
    "why_this_order": "order_words",
    "why_unmet": "ranking",
    "wishes_of": "quantities",
    "without_wishes": "evidence",
}

__all__ = [  # noqa: RUF022 - kept in step with _HOMES by a test
    "Document",
    "Evidence",
    "FacetReading",
    "Gap",
    "IndexUnreadable",
    "Labeller",
    "Match",
    "Matcher",
    "MetBy",
    "PastNeeds",
    "Placed",
    "Query",
    "Reading",
    "UNCLEAR_BELOW",
    "UNMET_BELOW",
    "facet_of",
    "interleave",
    "is_readable",
    "read_need",
    "why_this_order",
    "why_unmet",
    "wishes_of",
    "without_wishes",
]


def __getattr__(name: str) -> Any:
    """The named part of the engine, imported when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
