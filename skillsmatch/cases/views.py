"""All the Chamber's pages, for create_app."""

from __future__ import annotations

from skillsmatch.cases import gathering_models, models  # noqa: F401  (their tables belong to the metadata)
from skillsmatch.cases import gathering_views, owned_words  # noqa: F401  (they add to this blueprint)
from skillsmatch.cases.blueprint import cases

__all__ = ["cases"]
