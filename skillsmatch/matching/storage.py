"""A matcher on disk: two files of arrays and one manifest, written whole or not at all, read by mapping.

What was fitted lies in a file of its own. It never changes, so an index with a few changes shares it with the index
it came from (a second name for one file) and writes only what is new.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.encoder import shipped_version
from skillsmatch.matching.facts import Facts
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import Contents, Postings
from skillsmatch.matching.segment import LEXICAL, Heads, Holdings, Segment
from skillsmatch.matching.vocabulary import Vocabulary
from skillsmatch.matching.weights import Weights

if TYPE_CHECKING:
    from skillsmatch.matching.matcher import Matcher

FORMAT = 6  # raise it whenever an older reader could misread the files
MANIFEST = "manifest.json"
FITTED = "fitted.bin"  # the arrays of the offers that the matcher was fitted on
ARRAYS = "arrays.bin"  # which of them stand, and the arrays of those changed since
STAMP = 32  # characters at the beginning of each file of arrays, and in the manifest that belongs to them
ALIGNED = 64  # bytes; an array that begins elsewhere is read more slowly

PLAIN = ("text_of", "runs", "run_starts", "name_starts", "usual_length")  # arrays of a segment
GROUPS: dict[str, Any] = {  # and its parts that are made of arrays
    "stems": Vocabulary,
    "grams": Vocabulary,
    "surface": Vocabulary,
    "meanings": Meanings,
    "letters": Contents,
    "in_texts": Holdings,
    "in_names": Holdings,
    "heads": Heads,
    "facts": Facts,
}


class IndexUnreadable(Exception):
    """A saved index cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of arrays as it was when a matcher was loaded from it."""

    path: Path
    told: Mapping[str, Any]  # what its manifest says of it

    def linked(self, path: Path) -> bool:
        """Give the file a second name; False where it has gone or is another by now, or the disk cannot do so."""
        try:
            os.link(self.path, path)
            with path.open("rb") as file:
                same = file.read(STAMP) == self.told["stamp"].encode()
            if same and path.stat().st_size == self.told["size"]:
                return True
            path.unlink()
        except OSError:
            pass
        return False


def save(matcher: Matcher, folder: Path) -> None:
    """Write the matcher so that a reader sees the old index or the new one, never a mixture."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        manifest = {
            "format": FORMAT,
            "parts": len(matcher.parts),
            "signals": dict(matcher.weights.signals),
            "strength": dict(matcher.weights.strength),
            "encoder": shipped_version(),
            "changed": [asdict(document) for document in matcher.changed],
            "files": {
                FITTED: _fitted(matcher, fresh / FITTED),
                ARRAYS: _write(fresh / ARRAYS, _changing(matcher)),
            },
        }
        _write_text(fresh / MANIFEST, json.dumps(manifest))
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fitted(matcher: Matcher, path: Path) -> Mapping[str, Any]:
    """The file of what was fitted: the one the matcher was loaded from under another name, else written."""
    if matcher.kept is not None and matcher.kept.linked(path):
        return matcher.kept.told
    return _write(path, {f"0.{name}": array for name, array in _arrays(matcher.parts[0].segment).items()})


