"""Whom the speed is measured against: each is fitted, saved, opened in a fresh process and asked, alike."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from skillsmatch.cli.bench_texts import SEED, whole_text

if TYPE_CHECKING:
    from skillsmatch.matching import Document

FIRST_PAGE = 10  # offers that each query brings
NUMBERS = 384  # in a vector of the dense product: as many as a small sentence model gives
TANTIVY_HEAP = 256 * 2**20  # bytes
OURS = "skillsmatch"


class Contender(Protocol):
    """One matcher under measure. Whatever it imports it imports when it is made, which is not timed."""

    name: str
    fits: bool  # False where it has nothing to fit, save or open

    def fit(self, offers: Sequence[Document]) -> None:
        """Index the offers."""

    def save(self, folder: Path) -> None:
        """Write the index, where fitting has not."""

    def open(self, folder: Path, count: int) -> None:
        """Open the saved index of so many offers."""

    def rank(self, text: str) -> Sequence[Any]:
        """The first page for a text, best first."""


class Ours:
    """This matcher, by the method that the web page calls, with the reasons for the first ten."""

    name, fits = OURS, True

    def __init__(self, folder: Path) -> None:
        from scipy import sparse  # noqa: F401
        from sklearn.feature_extraction import text  # noqa: F401

        from skillsmatch.matching import encoder, matcher, query, storage  # noqa: F401

        self._kind, self._query = matcher.Matcher, query.Query

    def fit(self, offers: Sequence[Document]) -> None:
        """Index the offers."""
        self.matcher = self._kind.fit(offers)

    def save(self, folder: Path) -> None:
        """Write the index to the folder."""
        self.matcher.save(folder)

    def open(self, folder: Path, count: int) -> None:
        """Open the saved index."""
        self.matcher = self._kind.load(folder)

    def rank(self, text: str) -> Sequence[Any]:
        """The first page, each offer with its strength and evidence."""
        return self.matcher.rank(self._query(text), FIRST_PAGE)


class Bm25s:
    """bm25s as its documentation sets it up: English stop words, an English stemmer, the index in memory."""

    name, fits = "bm25s", True

    def __init__(self, folder: Path) -> None:
        import bm25s
        import Stemmer

        self._bm25s, self._stemmer = bm25s, Stemmer.Stemmer("english")

    def _tokens(self, texts: Any) -> Any:
        return self._bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)

    def fit(self, offers: Sequence[Document]) -> None:
        """Index the offers."""
        self._index = self._bm25s.BM25()
        self._index.index(self._tokens([whole_text(offer) for offer in offers]), show_progress=False)

    def save(self, folder: Path) -> None:
        """Write the index to the folder."""
        self._index.save(folder)

    def open(self, folder: Path, count: int) -> None:
        """Open the saved index."""
        self._index = self._bm25s.BM25.load(folder, show_progress=False)

    def rank(self, text: str) -> Sequence[Any]:
        """The first page."""
        rows, scores = self._index.retrieve(self._tokens(text), k=FIRST_PAGE, show_progress=False)
        return [row for row, score in zip(rows[0].tolist(), scores[0].tolist(), strict=True) if score > 0]


class Tantivy:
    """tantivy with one field and its English stemmer; its writer commits to the folder while fitting."""

    name, fits = "tantivy", True

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy, self._folder = tantivy, folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False, tokenizer_name="en_stem")
        builder.add_unsigned_field("row", stored=True)
        self._schema = builder.build()

    def fit(self, offers: Sequence[Document]) -> None:
        """Index the offers."""
        self._folder.mkdir(parents=True)
        index = self._tantivy.Index(self._schema, path=str(self._folder))
        writer = index.writer(TANTIVY_HEAP, 1)
        for row, offer in enumerate(offers):
            writer.add_document(self._tantivy.Document(text=whole_text(offer), row=row))
        writer.commit()
        writer.wait_merging_threads()

    def save(self, folder: Path) -> None:
        """Nothing: it is written already."""

    def open(self, folder: Path, count: int) -> None:
        """Open the saved index."""
        self._index = self._tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()

    def rank(self, text: str) -> Sequence[Any]:
        """The first page."""
        query = self._index.parse_query(" ".join(_words(text)), ["text"])
        hits = self._searcher.search(query, FIRST_PAGE).hits
        return [self._searcher.doc(address)["row"][0] for _, address in hits]


class Fts5:
    """SQLite's full-text index with its own English stemmer; any word may meet, and its BM25 orders."""

    name, fits = "sqlite-fts5", True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fit(self, offers: Sequence[Document]) -> None:
        """Index the offers."""
        self._folder.mkdir(parents=True)
        base = sqlite3.connect(self._folder / "fts5.sqlite")
        base.execute("CREATE VIRTUAL TABLE offer USING fts5(text, content='', tokenize='porter unicode61')")
        rows = ((row, whole_text(offer)) for row, offer in enumerate(offers))
        base.executemany("INSERT INTO offer (rowid, text) VALUES (?, ?)", rows)
        base.commit()
        base.close()

    def save(self, folder: Path) -> None:
        """Nothing: it is written already."""

    def open(self, folder: Path, count: int) -> None:
        """Open the saved index."""
        self._base = sqlite3.connect(f"file:{folder / 'fts5.sqlite'}?mode=ro", uri=True)
        self._base.execute("SELECT rowid FROM offer WHERE offer MATCH 'training' LIMIT 1").fetchone()

    def rank(self, text: str) -> Sequence[Any]:
        """The first page."""
        asked = " OR ".join(f'"{word}"' for word in _words(text))
        query = "SELECT rowid FROM offer WHERE offer MATCH ? ORDER BY rank LIMIT ?"
        return self._base.execute(query, (asked, FIRST_PAGE)).fetchall()


