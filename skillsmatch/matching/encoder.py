"""Text to vectors by meaning, with no network and no neural library: hashed features and one matrix.

Every word, pair of words and run of three to five letters falls into a numbered bucket; each bucket
has a row of learned numbers; a text is the sum of its rows, brought to unit length. Letters make it
read typing errors, words and pairs make it tell meanings apart. `training` makes the rows.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.word_vectors import WordVectors

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FOLDER = Path(__file__).with_name("encoder_weights")
ROWS_FILE = "rows.npy"  # int8, one row per bucket; mapped, so that workers share one copy
SCALES_FILE = "scales.npy"  # float32, what one step of each row is worth
ABOUT_FILE = "encoder.json"  # layout and version

FORMAT = 1  # raise it whenever features are read otherwise, so that old rows are refused
LONGEST_TEXT = 20_000  # characters of one text that are read
LONGEST_WORD = 30  # characters of one word; a wall of letters is no word
AT_ONCE = 2048  # sentences encoded together; bounds memory to about 100 MB

_WORD = re.compile(r"c\+\+|[cf]#|[a-z0-9]+")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’](?=[a-z])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\n\r;•]+|\s[-–]\s")
_TOO_SHORT = 3  # words; a shorter piece is read together with the next one


@lru_cache(maxsize=1)
def shipped_version() -> str:
    """The version of the encoder that comes with the package; its rows are not read."""
    return str(json.loads((FOLDER / ABOUT_FILE).read_text(encoding="utf-8"))["version"])


class EncoderUnreadable(Exception):
    """The encoder's files cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How features fall into buckets and how many numbers each bucket holds."""

    words: int = 32_768
    pairs: int = 32_768
    letters: int = 32_768
    numbers: int = 256

    @property
    def buckets(self) -> int:
        """All buckets together, in this order: words, pairs of words, runs of letters."""
        return self.words + self.pairs + self.letters


def read_words(text: str) -> str:
    """The words of a text as features see them: lower case, no accents, single spaces between."""
    if not text.isascii():
        text = "".join(
            sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)
        )
    found = _WORD.findall(_APOSTROPHE.sub("", text[:LONGEST_TEXT].lower()))
    return " ".join(word[:LONGEST_WORD] for word in found)


def sentences_of(text: str) -> list[str]:
    """The text cut at full stops, lines and bullets; pieces of one or two words stay with the next piece."""
    pieces: list[str] = []
    held = ""
    for piece in _SENTENCE.split(text[:LONGEST_TEXT]):
        held = f"{held} {piece}".strip()
        if len(held.split()) >= _TOO_SHORT:
            pieces.append(held)
            held = ""
    return [*pieces, held] if held else pieces


class Hasher:
    """Texts to counts of features: a sparse matrix with one row per text and one column per bucket."""

    def __init__(self, layout: Layout) -> None:
        from sklearn.feature_extraction.text import HashingVectorizer

        self.layout = layout
        plain: dict[str, Any] = {
            "lowercase": False,
            "norm": None,
            "dtype": np.float32,
            "alternate_sign": False,
        }
        tokens = {"token_pattern": r"\S+", **plain}
        self._blocks = (
            HashingVectorizer(ngram_range=(1, 1), n_features=layout.words, **tokens),
            HashingVectorizer(ngram_range=(2, 2), n_features=layout.pairs, **tokens),
            HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=layout.letters, **plain),
        )

    def features(self, texts: Sequence[str]) -> csr_array:
        """Float32 counts of shape (texts, layout.buckets)."""
        from scipy.sparse import csr_array, hstack

        read = [read_words(text) for text in texts]
        return csr_array(
            hstack([block.transform(read) for block in self._blocks], format="csr", dtype=np.float32)
        )


