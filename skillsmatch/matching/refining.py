"""The second stage of training: from an encoder that can tell names apart to one that also reads longer texts.

It begins with the first stage's rows, evens out their directions, and learns on with pairs of longer
texts that are pooled as they will be when they are read. The first stage's own vectors hold it back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skillsmatch.matching.encoder import Encoder, Hasher, sentences_of, unit_rows
from skillsmatch.matching.training_links import as_employers_ask
from skillsmatch.matching.training_texts import Corpus, add_typos

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NEIGHBOURS = 32  # pairs that lie close together and go into one batch: each is a hard example for the rest
COARSE = 32  # numbers that neighbours are found by
EVENED_BY = 12_000  # texts that show how much each direction is used


@dataclass(frozen=True, slots=True)
class Refinement:
    """Every choice of the second stage; the report repeats them."""

    evened: float = 0.2  # 0 leaves directions as they are, 0.5 makes all of them equally strong
    evened_again: float = 0.1  # the same after learning, which draws texts together once more
    steps: int = 800
    batch: int = 512  # pairs in one step, and half as many texts that are held in place
    rate: float = 2e-3  # the optimiser's first step; it falls to nothing along half a cosine
    temperature: float = 0.05
    hold: float = 1.2  # weight of staying near the first stage
    forgotten: float = 0.1  # share of features left out of each reading, so that no single one is relied on
    noise: float = 0.5  # share of needs with slips of the keyboard or inside an employer's words
    typo_share: float = 0.6  # of those
    seed: int = 11


def even_out(rows: NDArray[np.float32], vectors: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """The rows with directions that most vectors share made weaker, and rarely used ones stronger.

    What all texts share says least of any one of them. Turning is linear, so it costs nothing when texts are read.
    """
    used, axes = np.linalg.eigh((vectors.T @ vectors / len(vectors)).astype(np.float64))
    strength = np.maximum(used, used.max() * 1e-6) ** -power
    turned = (axes * strength) @ axes.T
    return (rows @ (turned / strength.mean()).astype(np.float32)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Bags:
    """Texts as features of their sentences: text n owns the sentences from `starts[n]` up to `starts[n + 1]`."""

    features: csr_array
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, hasher: Hasher, texts: Sequence[str]) -> Bags:
        """Every text, cut into the sentences that the encoder reads."""
        pieces = [sentences_of(text) or [""] for text in texts]
        starts = np.cumsum([0, *(len(of) for of in pieces)], dtype=np.int64)
        return cls(hasher.features([sentence for of in pieces for sentence in of]), starts)

    def sentences(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of the sentences of some texts, and for each the place of its text among them."""
        sizes = self.starts[numbers + 1] - self.starts[numbers]
        owners = np.repeat(np.arange(len(numbers)), sizes)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.starts[numbers][owners] + within, owners

    def vectors(self, numbers: NDArray[np.int64], rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit vectors of some texts, pooled as `Encoder.encode` pools them."""
        sentences, owners = self.sentences(numbers)
        sums = np.asarray(self.features[sentences] @ rows, dtype=np.float32)
        sizes = np.linalg.norm(sums, axis=1, keepdims=True)
        pooled = np.zeros((len(numbers), rows.shape[1]), dtype=np.float32)
        np.add.at(pooled, owners, sums / np.sqrt(np.maximum(sizes, 1e-9)))
        return unit_rows(pooled)


@dataclass(slots=True)
class Lessons:
    """Texts, plain and as employers write them; pairs and texts to hold, by the number of the text."""

    clean: Bags
    noisy: Bags
    pairs: NDArray[np.int64]  # first, second and thing, in the order in which batches take them
    held: NDArray[np.int64]
    wanted: NDArray[np.float32]  # where the held texts lie


def draw_pairs(corpus: Corpus, count: int, chance: np.random.Generator) -> list[tuple[str, str, str]]:
    """Pairs with the things they tell of; each kind comes as often as the root of its size, so none drowns."""
    kinds = Counter(pair.kind for pair in corpus.pairs.values())
    weights = np.array([kinds[pair.kind] ** -0.5 for pair in corpus.pairs.values()])
    listed = list(corpus.pairs.items())
    drawn = chance.choice(len(listed), count, p=weights / weights.sum())
    return [(*listed[place][0], listed[place][1].thing) for place in drawn]


def prepare(corpus: Corpus, before: Encoder, recipe: Refinement) -> Lessons:
    """Everything the stage needs, hashed once; `before` is the encoder that it begins with."""
    chance = np.random.default_rng(recipe.seed)
    drawn = draw_pairs(corpus, recipe.steps * recipe.batch, chance)
    number: dict[str, int] = {}
    things: dict[str, int] = {}
    pairs = np.array(
        [
            (
                number.setdefault(first, len(number)),
                number.setdefault(second, len(number)),
                things.setdefault(thing, len(things)),
            )
            for first, second, thing in drawn
        ],
        dtype=np.int64,
    )
    texts = list(corpus.texts)
    held_texts = [
        texts[place] for place in chance.permutation(len(texts))[: recipe.steps * recipe.batch // 4]
    ]
    held = np.array([number.setdefault(text, len(number)) for text in held_texts], dtype=np.int64)
    spoilt = random.Random(recipe.seed + 1)
    hasher = Hasher(before.layout)
    clean = Bags.of(hasher, list(number))
    noisy = Bags.of(hasher, [_disturbed(text, recipe, spoilt) for text in number])
    rows = np.asarray(before.rows * before.scales[:, None], dtype=np.float32)
    turned = rows @ chance.standard_normal((before.numbers, COARSE)).astype(np.float32)
    order = by_neighbourhood(clean.vectors(np.arange(len(number)), turned)[pairs[:, 1]], chance)
    wanted = clean.vectors(held, rows)
    return Lessons(clean, noisy, pairs[order], held, wanted)


def _disturbed(text: str, recipe: Refinement, chance: random.Random) -> str:
    if chance.random() < recipe.typo_share:
        return add_typos(text, chance)
    return as_employers_ask(text, chance)


def by_neighbourhood(vectors: NDArray[np.float32], chance: np.random.Generator) -> NDArray[np.int64]:
    """The numbers of all vectors, in groups that lie close together; the groups in random order."""
    vectors = unit_rows(vectors)
    groups = [np.arange(len(vectors))]
    while len(groups[0]) > 2 * NEIGHBOURS:
        groups = [half for group in groups for half in _halved(group, vectors[group], chance)]
    return np.concatenate([groups[place] for place in chance.permutation(len(groups))])


def _halved(
    group: NDArray[np.int64], vectors: NDArray[np.float32], chance: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The group cut in two across the line between two of its members."""
    one, other = chance.choice(len(group), 2, replace=False)
    order = np.argsort(vectors @ (vectors[one] - vectors[other]), kind="stable")
    return [group[order[: len(order) // 2]], group[order[len(order) // 2 :]]]


def refine(
    corpus: Corpus, first: Encoder, recipe: Refinement, say: Callable[[str], None]
) -> tuple[NDArray[np.float32], list[dict[str, float]]]:
    """The rows after the second stage, and the losses along the way. The same seed and machine give the same."""
    sample = random.Random(recipe.seed).sample(sorted(corpus.texts), min(EVENED_BY, len(corpus.texts)))
    start = np.asarray(first.rows * first.scales[:, None], dtype=np.float32)
    start = even_out(start, first.encode(sample), recipe.evened)
    if not recipe.steps:
        return start, []
    lessons = prepare(corpus, Encoder.of(start, first.layout, first.version), recipe)
    say(f"{len(lessons.pairs)} pairs drawn, {len(lessons.held)} texts held")
    rows, losses = _fit(lessons, start, recipe, say)
    vectors = Encoder.of(rows, first.layout, first.version).encode(sample)
    return even_out(rows, vectors, recipe.evened_again), losses


def _fit(
    lessons: Lessons, start: NDArray[np.float32], recipe: Refinement, say: Callable[[str], None]
) -> tuple[NDArray[np.float32], list[dict[str, float]]]:
    import torch

    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed + 2)
    rows = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimiser = torch.optim.Adam([rows], lr=recipe.rate, betas=(0.9, 0.99), fused=True)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.steps, eta_min=recipe.rate / 50)
    told: list[dict[str, float]] = []
    for step in range(recipe.steps):
        optimiser.zero_grad(set_to_none=True)
        batch = lessons.pairs[step * recipe.batch : (step + 1) * recipe.batch]
        pairs = _pair_loss(lessons, rows, batch, recipe, chance)
        hold = _hold_loss(lessons, rows, np.arange(step, len(lessons.held), recipe.steps), recipe, chance)
        (pairs + recipe.hold * hold).backward()
        optimiser.step()
        falling.step()
        if step % 25 == 0 or step == recipe.steps - 1:
            told.append({"step": step, "pairs": round(pairs.item(), 4), "hold": round(hold.item(), 4)})
            say(f"step {step}: pairs {pairs.item():.4f}, hold {hold.item():.4f}")
    return rows.detach().numpy(), told


def _vectors(
    lessons: Lessons,
    rows: Any,
    numbers: NDArray[np.int64],
    noise: float,
    recipe: Refinement,
    chance: np.random.Generator,
) -> Any:
    """Unit vectors of texts, pooled from their sentences as `Encoder.encode` does; some are read with noise."""
    import torch
    from scipy.sparse import vstack
    from torch.nn.functional import embedding_bag, normalize

    noisy = chance.random(len(numbers)) < noise
    parts = [(lessons.clean, np.flatnonzero(~noisy)), (lessons.noisy, np.flatnonzero(noisy))]
    taken = [(bags.features, places, *bags.sentences(numbers[places])) for bags, places in parts]
    counts = vstack([features[sentences] for features, _, sentences, _ in taken], format="csr")
    owners = torch.from_numpy(np.concatenate([places[of] for _, places, _, of in taken]))
    kept = counts.data * (chance.random(len(counts.data)) >= recipe.forgotten)
    sums = embedding_bag(
        torch.from_numpy(counts.indices.astype(np.int64)),
        rows,
        torch.from_numpy(counts.indptr.astype(np.int64)),
        mode="sum",
        per_sample_weights=torch.from_numpy(kept.astype(np.float32)),
        include_last_offset=True,
    )
    sizes = sums.norm(dim=1, keepdim=True).clamp_min(1e-6)
    pooled = torch.zeros((len(numbers), rows.shape[1])).index_add(0, owners, sums / sizes.sqrt())
    return normalize(pooled, dim=1)


def _pair_loss(
    lessons: Lessons, rows: Any, pairs: NDArray[np.int64], recipe: Refinement, chance: np.random.Generator
) -> Any:
    """How badly each text picks its partner out of the batch; other texts of the same thing do not count."""
    import torch
    from torch.nn.functional import cross_entropy

    firsts, seconds, things = pairs.T
    first = _vectors(lessons, rows, firsts, recipe.noise, recipe, chance)
    second = _vectors(lessons, rows, seconds, 0.0, recipe, chance)
    same = (things[:, None] == things) | (firsts[:, None] == firsts) | (seconds[:, None] == seconds)
    same |= firsts[:, None] == seconds
    apart = torch.from_numpy(same) & ~torch.eye(len(pairs), dtype=torch.bool)
    told = (first @ second.T / recipe.temperature).masked_fill(apart, -1e4)
    target = torch.arange(len(pairs))
    return (cross_entropy(told, target) + cross_entropy(told.T, target)) / 2


def _hold_loss(
    lessons: Lessons, rows: Any, places: NDArray[np.int64], recipe: Refinement, chance: np.random.Generator
) -> Any:
    """How far texts have moved from where they lay, and from picking their old place out of the batch."""
    import torch
    from torch.nn.functional import cross_entropy

    found = _vectors(lessons, rows, lessons.held[places], recipe.noise, recipe, chance)
    wanted = torch.from_numpy(lessons.wanted[places])
    picked = cross_entropy(found @ wanted.T / recipe.temperature, torch.arange(len(places)))
    return 10 * (1 - (found * wanted).sum(dim=1)).mean() + 0.5 * picked
