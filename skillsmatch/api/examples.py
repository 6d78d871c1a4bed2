"""The examples of the page for developers. A test sends each of them and looks at what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote
from typing import Any


@dataclass(frozen=True)
class Example:
    """One request, what it is for, and what its answer is about. A `body` makes it a POST."""

    words: str
    path: str
    answer: str  # the first key of the answer, or the first words of one that is no JSON
    body: dict[str, Any] | None = None

    def command(self, site: str) -> str:
        """The request as it is typed in a terminal; `site` is the address without a slash at its end."""
        address = quote(site + self.path)
        if self.body is None:
            return f"curl {address}"
        text = quote(json.dumps(self.body, ensure_ascii=False))
        return f"curl {address} \\\n  -H 'Content-Type: application/json' \\\n  -d {text}"


EXAMPLES = (
    Example("ESOL courses, two at a time", "/api/v1/offers?kind=esol&limit=2", "offers"),
    Example(
        "What starts in January 2027 and is taught online",
        "/api/v1/offers?starts_from=2027-01-01&starts_to=2027-01-31&mode=online",
        "offers",
    ),
    Example(
        "What has changed or was withdrawn since 1 October 2026",
        "/api/v1/offers?updated_since=2026-10-01T00:00:00Z",
        "offers",
    ),
    Example("The providers, and how many offers each has", "/api/v1/providers", "providers"),
    Example("Engineering courses as a table", "/offers.csv?route=engineering", '\ufeff"id","url","kind"'),
    Example(
        "What fits a need",
        "/api/v1/match",
        "understood",
        {"text": "two welders, TIG mainly, and one forklift licence", "postcode": "LE10", "limit": 3},
    ),
)