class Dense:
    """A product with random unit vectors: what any sentence model's search costs, without the encoding."""

    name, fits = "dense", False

    def __init__(self, folder: Path) -> None:
        import numpy as np

        self._np, self._chance = np, np.random.default_rng(SEED)
        self._asked: dict[str, Any] = {}

    def fit(self, offers: Sequence[Document]) -> None:
        """Nothing."""

    def save(self, folder: Path) -> None:
        """Nothing."""

    def open(self, folder: Path, count: int) -> None:
        """Make the vectors, a block at a time."""
        self._vectors = self._np.empty((count, NUMBERS), dtype=self._np.float32)
        for start in range(0, count, 10_000):
            self._vectors[start : start + 10_000] = self._unit(min(10_000, count - start))

    def _unit(self, count: int) -> Any:
        rows = self._chance.standard_normal((count, NUMBERS), dtype=self._np.float32)
        return rows / self._np.linalg.norm(rows, axis=1, keepdims=True)

    def prepare(self, texts: Iterable[str]) -> None:
        """A vector for each text, before anything is timed."""
        self._asked = {text: self._unit(1)[0] for text in texts}

    def rank(self, text: str) -> Sequence[Any]:
        """The ten nearest vectors."""
        scores = self._vectors @ self._asked[text]
        count = min(FIRST_PAGE, len(scores))
        best = self._np.argpartition(-scores, count - 1)[:count]
        return best[self._np.argsort(-scores[best])].tolist()


def _words(text: str) -> list[str]:
    """The words of a text, small and each once, so that none is read as an operator of a query language."""
    return list(dict.fromkeys(re.findall(r"\w+", text.lower())))


CONTENDERS: dict[str, Any] = {each.name: each for each in (Ours, Bm25s, Tantivy, Fts5, Dense)}
NEEDED = {"bm25s": ("bm25s", "Stemmer"), "tantivy": ("tantivy",)}


def absent() -> dict[str, str]:
    """The contenders that cannot be measured here, and why."""
    found = {}
    for name, modules in NEEDED.items():
        lacking = [module for module in modules if find_spec(module) is None]
        if lacking:
            found[name] = f"{' and '.join(lacking)} not installed (pip install -e '.[bench]')"
    with sqlite3.connect(":memory:") as base:
        if not base.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
            found["sqlite-fts5"] = "this SQLite has no FTS5"
    return found
