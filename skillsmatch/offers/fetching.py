"""The national list of standards, fetched from where Skills England publishes it: open, and without a key."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from skillsmatch.offers.json_files import MOST_BYTES

PATIENCE = 60.0  # seconds without an answer
PIECE = 1_000_000  # bytes


class NotFetched(Exception):
    """The list could not be had. Its words say why."""


@contextmanager
def fetched(address: str, on_bytes: Callable[[int], None] | None = None) -> Iterator[Path]:
    """A file with what the address answers, for as long as it is needed. Refused: more than MOST_BYTES."""
    if not address.startswith(("https://", "http://")):
        raise NotFetched(f"{address} is not a web address")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        try:
            asked = Request(address, headers={"Accept": "application/json", "User-Agent": "skillsmatch"})  # noqa: S310
            with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310  (the scheme has been looked at)
                whole = 0
                while piece := answer.read(PIECE):
                    whole += len(piece)
                    if whole > MOST_BYTES:
                        raise NotFetched(f"{address} answers with more than {MOST_BYTES // 1_000_000} MB")
                    file.write(piece)
                    if on_bytes is not None:
                        on_bytes(whole)
        except (URLError, HTTPException, OSError) as error:
            if isinstance(error, HTTPError):
                error.close()  # it holds the answer, and the connection with it
            raise NotFetched(f"{address} did not answer as it should ({error})") from error
        file.flush()
        yield Path(file.name)
