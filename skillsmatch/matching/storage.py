"""A matcher on disk: one file of arrays and one manifest, written whole or not at all, read by mapping."""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
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

FORMAT = 5  # raise it whenever an older reader could misread the files
MANIFEST = "manifest.json"
ARRAYS = "arrays.bin"
STAMP = 32  # characters at the beginning of the arrays, and in the manifest that belongs to them
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


def save(matcher: Matcher, folder: Path) -> None:
    """Write the matcher so that a reader sees the old index or the new one, never a mixture."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        arrays = {
            f"{number}.{name}": array
            for number, part in enumerate(matcher.parts)
            for name, array in {**_arrays(part.segment), "alive": part.alive}.items()
        }
        manifest = {
            "format": FORMAT,
            "parts": len(matcher.parts),
            "signals": dict(matcher.weights.signals),
            "strength": dict(matcher.weights.strength),
            "encoder": shipped_version(),
            "changed": [asdict(document) for document in matcher.changed],
            **_write(fresh / ARRAYS, arrays),
        }
        _write_text(fresh / MANIFEST, json.dumps(manifest))
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


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
        mapped = np.memmap(folder / ARRAYS, mode="r").view(np.ndarray)
        if bytes(mapped[:STAMP]) != manifest["stamp"].encode():
            raise _unreadable(folder, f"{ARRAYS} does not belong to {MANIFEST}")
        parts = []
        for number in range(manifest["parts"]):
            arrays = _Arrays(mapped, manifest["arrays"], f"{number}.")
            parts.append(Part(_segment(arrays), arrays["alive"]))
        changed = tuple(_document(told) for told in manifest["changed"])
        return Matcher(tuple(parts), changed, Weights.of(manifest))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _unreadable(folder, f"its files do not fit together ({problem})") from problem


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
    try:
        found = (folder / ARRAYS).stat().st_size
    except OSError:
        raise _unreadable(folder, f"{ARRAYS} is missing") from None
    if found != manifest.get("size"):
        raise _unreadable(
            folder, f"{ARRAYS} is cut short or changed: {found} bytes, not {manifest.get('size')}"
        )
    return manifest


def _document(told: dict[str, Any]) -> Document:
    return Document(**{**told, "aliases": tuple(told["aliases"]), "starts": tuple(told["starts"])})


class _Arrays:
    """The arrays of one part, each a view of the mapped file."""

    def __init__(self, mapped: NDArray[np.uint8], told: Mapping[str, Any], prefix: str) -> None:
        self._mapped, self._told, self._prefix = mapped, told, prefix

    def __getitem__(self, name: str) -> NDArray[Any]:
        kind, shape, start = self._told[self._prefix + name]
        size = np.dtype(kind).itemsize * math.prod(shape)
        # A plain view: slicing a memmap object itself is ten times slower.
        return self._mapped[start : start + size].view(kind).reshape(shape)


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