@dataclass(frozen=True, eq=False)
class Encoder:
    """A trained encoder; `encode` gives the same numbers for the same text on every machine."""

    rows: NDArray[np.int8]
    scales: NDArray[np.float32]
    layout: Layout
    version: str

    @classmethod
    def load(cls, path: Path | None = None) -> Encoder:
        """The encoder in a folder, by default the one that ships with the package.

        Refused with EncoderUnreadable: files that are missing, of another format or of the wrong size.
        """
        folder = FOLDER if path is None else Path(path)
        try:
            about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
            rows = np.load(folder / ROWS_FILE, mmap_mode="r", allow_pickle=False)
            scales = np.load(folder / SCALES_FILE, allow_pickle=False)
        except (OSError, ValueError, EOFError) as problem:
            raise EncoderUnreadable(
                f"{folder}: {problem}. Train it again or reinstall the package."
            ) from problem
        return cls._checked(folder, about, rows.view(np.ndarray), scales)

    @classmethod
    def _checked(cls, folder: Path, about: Any, rows: NDArray[Any], scales: NDArray[Any]) -> Encoder:
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            raise EncoderUnreadable(f"{folder}: another format than {FORMAT}. Train it again.")
        try:
            layout, version = Layout(**about["layout"]), str(about["version"])
        except (KeyError, TypeError) as problem:
            raise EncoderUnreadable(f"{folder}: {ABOUT_FILE} lacks {problem}. Train it again.") from problem
        whole = rows.shape == (layout.buckets, layout.numbers) and scales.shape == (layout.buckets,)
        if not whole or rows.dtype != np.int8 or scales.dtype != np.float32:
            raise EncoderUnreadable(
                f"{folder}: rows or scales do not have the layout's size. Train it again."
            )
        return cls(rows, scales, layout, version)

    @classmethod
    def of(cls, weights: NDArray[np.float32], layout: Layout, version: str) -> Encoder:
        """The encoder of full-precision rows, each rounded to 255 steps of its own size."""
        scales = (np.abs(weights).max(axis=1) / 127.0).astype(np.float32)
        steps = np.where(scales > 0, scales, 1.0)[:, None]
        return cls(np.rint(weights / steps).astype(np.int8), scales, layout, version)

    def save(self, folder: Path) -> None:
        """Write the files that `load` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / ROWS_FILE, self.rows, allow_pickle=False)
        np.save(folder / SCALES_FILE, self.scales, allow_pickle=False)
        about = {"format": FORMAT, "version": self.version, "layout": asdict(self.layout)}
        (folder / ABOUT_FILE).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")

    @property
    def numbers(self) -> int:
        """How many numbers a vector has."""
        return self.layout.numbers

    @cached_property
    def word_vectors(self) -> WordVectors:
        """What sums the rows of texts, and remembers what each word brings."""
        return WordVectors(self.rows, self.scales, self.layout)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length per text, shape (len(texts), numbers); zeros where nothing is readable.

        The sentences of a text are encoded apart and pooled, so a long text is not ruled by its longest one.
        """
        pieces = [sentences_of(text) for text in texts]
        owners = np.repeat(np.arange(len(texts)), [len(of) for of in pieces])
        flat = [sentence for of in pieces for sentence in of]
        pooled = np.zeros((len(texts), self.numbers), dtype=np.float32)
        for start in range(0, len(flat), AT_ONCE):
            sums = self._sums(flat[start : start + AT_ONCE])
            sizes = np.linalg.norm(sums, axis=1, keepdims=True)
            # The square root lets a telling sentence count more, without letting length alone rule.
            np.add.at(pooled, owners[start : start + AT_ONCE], sums / np.sqrt(np.maximum(sizes, 1e-9)))
        return unit_rows(pooled)

    def _sums(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The summed rows of each text, as they come. Only rows in use are read from the mapped file."""
        return self.word_vectors.sums([read_words(text) for text in texts])


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row brought to unit length; a row of zeros stays."""
    sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, sizes, out=np.zeros_like(vectors), where=sizes > 1e-9)
