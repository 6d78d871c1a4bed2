"""The second stage of training: its lessons, its readings, and that it learns; learning needs the train extra."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from skillsmatch.matching import refining
from skillsmatch.matching.encoder import Encoder, Hasher, Layout
from skillsmatch.matching.refining import Bags, Refinement, by_neighbourhood, draw_pairs, even_out, prepare
from skillsmatch.matching.training_texts import Corpus

LAYOUT = Layout(words=256, pairs=256, letters=512, numbers=16)
RECIPE = Refinement(steps=40, batch=16, rate=0.05, evened=0.0, evened_again=0.0)
TRADES = ("welding", "plumbing", "payroll", "nursing", "catering", "teaching", "logistics", "farming")


@pytest.fixture
def corpus() -> Corpus:
    made_up = Corpus()
    made_up.source("made up for this test", "none")
    for trade in TRADES:
        made_up.pair("other name", f"{trade} worker", f"{trade} operative")
        told = f"Works in {trade} every day. Keeps the tools clean. Talks to customers about {trade}."
        made_up.pair_long("title and account", f"{trade} worker", told, f"{trade} operative")
    return made_up


@pytest.fixture
def before() -> Encoder:
    rows = np.random.default_rng(1).standard_normal((LAYOUT.buckets, LAYOUT.numbers)).astype(np.float32)
    return Encoder.of(rows, LAYOUT, "1-before")


def test_evening_out_weakens_what_all_vectors_share() -> None:
    chance = np.random.default_rng(3)
    vectors = chance.standard_normal((500, 6)).astype(np.float32)
    vectors[:, 0] += 5

    evened = even_out(vectors, vectors, 0.5)

    shared = (evened**2).mean(axis=0)
    assert shared.max() / shared.min() < 1.1
    assert (vectors**2).mean(axis=0).max() / (vectors**2).mean(axis=0).min() > 10


def test_evening_out_by_nothing_changes_nothing() -> None:
    rows = np.random.default_rng(3).standard_normal((50, 6)).astype(np.float32)

    assert even_out(rows, rows, 0.0) == pytest.approx(rows, abs=1e-5)


def test_each_text_owns_its_own_sentences() -> None:
    texts = ["One short sentence here. And another one there.", "", "A single line of text"]
    hasher = Hasher(LAYOUT)

    bags = Bags.of(hasher, texts)
    rows, owners = bags.sentences(np.array([2, 0]))

    assert list(bags.starts) == [0, 2, 3, 4]
    assert list(rows) == [3, 0, 1]
    assert list(owners) == [0, 1, 1]
    assert (bags.features[[3]] != hasher.features([texts[2]])).nnz == 0


def test_a_kind_with_few_pairs_is_drawn_more_often_than_its_share() -> None:
    corpus = Corpus()
    corpus.source("made up for this test", "none")
    for number in range(400):
        corpus.pair_long("common", f"a{number}", f"b{number}", "x")
    for number in range(4):
        corpus.pair_long("rare", f"c{number}", f"d{number}", "x")

    drawn = draw_pairs(corpus, 1100, np.random.default_rng(5))

    rare = sum(first.startswith("c") for first, _, _ in drawn)
    assert 70 < rare < 140  # the roots of 4 and 400 are 2 and 20: one in eleven


def test_neighbours_share_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refining, "NEIGHBOURS", 4)
    sides = np.repeat([[1.0, 0.0], [-1.0, 0.0]], 8, axis=0).astype(np.float32)
    vectors = sides + np.random.default_rng(2).standard_normal((16, 2)).astype(np.float32) * 0.01

    order = by_neighbourhood(vectors, np.random.default_rng(1))

    assert sorted(order) == list(range(16))
    assert len({place < 8 for place in order[:8]}) == 1


def test_lessons_hold_drawn_pairs_and_where_texts_lay(corpus: Corpus, before: Encoder) -> None:
    lessons = prepare(corpus, before, RECIPE)

    assert lessons.pairs.shape == (RECIPE.steps * RECIPE.batch, 3)
    assert len(lessons.held) == len(lessons.wanted) == len(corpus.texts)
    assert lessons.wanted == pytest.approx(before.encode(_held(lessons, corpus)), abs=1e-5)


def _held(lessons: refining.Lessons, corpus: Corpus) -> list[str]:
    """The held texts, found again by their features."""
    hasher = Hasher(LAYOUT)
    known = {tuple(hasher.features([text]).indices): text for text in corpus.texts}
    first = lessons.clean.starts[lessons.held]
    return [known[tuple(lessons.clean.features[[row]].indices)] for row in first]


def test_readings_in_training_are_those_of_the_encoder(corpus: Corpus, before: Encoder) -> None:
    torch = pytest.importorskip("torch", reason="the train extra is not installed")
    texts = [text for pair in corpus.pairs for text in pair]
    bags = Bags.of(before.hasher, texts)
    nothing = np.zeros((0, 3), dtype=np.int64)
    lessons = refining.Lessons(bags, bags, nothing, nothing[:, 0], np.zeros((0, 16), dtype=np.float32))
    rows = torch.from_numpy(np.asarray(before.rows * before.scales[:, None], dtype=np.float32))
    whole = replace(RECIPE, forgotten=0.0)

    read = refining._vectors(
        lessons, rows, np.arange(len(texts)), 0.5, whole, np.random.default_rng(1)
    ).numpy()

    assert read == pytest.approx(before.encode(texts), abs=1e-4)


def right(encoder: Encoder, corpus: Corpus) -> float:
    """The share of accounts that lie nearest to their own title."""
    titles = encoder.encode([f"{trade} worker" for trade in TRADES])
    accounts = encoder.encode(
        [second for (_, second), pair in corpus.pairs.items() if "account" in pair.kind]
    )
    return float((np.argmax(accounts @ titles.T, axis=1) == np.arange(len(TRADES))).mean())


def test_learning_brings_accounts_to_their_titles(
    corpus: Corpus, before: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the train extra is not installed")
    monkeypatch.setattr(refining, "NEIGHBOURS", 2)  # eight trades only: larger groups would be of one trade

    rows, losses = refining.refine(corpus, before, RECIPE, lambda _: None)

    assert right(before, corpus) < 0.9
    assert right(Encoder.of(rows, LAYOUT, "1-after"), corpus) == 1.0
    assert [told["step"] for told in losses] == [0, 25, 39]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(corpus: Corpus, before: Encoder) -> None:
    pytest.importorskip("torch", reason="the train extra is not installed")
    few = replace(RECIPE, steps=3)

    first, again, other = (
        refining.refine(corpus, before, recipe, lambda _: None)[0]
        for recipe in (few, few, replace(few, seed=12))
    )

    assert (first == again).all()
    assert (first != other).any()


def test_without_steps_only_directions_are_evened_out(corpus: Corpus, before: Encoder) -> None:
    rows, losses = refining.refine(corpus, before, replace(RECIPE, steps=0, evened=0.3), lambda _: None)

    assert not losses
    assert rows.shape == before.rows.shape
    assert (rows != before.rows * before.scales[:, None]).any()


def test_noise_is_slips_or_an_employers_words() -> None:
    chance = random.Random(4)

    told = Counter("bricklaying" in refining._disturbed("bricklaying", RECIPE, chance) for _ in range(300))

    assert told[False] > told[True] > 60
