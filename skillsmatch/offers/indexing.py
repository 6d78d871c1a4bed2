"""The saved search index: brought up to the catalogue by a load or by `flask work`, opened by every process.

    DATA_DIR/index/<database>/current               names the folder in use; replaced in one step
    DATA_DIR/index/<database>/<number>-<random>/    one build: offers, themes, occupations, three small files

A request opens what is there and never builds.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import catalogue_number
from skillsmatch.offers.documents import documents, offered
from skillsmatch.offers.models import Offer, Venue
from skillsmatch.offers.offer_themes import FILE as OFFER_THEMES
from skillsmatch.offers.offer_themes import read_themes, themes_as_kept, themes_of

if TYPE_CHECKING:
    from skillsmatch.matching import Document, Labeller, Matcher

log = logging.getLogger(__name__)

FORMAT = 2  # of build.json; an index of another format is built anew
BUILD = {"number": int, "changes": int, "made_by": str}  # what build.json holds besides
FEW = 0.1  # share of the offers; when more have changed, words are weighed anew (matching/matcher.py)
NAME = re.compile(r"[0-9]{1,12}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """What a search needs: the offers, and the two lists that a facet is coded by."""

    offers: Matcher
    themes: Labeller
    occupations: Labeller
    number: int  # of the catalogue it was built from
    version: str  # of the matcher's weights
    made_by: str  # names the themes, occupations and weights of the release that built it
    offer_themes: Mapping[int, str]  # the theme of each offer by its id; "" where it is not clear

    def warm(self) -> None:
        """Asks once, so that no employer waits for what the first search imports and lays out."""
        from skillsmatch.matching import Query

        # The slip makes the speller lay out its words; a theme and an occupation are asked for with every facet.
        self.offers.rank(Query("welders, forklfit, bookkeeping and first aid"))
        for labels in (self.themes, self.occupations):
            labels.label("forklfit driver")


@dataclass(frozen=True, slots=True)
class _Opened:
    pointer: tuple[int, int, int]  # of the pointer file: inode, size, time of change
    folder: Path
    index: SearchIndex | None


_opened: dict[Path, _Opened] = {}
_opening = threading.Lock()


def index_folder() -> Path:
    """Where this database's index lies. User and password do not name it, so each may have its own."""
    url = db.engine.url
    parts = (url.get_backend_name(), url.host, url.query.get("host"), url.port, url.database)
    key = blake2b(repr(parts).encode(), digest_size=8).hexdigest()
    return Path(current_app.config["DATA_DIR"]) / "index" / key


def open_index() -> SearchIndex | None:
    """The index in use, opened once in each process and again when another takes its place.

    None, with one line in the log, where there is none yet or it cannot be read.
    """
    root = index_folder()
    try:
        found = (root / "current").stat()
    except OSError:
        return None
    pointer = (found.st_ino, found.st_size, found.st_mtime_ns)
    with _opening:
        opened = _opened.get(root)
        if opened is None or opened.pointer != pointer:
            _opened.clear()  # a process serves one database, and an index holds about a hundred files open
            opened = _opened[root] = _open(root, pointer)
        return opened.index


def _open(root: Path, pointer: tuple[int, int, int]) -> _Opened:
    from skillsmatch.matching import Labeller, Matcher

    folder = root
    try:
        folder = root / _pointed_at(root)
        build = _read_build(folder)
        offers = Matcher.load(folder / "offers")
        index = SearchIndex(
            offers=offers,
            themes=Labeller.load(folder / "themes"),
            occupations=Labeller.load(folder / "occupations"),
            number=build["number"],
            version=offers.version,
            made_by=build["made_by"],
            offer_themes=read_themes(folder),
        )
    except Exception as error:  # whatever is wrong with files on a disk, the page must still open
        log.warning(
            "the search index in %s cannot be used (%s); `flask offers index` rebuilds it", folder, error
        )
        return _Opened(pointer, folder, None)
    return _Opened(pointer, folder, index)


def _pointed_at(root: Path) -> str:
    with (root / "current").open(encoding="ascii") as file:
        name = file.read(100).strip()
    if not NAME.fullmatch(name):
        raise ValueError("the file `current` does not name a build")
    return name


def _read_build(folder: Path) -> dict[str, Any]:
    build = json.loads((folder / "build.json").read_text(encoding="utf-8"))
    if not isinstance(build, dict) or build.get("format") != FORMAT:
        raise ValueError("it is of another format")
    if not all(isinstance(build[name], kind) for name, kind in BUILD.items()):
        raise TypeError("build.json is damaged")
    return build


def index_is_stale() -> bool:
    """True where the catalogue or the release has changed since the index was built, or none can be opened."""
    index = open_index()
    return index is None or index.number != catalogue_number() or index.made_by != made_by()


@cache
def made_by() -> str:
    """A hash of what this release codes and weighs words by; an index made by another is built anew."""
    from skillsmatch.matching.encoder import shipped_version
    from skillsmatch.matching.weights import shipped_weights

    parts = (*_labels(), shipped_weights().version, shipped_version())
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def _labels() -> tuple[list[Document], list[Document]]:
    """The themes and the occupations, as the labellers are fitted on them."""
    from skillsmatch.area.national import load_soc
    from skillsmatch.area.themes import load_themes

    themes = load_themes()
    return themes.documents(), themes.soc_documents(load_soc())