def _changing(matcher: Matcher) -> dict[str, NDArray[Any]]:
    """The arrays of everything but what was fitted."""
    alive = {f"{number}.alive": part.alive for number, part in enumerate(matcher.parts)}
    return alive | {
        f"{number}.{name}": array
        for number, part in enumerate(matcher.parts[1:], start=1)
        for name, array in _arrays(part.segment).items()
    }


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Write the arrays into one file; what the manifest says of it: each array's type, shape and beginning."""
    told = {}
    stamp = secrets.token_hex(STAMP // 2)
    with path.open("wb") as file:
        file.write(stamp.encode())
        for name, array in arrays.items():
            file.write(bytes(-file.tell() % ALIGNED))
            told[name] = (array.dtype.str, list(array.shape), file.tell())
            file.write(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
        file.flush()
        os.fsync(file.fileno())
        return {"arrays": told, "size": file.tell(), "stamp": stamp}


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, folder: Path) -> None:
    """Put the fresh folder where the old one was. Readers keep the files they have mapped."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=folder.name + ".old.", dir=folder.parent))
    folder.rename(old / "index")
    try:
        fresh.rename(folder)
    except OSError:
        (old / "index").rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def load(folder: Path) -> Matcher:
    """The saved matcher, mapped. Refused: missing files, files cut short, another format."""
    from skillsmatch.matching.matcher import Matcher, Part

    folder = Path(folder)
    manifest = _manifest(folder)
    try:
        arrays = _Arrays()
        for name, told in manifest["files"].items():
            arrays.add(_mapped(folder, name, told), told["arrays"])
        parts = []
        for number in range(manifest["parts"]):
            own = arrays.of_part(number)
            parts.append(Part(_segment(own), own["alive"]))
        changed = tuple(_document(told) for told in manifest["changed"])
        kept = Kept(folder.resolve() / FITTED, manifest["files"][FITTED])
        return Matcher(tuple(parts), changed, Weights.of(manifest), kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _unreadable(folder, f"its files do not fit together ({problem})") from problem


def _mapped(folder: Path, name: str, told: Mapping[str, Any]) -> NDArray[np.uint8]:
    """A file of arrays, mapped. Refused where it is not the one that the manifest was written with."""
    try:
        found = (folder / name).stat().st_size
    except OSError:
        raise _unreadable(folder, f"{name} is missing") from None
    if found != told["size"]:
        raise _unreadable(folder, f"{name} is cut short or changed: {found} bytes, not {told['size']}")
    mapped: NDArray[np.uint8] = np.memmap(folder / name, mode="r").view(np.ndarray)
    if bytes(mapped[:STAMP]) != told["stamp"].encode():
        raise _unreadable(folder, f"{name} does not belong to {MANIFEST}")
    return mapped


def _unreadable(folder: Path, why: str) -> IndexUnreadable:
    return IndexUnreadable(f"The index in {folder} cannot be read: {why}. Build it again.")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _unreadable(folder, f"{MANIFEST} is missing") from None
    except (OSError, ValueError) as problem:
        raise _unreadable(folder, f"{MANIFEST} is damaged") from problem
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        told = manifest.get("format") if isinstance(manifest, dict) else None
        raise _unreadable(folder, f"it is of format {told} and this version reads format {FORMAT}")
    if manifest.get("encoder") != shipped_version():
        # Vectors of two encoders lie in two spaces: every nearness would be noise.
        raise _unreadable(
            folder, f"its vectors are of encoder {manifest.get('encoder')}, not {shipped_version()}"
        )
    return manifest


def _document(told: dict[str, Any]) -> Document:
    return Document(**{**told, "aliases": tuple(told["aliases"]), "starts": tuple(told["starts"])})


class _Arrays:
    """The arrays of an index or of one part of it, each a view of a mapped file."""

    def __init__(self, places: Mapping[str, tuple[NDArray[np.uint8], Any]] | None = None) -> None:
        self._places = dict(places or {})

    def add(self, mapped: NDArray[np.uint8], told: Mapping[str, Any]) -> None:
        """Take in the arrays of one file."""
        self._places.update((name, (mapped, where)) for name, where in told.items())

    def of_part(self, number: int) -> _Arrays:
        """Those of one part, by their own names."""
        prefix = f"{number}."
        return _Arrays(
            {name.removeprefix(prefix): at for name, at in self._places.items() if name.startswith(prefix)}
        )

    def __getitem__(self, name: str) -> NDArray[Any]:
        mapped, (kind, shape, start) = self._places[name]
        size = np.dtype(kind).itemsize * math.prod(shape)
        # A plain view: slicing a memmap object itself is ten times slower.
        return mapped[start : start + size].view(kind).reshape(shape)


def _arrays(segment: Segment) -> dict[str, NDArray[Any]]:
    ids = [id.encode() for id in segment.ids]
    arrays: dict[str, NDArray[Any]] = {
        "ids": np.frombuffer(b"".join(ids), dtype=np.uint8),
        "id_ends": np.cumsum([len(id) for id in ids], dtype=np.int64),
    }
    arrays |= {name: getattr(segment, name) for name in PLAIN}
    for name, kind in GROUPS.items():
        group = getattr(segment, name)
        arrays |= {f"{name}.{field.name}": getattr(group, field.name) for field in fields(kind)}
    for name, postings in segment.signals.items():
        for array in ("starts", "rows", "weights"):
            arrays[f"{name}.{array}"] = getattr(postings, array)
        arrays[f"{name}.row_count"] = np.asarray([postings.row_count], dtype=np.int64)
    return arrays


def _segment(arrays: _Arrays) -> Segment:
    signals = {}
    for name in LEXICAL:
        starts, rows, weights = (arrays[f"{name}.{array}"] for array in ("starts", "rows", "weights"))
        signals[name] = Postings(starts, rows, weights, int(arrays[f"{name}.row_count"][0]))
    told = bytes(arrays["ids"])
    ends = arrays["id_ends"].tolist()
    ids = tuple(told[first:last].decode() for first, last in zip([0, *ends], ends, strict=False))
    groups: dict[str, Any] = {
        name: kind(**{field.name: arrays[f"{name}.{field.name}"] for field in fields(kind)})
        for name, kind in GROUPS.items()
    }
    plain: dict[str, Any] = {name: arrays[name] for name in PLAIN}
    return Segment(ids=ids, signals=signals, **plain, **groups)
