"""What the encoder learns from, and that it learns; the learning itself needs the train extra."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skillsmatch.matching import refining, training
from skillsmatch.matching.development import DevelopmentSets, mean_ndcg, mean_scores
from skillsmatch.matching.encoder import Encoder, Layout
from skillsmatch.matching.evaluating import Judged
from skillsmatch.matching.training import Recipe, choose_texts, narrow, prepare
from skillsmatch.matching.training_texts import (
    OPEN_COURSES,
    Corpus,
    add_typos,
    as_asked,
    judged_texts,
    read_corpus,
    sentences_of,
)
from skillsmatch.matching.words import fold

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TRADES = ("welding", "plumbing", "payroll", "nursing", "catering", "teaching", "logistics", "farming")
TINY = Recipe(
    layout=Layout(words=256, pairs=256, letters=512, numbers=8),
    teacher_texts=64,
    steps=60,
    batch=16,
    rate=0.05,
)
SHORT = refining.Refinement(steps=2, batch=8)


def made_up_corpus() -> Corpus:
    """Eight trades, each with three names: enough to learn from in a second."""
    corpus = Corpus()
    corpus.source("made up for this test", "none")
    for trade in TRADES:
        corpus.pair("other name", f"{trade} worker", f"{trade} operative")
        corpus.pair(
            "title and task", f"{trade} worker", f"carries out {trade} for customers", f"{trade} operative"
        )
    return corpus


@pytest.fixture(scope="module")
def open_corpus() -> Corpus:
    if not DATA.is_dir():
        pytest.skip(f"the shared data is not at {DATA}")
    return read_corpus(DATA, DATA / "bench")


def test_a_slip_of_the_keyboard_changes_a_long_word_and_is_the_same_each_time() -> None:
    for word in ("welding", "forklift licence", "CSCS card for bricklayers"):
        changed = add_typos(word, random.Random(3))

        assert changed != word
        assert changed == add_typos(word, random.Random(3))
        assert abs(len(changed) - len(word)) <= len(word.split())


def test_short_words_and_numbers_are_never_mistyped() -> None:
    assert add_typos("TIG and MIG 18 to 24", random.Random(3)) == "TIG and MIG 18 to 24"


def test_every_kind_of_slip_leaves_most_letters_in_place() -> None:
    chance = random.Random(5)

    slips = Counter(len(add_typos("bricklaying", chance)) for _ in range(300))

    assert set(slips) == {10, 11, 12}  # dropped, swapped or replaced, doubled or added


def test_an_employer_asks_for_the_very_text() -> None:
    chance = random.Random(2)

    asked = {as_asked("food hygiene", chance) for _ in range(100)}

    assert len(asked) > 10
    assert all("food hygiene" in text for text in asked)


def test_a_judged_text_enters_neither_texts_nor_pairs() -> None:
    corpus = Corpus(left_out=frozenset({"tig welder"}))
    corpus.source("made up for this test", "none")

    corpus.pair("other name", "TIG  Welder", "welder")
    corpus.pair("other name", "MIG welder", "welder")

    assert list(corpus.texts) == ["MIG welder", "welder"]
    assert list(corpus.pairs) == [("MIG welder", "welder")]


def test_a_text_is_never_paired_with_itself_and_no_pair_comes_twice() -> None:
    corpus = Corpus()
    corpus.source("made up for this test", "none")

    corpus.pair("other name", "Welder", "welder")
    corpus.pair("other name", "weld operator", "welder")
    corpus.pair("title and task", "weld operator", "welder")

    assert {pair: why.kind for pair, why in corpus.pairs.items()} == {
        ("weld operator", "welder"): "other name"
    }
    assert corpus.sources[0].pairs == 1


def test_longer_texts_are_paired_but_the_teacher_does_not_read_them() -> None:
    corpus = Corpus(left_out=frozenset({"welder"}))
    corpus.source("made up for this test", "none")

    corpus.pair_long("two parts of one job", "cuts plate. welds it", "reads drawings. grinds", "fabricator")
    corpus.pair_long("title and several tasks", "Welder", "cuts plate. welds it", "welder")

    assert list(corpus.pairs) == [("cuts plate. welds it", "reads drawings. grinds")]
    assert not corpus.texts


def test_a_long_text_gives_its_sentences_and_their_clauses() -> None:
    corpus = Corpus()
    corpus.source("made up for this test", "none")

    corpus.add_long("Sets up lathes for each job, and checks the first part. Keeps the workshop tidy.")

    assert "Keeps the workshop tidy" in corpus.texts
    assert "Sets up lathes for each job" in corpus.texts
    assert not any(text.endswith(".") for text in corpus.texts)


def test_judged_texts_hold_queries_their_clean_twins_and_the_needs_of_facets(tmp_path: Path) -> None:
    rows = [
        {"query": "Weldre", "clean_query": "Welder", "relevant": []},
        {"query": "welder and cook", "facets": [{"facet": "a", "need": "Cook"}], "relevant": []},
    ]
    (tmp_path / "set.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    assert {"weldre", "welder", "cook", "welder and cook"} <= judged_texts(tmp_path)


def test_no_judged_query_is_among_the_lessons(open_corpus: Corpus) -> None:
    judged = {text for text in open_corpus.left_out if text}

    assert len(judged) > 3000
    assert not judged.intersection(fold(text) for text in open_corpus.texts)
    assert not judged.intersection(fold(text) for pair in open_corpus.pairs for text in pair)


def _told_by(courses: Iterable[dict[str, str]]) -> set[str]:
    told = (sentence for course in courses for sentence in sentences_of(course["overview"]))
    return {" ".join(sentence.split()) for sentence in told if len(sentence) > 60}


def test_only_texts_with_an_open_licence_are_read(open_corpus: Corpus) -> None:
    with gzip.open(DATA / "fe_courses" / "courses.jsonl.gz", "rt", encoding="utf-8") as file:
        courses = [json.loads(line) for line in file]
    opened = _told_by(course for course in courses if course["source"] == OPEN_COURSES)
    closed = _told_by(course for course in courses if course["source"] != OPEN_COURSES) - opened

    # A phrase may also stand in an open source; whole pages of colleges do not.
    assert len(closed) > 500
    assert len(closed.intersection(open_corpus.texts)) <= 3
    assert all(source.rows and source.texts and source.licence for source in open_corpus.sources)


def test_the_same_seed_reads_the_same_lessons(open_corpus: Corpus) -> None:
    again = read_corpus(DATA, DATA / "bench")

    assert list(again.texts) == list(open_corpus.texts)
    assert list(again.pairs) == list(open_corpus.pairs)


def test_the_teacher_reads_names_more_often_than_clauses() -> None:
    corpus = made_up_corpus()
    clauses = [
        f"a clause with rather more than fourteen words in it so that its weight is low number {n}"
        for n in range(200)
    ]
    for clause in clauses:
        corpus.add(clause)

    chosen = choose_texts(corpus, replace(TINY, teacher_texts=60))

    names = [text for text in corpus.texts if text not in clauses]
    assert len(chosen) == 60
    assert len(set(names) & set(chosen)) / len(names) > 2 * len(set(clauses) & set(chosen)) / len(clauses)


def test_narrowing_keeps_the_angles_that_fit() -> None:
    chance = np.random.default_rng(4)
    flat = chance.standard_normal((50, 4)).astype(np.float32) @ chance.standard_normal((4, 24)).astype(
        np.float32
    )
    wide = flat / np.linalg.norm(flat, axis=1, keepdims=True)

    narrowed = narrow(wide, 4)

    assert narrowed.shape == (50, 4)
    assert narrowed @ narrowed.T == pytest.approx(wide @ wide.T, abs=1e-3)


def test_means_are_over_binary_sets_and_over_typos() -> None:
    means = mean_scores({"a": 0.2, "typos_a": 0.4, "employer_needs": 0.9})

    assert means == {"binary sets": 0.3, "typo sets": 0.4}


def test_an_order_with_the_right_document_first_scores_one() -> None:
    queries = [Judged("q", "welder", (("w", 1, ""),), ()), Judged("r", "nothing fits", (), ())]
    near = np.array([[0.1, 0.9], [0.5, 0.4]], dtype=np.float32)

    assert mean_ndcg(near, ["p", "w"], queries) == 1.0
    assert mean_ndcg(-near, ["p", "w"], queries) == pytest.approx(0.6309, abs=1e-4)


def test_the_shipped_encoder_scores_what_its_report_says() -> None:
    if not DATA.is_dir():
        pytest.skip(f"the shared data is not at {DATA}")
    from skillsmatch.matching.encoder import FOLDER

    report = json.loads((FOLDER / training.REPORT_FILE).read_text(encoding="utf-8"))
    sets = DevelopmentSets.read(DATA / "bench")
    few = {"title_to_soc2020", "typos_title_to_soc2020"}
    sets.documents_of = {name: of for name, of in sets.documents_of.items() if name in few}
    sets.documents = {of: sets.documents[of] for of in sets.documents_of.values()}

    for name, score in sets.scores(Encoder.load()).items():
        assert score == pytest.approx(report["ndcg@10"][name], abs=0.002)


def taught_by_names(texts: list[str], cache: Path | None = None) -> np.ndarray:
    """A teacher for the tests: one axis per trade."""
    vectors = np.full((len(texts), len(TRADES)), 0.1, dtype=np.float32)
    for row, text in enumerate(texts):
        for axis, trade in enumerate(TRADES):
            vectors[row, axis] += trade in text
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def learned(monkeypatch: pytest.MonkeyPatch, recipe: Recipe) -> tuple[np.ndarray, list[dict[str, float]]]:
    pytest.importorskip("torch", reason="the train extra is not installed")
    monkeypatch.setattr(training, "teach", taught_by_names)
    return training.fit(prepare(made_up_corpus(), recipe), recipe, lambda _: None)


def test_learning_brings_names_of_one_trade_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, losses = learned(monkeypatch, TINY)

    encoder = Encoder.of(rows, TINY.layout, "1-test")
    worker, operative, other = encoder.encode(["welding worker", "welding operative", "payroll operative"])

    assert losses[-1]["teacher"] < losses[0]["teacher"] / 2
    assert worker @ operative > 0.8
    assert worker @ other < 0.5


def test_pairs_alone_teach_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _, losses = learned(monkeypatch, replace(TINY, pair_share=5.0))

    assert losses[-1]["pairs"] < losses[0]["pairs"] / 2


def test_the_same_seed_learns_the_same_rows_and_another_seed_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = learned(monkeypatch, replace(TINY, steps=5))
    again, _ = learned(monkeypatch, replace(TINY, steps=5))
    other, _ = learned(monkeypatch, replace(TINY, steps=5, seed=8))

    assert (first == again).all()
    assert (first != other).any()


def test_neighbours_share_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "teach", taught_by_names)
    monkeypatch.setattr(refining, "NEIGHBOURS", 2)
    lessons = prepare(made_up_corpus(), TINY)
    rows = np.random.default_rng(1).standard_normal((TINY.layout.buckets, 8)).astype(np.float32)

    order = training._by_neighbourhood(lessons, rows, np.random.default_rng(1))

    assert sorted(order) == list(range(len(lessons.firsts)))


def test_training_writes_weights_and_a_report_that_names_every_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the train extra is not installed")
    monkeypatch.setattr(training, "teach", taught_by_names)
    monkeypatch.setattr(training, "read_corpus", lambda *_: made_up_corpus())
    monkeypatch.setattr(training, "link", lambda *_: None)

    report = training.train(
        tmp_path / "no data", tmp_path / "out", recipe=replace(TINY, steps=3), refinement=SHORT
    )

    assert json.loads((tmp_path / "out" / training.REPORT_FILE).read_text(encoding="utf-8")) == report
    assert Encoder.load(tmp_path / "out").version == report["encoder"]
    assert report["sources"][0]["licence"] == "none"
    assert report["pairs"] == {"other name": 8, "title and task": 8}
    assert report["recipe"]["steps"] == SHORT.steps
    assert report["first stage"]["recipe"]["layout"]["numbers"] == 8


def test_one_run_goes_through_both_stages_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a first stage that draws its rows, for this needs no extra, and a second that only evens them out
    def drawn(lessons: training.Lessons, recipe: Recipe, say: object) -> tuple[np.ndarray, list[object]]:
        shape = (recipe.layout.buckets, recipe.layout.numbers)
        rows = np.random.default_rng(recipe.seed).standard_normal(shape).astype(np.float32)
        return rows * np.linspace(1.0, 4.0, recipe.layout.numbers, dtype=np.float32), []

    monkeypatch.setattr(training, "teach", taught_by_names)
    monkeypatch.setattr(training, "fit", drawn)
    monkeypatch.setattr(training, "read_corpus", lambda *_: made_up_corpus())
    monkeypatch.setattr(training, "link", lambda *_: None)

    # when both are asked for at once
    report = training.train(
        tmp_path / "no data", tmp_path / "out", recipe=TINY, refinement=refining.Refinement(steps=0)
    )

    # then what ships has been through the second, and the report tells of both
    assert report["run"] == "both stages in one run"
    assert report["encoder"] != report["first stage"]["encoder"]
    assert Encoder.load(tmp_path / "out").version == report["encoder"]
    texts = sorted(made_up_corpus().texts)
    first = Encoder.of(drawn(None, TINY, None)[0], TINY.layout, "")  # type: ignore[arg-type]
    assert strongest(Encoder.load(tmp_path / "out").encode(texts)) < strongest(first.encode(texts))


def strongest(vectors: np.ndarray) -> float:
    """The share of all vectors that lies along the direction they share most."""
    used = np.linalg.eigvalsh(vectors.T @ vectors)
    return float(used[-1] / used.sum())


def test_the_second_stage_alone_gives_the_same_as_both_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="the train extra is not installed")
    monkeypatch.setattr(training, "teach", taught_by_names)
    monkeypatch.setattr(training, "read_corpus", lambda *_: made_up_corpus())
    monkeypatch.setattr(training, "link", lambda *_: None)
    tiny = replace(TINY, steps=3)
    first, told = training._first_stage(made_up_corpus(), tiny, None, lambda _: None)
    first.save(tmp_path / "first")
    (tmp_path / "first" / training.REPORT_FILE).write_text(json.dumps(told), encoding="utf-8")

    both = training.train(tmp_path / "none", tmp_path / "both", recipe=tiny, refinement=SHORT)
    second = training.train(
        tmp_path / "none", tmp_path / "second", refinement=SHORT, begun=tmp_path / "first"
    )

    assert second["encoder"] == both["encoder"] != first.version
    assert second["run"] != both["run"] == "both stages in one run"
    assert second["first stage"]["encoder"] == both["first stage"]["encoder"] == first.version


def test_a_teacher_asked_twice_for_the_same_texts_reads_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def read(texts: list[str]) -> np.ndarray:
        asked.append(texts)
        return taught_by_names(texts)

    monkeypatch.setattr(training, "_teacher_vectors", read)

    first = training.teach(["welding", "payroll"], tmp_path)
    again = training.teach(["welding", "payroll"], tmp_path)
    training.teach(["welding"], tmp_path)

    assert again == pytest.approx(first, abs=1e-3)
    assert asked == [["welding", "payroll"], ["welding"]]