def build_index(*, whole: bool = False) -> SearchIndex:
    """Brings the index up to the catalogue and puts it into use; waits for another build to end first.

    Where few offers have changed since their words were weighed only these are read; all of them with `whole`.
    Raises OSError where it cannot be written; the index in use is then as it was.
    """
    with _one_builder(wait=True):
        return _build(whole=whole)


def refresh_index() -> bool:
    """Brings the index up to the catalogue where it has fallen behind; True where it was renewed.

    Does nothing while another process builds.
    """
    if not index_is_stale():
        return False
    with _one_builder(wait=False) as mine:
        if not mine or not index_is_stale():
            return False
        _build(whole=False)
    return True


@contextmanager
def _one_builder(*, wait: bool) -> Iterator[bool]:
    """Holds the only right to build; gives False where another holds it and `wait` is False."""
    root = index_folder()
    root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _build(*, whole: bool) -> SearchIndex:
    root = index_folder()
    previous = _current(root)
    before = None if whole else _usable(root)
    db.session.rollback()  # a transaction that began earlier would show the catalogue as it was then
    # The number comes first: an offer that changes while we read is then newer than the number says, and is
    # read again by the next refresh.
    number = catalogue_number()
    digests = _digests()
    fresh = root / f"{number}-{secrets.token_hex(4)}"
    try:
        fresh.mkdir()
        offers, changes = _offers(before, digests)
        offers.save(fresh / "offers")
        _save_labels(fresh, before.folder if before else None)
        _write(fresh / OFFER_THEMES, themes_as_kept(_offer_themes(fresh, before, digests)))
        _write(fresh / "digests.json", json.dumps(digests))
        build = {"format": FORMAT, "number": number, "changes": changes, "made_by": made_by()}
        _write(fresh / "build.json", json.dumps(build))
        _use(root, fresh.name)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        db.session.rollback()  # ends the long read, which would keep SQLite's log from being emptied
    _clear(root, keep={fresh.name, previous})  # a request may be opening the previous one at this moment
    index = open_index()
    if index is None:
        raise OSError(f"the search index in {fresh} was written and cannot be read back")
    return index


def _digests() -> dict[str, str]:
    """For each offer what changes whenever the engine would read something else of it, by the offer's id.

    An offer's own digest says nothing of where its venue has been found to be since, or when it was confirmed.
    """
    columns = (Offer.id, Offer.digest, Offer.confirmed_on, Venue.lat, Venue.lon, Venue.postcode)
    seen = select(*columns).outerjoin(Venue, Offer.venue_id == Venue.id).where(offered())
    return {
        str(id): blake2b(f"{digest} {confirmed} {lat} {lon} {postcode}".encode(), digest_size=8).hexdigest()
        for id, digest, confirmed, lat, lon, postcode in db.session.execute(seen)
    }


def _current(root: Path) -> str:
    """The name of the build in use; empty where there is none."""
    try:
        return _pointed_at(root)
    except (OSError, ValueError):
        return ""


def _usable(root: Path) -> _Opened | None:
    """The build in use, opened; None where it cannot be built upon."""
    index = open_index()
    if index is None or index.made_by != made_by():
        return None
    opened = _opened.get(root)
    return opened if opened and opened.folder.name == _current(root) else None


def _offers(before: _Opened | None, digests: dict[str, str]) -> tuple[Matcher, int]:
    """The matcher over the offers of now, and how many have changed since its words were last weighed.

    The matcher before with the changes in, where these are few in all; else a new one.
    """
    from skillsmatch.matching import Matcher

    if before is not None and before.index is not None:
        had: dict[str, str] = json.loads((before.folder / "digests.json").read_text(encoding="utf-8"))
        changed = [int(id) for id, digest in digests.items() if had.get(id) != digest]
        removed = [id for id in had if id not in digests]
        changes = _read_build(before.folder)["changes"] + len(changed) + len(removed)
        if changes <= FEW * len(digests):
            return before.index.offers.updated(documents(changed), removed), changes
    return Matcher.fit(documents()), 0


def _save_labels(fresh: Path, before: Path | None) -> None:
    """Writes the two labellers, or copies those of the build before: they change with a release only."""
    from skillsmatch.matching import Labeller

    if before is not None:
        for name in ("themes", "occupations"):
            shutil.copytree(before / name, fresh / name)
        return
    themes, occupations = _labels()
    Labeller.fit(themes).save(fresh / "themes")
    Labeller.fit(occupations).save(fresh / "occupations")


def _offer_themes(fresh: Path, before: _Opened | None, digests: dict[str, str]) -> dict[int, str]:
    """The theme of each offer: as the build before has it where the offer has not changed since."""
    from skillsmatch.matching import Labeller

    known: Mapping[int, str] = {}
    if before is not None and before.index is not None:
        had: dict[str, str] = json.loads((before.folder / "digests.json").read_text(encoding="utf-8"))
        told = before.index.offer_themes
        known = {id: theme for id, theme in told.items() if had.get(str(id)) == digests.get(str(id))}
    return themes_of(Labeller.load(fresh / "themes"), map(int, digests), known)


def _use(root: Path, name: str) -> None:
    """Points `current` at the build, in one step that a power cut cannot halve."""
    beside = root / "current.new"
    _write(beside, name + "\n")
    beside.replace(root / "current")
    handle = os.open(root, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _clear(root: Path, keep: set[str]) -> None:
    for folder in root.iterdir():
        if NAME.fullmatch(folder.name) and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
