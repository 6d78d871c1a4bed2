"""A matcher on disk: plain arrays and one manifest, written whole or not at all, read by mapping."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.documents import Document
from skillsmatch.matching.facts import Facts
from skillsmatch.matching.meaning import Meanings
from skillsmatch.matching.postings import Postings
from skillsmatch.matching.segment import LEXICAL, Heads, Segment
from skillsmatch.matching.vocabulary import Vocabulary
from skillsmatch.matching.weights import Weights

if TYPE_CHECKING:
    from skillsmatch.matching.matcher import Matcher

FORMAT = 3  # raise it whenever an older reader could misread the files
MANIFEST = "manifest.json"


class IndexUnreadable(Exception):
    """A saved index cannot be used; the message says why and what to do."""


def save(matcher: Matcher, folder: Path) -> None:
    """Write the matcher so that a reader sees the old index or the new one, never a mixture."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        sizes: dict[str, int] = {}
        for number, part in enumerate(matcher.parts):
            for name, array in {**_arrays(part.segment), "alive": part.alive}.items():
                _write(fresh, f"{number}.{name}.npy", array, sizes)
        told = [asdict(document) for document in matcher.changed]
        manifest = {
            "format": FORMAT,
            "parts": len(matcher.parts),
            "signals": dict(matcher.weights.signals),
            "strength": dict(matcher.weights.strength),
            "changed": told,
            "sizes": sizes,
        }
        _write_text(fresh / MANIFEST, json.dumps(manifest))
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(folder: Path, name: str, array: NDArray[Any], sizes: dict[str, int]) -> None:
    with (folder / name).open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    sizes[name] = (folder / name).stat().st_size


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
        parts = []
        for number in range(manifest["parts"]):
            arrays = _Arrays(folder, number)
            parts.append(Part(_segment(arrays), arrays["alive"]))
        changed = tuple(_document(told) for told in manifest["changed"])
        return Matcher(tuple(parts), changed, Weights.of(manifest))
    except IndexUnreadable:
        raise
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
    for name, size in manifest.get("sizes", {}).items():
        try:
            found = (folder / name).stat().st_size
        except OSError:
            raise _unreadable(folder, f"{name} is missing") from None
        if found != size:
            raise _unreadable(folder, f"{name} is cut short or changed: {found} bytes, not {size}")
    return manifest


def _document(told: dict[str, Any]) -> Document:
    return Document(**{**told, "aliases": tuple(told["aliases"]), "starts": tuple(told["starts"])})


class _Arrays:
    """The arrays of one part, mapped when asked for."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder, number

    def __getitem__(self, name: str) -> NDArray[Any]:
        path = self._folder / f"{self._number}.{name}.npy"
        try:
            # A plain view of the mapped file: slicing a memmap object itself is ten times slower.
            return np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        except FileNotFoundError:
            raise _unreadable(self._folder, f"{path.name} is missing") from None
        except ValueError:
            # An empty array cannot be mapped; it is read instead.
            return np.load(path, allow_pickle=False)


def _arrays(segment: Segment) -> dict[str, NDArray[Any]]:
    ids = [id.encode() for id in segment.ids]
    arrays: dict[str, NDArray[Any]] = {
        "ids": np.frombuffer(b"".join(ids), dtype=np.uint8),
        "id_ends": np.cumsum([len(id) for id in ids], dtype=np.int64),
        "row_starts": segment.row_starts,
        "heads.starts": segment.heads.starts,
        "heads.places": segment.heads.places,
        "meaning.rows": segment.meanings.rows,
        "meaning.steps": segment.meanings.steps,
    }
    for name in ("stems", "grams", "surface"):
        vocabulary: Vocabulary = getattr(segment, name)
        arrays |= {f"{name}.terms": vocabulary.terms, f"{name}.idf": vocabulary.idf}
    for name, postings in segment.signals.items():
        slug = name.replace(" ", "_")
        for array in ("starts", "rows", "weights"):
            arrays[f"{slug}.{array}"] = getattr(postings, array)
        arrays[f"{slug}.row_count"] = np.asarray([postings.row_count], dtype=np.int64)
    return arrays | {f"facts.{name}": getattr(segment.facts, name) for name in Facts.names()}


def _segment(arrays: _Arrays) -> Segment:
    signals = {}
    for name in LEXICAL:
        slug = name.replace(" ", "_")
        starts, rows, weights = (arrays[f"{slug}.{array}"] for array in ("starts", "rows", "weights"))
        signals[name] = Postings(starts, rows, weights, int(arrays[f"{slug}.row_count"][0]))
    told = bytes(arrays["ids"])
    ends = arrays["id_ends"].tolist()
    ids = tuple(told[first:last].decode() for first, last in zip([0, *ends], ends, strict=False))
    vocabularies = {
        name: Vocabulary(arrays[f"{name}.terms"], arrays[f"{name}.idf"])
        for name in ("stems", "grams", "surface")
    }
    facts = Facts(**{name: arrays[f"facts.{name}"] for name in Facts.names()})
    heads = Heads(arrays["heads.starts"], arrays["heads.places"])
    meanings = Meanings(arrays["meaning.rows"], arrays["meaning.steps"])
    return Segment(
        ids=ids,
        signals=signals,
        meanings=meanings,
        heads=heads,
        row_starts=arrays["row_starts"],
        facts=facts,
        **vocabularies,
    )
