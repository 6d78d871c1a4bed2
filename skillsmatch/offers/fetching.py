"""The national list of standards, fetched from where Skills England publishes it: open, and without a key."""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from skillsmatch.offers.checking import Progress
from skillsmatch.offers.json_files import MOST_BYTES

PATIENCE = 60.0  # seconds without an answer
PIECE = 1_000_000  # bytes


class NotFetched(Exception):
    """The list could not be had. Its words say why."""


def fetch(address: str, path: Path, progress: Progress | None = None) -> None:
    """Afterwards the file holds what the address answers. Refused: more than MOST_BYTES, any other answer."""
    if not address.startswith(("https://", "http://")):
        raise NotFetched(f"{address} is not a web address")
    asked = Request(address, headers={"Accept": "application/json", "User-Agent": "skillsmatch"})  # noqa: S310
    try:
        with urlopen(asked, timeout=PATIENCE) as answer, path.open("wb") as file:  # noqa: S310
            whole = 0
            while piece := answer.read(PIECE):
                whole += len(piece)
                if whole > MOST_BYTES:
                    raise NotFetched(f"{address} answers with more than {MOST_BYTES // 1_000_000} MB")
                file.write(piece)
                if progress is not None:
                    progress("Fetching", whole, answer.length + whole if answer.length else 0)
    except (URLError, HTTPException, OSError) as error:
        if isinstance(error, HTTPError):
            error.close()  # it holds the answer, and the connection with it
        raise NotFetched(f"{address} did not answer as it should ({error})") from error
