"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.cases import (  # noqa: F401  (their tables belong to the metadata)  # noqa: F401  (they add to this blueprint)
    engagement_views,
    gathering_models,
    gathering_views,
    merging_views,
    models,
    owned_words,
    quote_views,
)
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.quoting import quoting

__all__ = ["cases", "quoting"]
