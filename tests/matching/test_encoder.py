"""The encoder: unit vectors, the same for the same words, and files that are right or refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skillsmatch.matching.encoder import (
    ABOUT_FILE,
    FOLDER,
    FORMAT,
    ROWS_FILE,
    SCALES_FILE,
    Encoder,
    EncoderUnreadable,
    Hasher,
    Layout,
    read_words,
    sentences_of,
    unit_rows,
)

MOST_BYTES = 26_000_000  # what the package may carry
SMALL = Layout(words=512, pairs=256, letters=1024, numbers=16)


@pytest.fixture(scope="module")
def small() -> Encoder:
    weights = np.random.default_rng(1).standard_normal((SMALL.buckets, SMALL.numbers)).astype(np.float32)
    return Encoder.of(weights, SMALL, "1-test")


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return Encoder.load()


def test_every_vector_has_unit_length_and_single_precision(small: Encoder) -> None:
    vectors = small.encode(["forklift driver", "a", "TIG welding. Then MIG welding on thin sheet."])

    assert vectors.shape == (3, 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("nothing", ["", "   ", "!!! ... ???", "\n\n•\n", "🙂🙂", "漢字"])
def test_a_text_with_nothing_readable_is_all_zeros(small: Encoder, nothing: str) -> None:
    assert not small.encode([nothing]).any()


def test_no_texts_give_no_rows(small: Encoder) -> None:
    assert small.encode([]).shape == (0, 16)


def test_a_text_has_the_same_vector_alone_and_among_others(small: Encoder) -> None:
    texts = ["bricklayer", "food hygiene for kitchen staff", "", "Sage payroll; VAT returns\nmonth end"]

    together = small.encode(texts)

    for place, text in enumerate(texts):
        assert (small.encode([text])[0] == together[place]).all()


def test_case_accents_and_signs_make_no_difference(small: Encoder) -> None:
    plain, dressed = small.encode(["cafe manager", "  CAFÉ -- manager!"])

    assert (plain == dressed).all()


def test_another_word_makes_another_vector(small: Encoder) -> None:
    first, second = small.encode(["bricklayer", "plasterer"])

    assert first @ second < 0.9


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("C++ and C# on .NET", "c++ and c# on net"),
        ("don't, can’t", "dont cant"),
        ("18th-edition", "18th edition"),
        ("x" * 100, "x" * 30),
    ],
)
def test_words_are_read_as_features_need_them(text: str, read: str) -> None:
    assert read_words(text) == read


def test_sentences_end_at_stops_lines_and_bullets_and_short_ones_go_with_the_next() -> None:
    text = "Welding. TIG and MIG on site.\n• reads technical drawings; mends machines quickly\nend"

    assert sentences_of(text) == [
        "Welding. TIG and MIG on site.",
        "reads technical drawings",
        "mends machines quickly",
        "end",
    ]


def test_a_very_long_text_is_read_in_part_and_stays_a_unit_vector(small: Encoder) -> None:
    vector = small.encode(["welding fabrication and drawing. " * 5000])[0]

    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_more_sentences_than_fit_into_one_batch_change_nothing(
    small: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"need number {place} is this. It has two sentences." for place in range(20)]
    whole = small.encode(texts)

    monkeypatch.setattr("skillsmatch.matching.encoder.AT_ONCE", 7)

    assert (small.encode(texts) == whole).all()


def test_features_count_words_pairs_and_runs_of_letters_in_their_own_buckets() -> None:
    counts = Hasher(SMALL).features(["welding welding"]).toarray()[0]

    words, pairs, letters = np.split(counts, [SMALL.words, SMALL.words + SMALL.pairs])
    assert words.sum() == 2
    assert pairs.sum() == 1
    assert letters.sum() == 2 * (7 + 6 + 5)  # " welding " has 9 signs


def test_rounding_to_bytes_hardly_turns_a_vector() -> None:
    weights = np.random.default_rng(2).standard_normal((SMALL.buckets, SMALL.numbers)).astype(np.float32)
    encoder = Encoder.of(weights, SMALL, "1-test")

    exact = unit_rows(np.asarray(Hasher(SMALL).features(["machine setter operator"]) @ weights))[0]

    assert encoder.encode(["machine setter operator"])[0] @ exact > 0.999


def test_a_bucket_that_learned_nothing_stays_nothing() -> None:
    encoder = Encoder.of(np.zeros((SMALL.buckets, SMALL.numbers), dtype=np.float32), SMALL, "1-test")

    assert not encoder.encode(["machine setter operator"]).any()


def test_what_is_saved_is_what_is_loaded_and_it_is_mapped(small: Encoder, tmp_path: Path) -> None:
    small.save(tmp_path)

    loaded = Encoder.load(tmp_path)

    assert loaded.version == small.version
    assert loaded.layout == small.layout
    assert (loaded.encode(["plant operator"]) == small.encode(["plant operator"])).all()
    assert isinstance(loaded.rows.base, np.memmap)
    assert not loaded.rows.flags.writeable


@pytest.mark.parametrize("name", [ROWS_FILE, SCALES_FILE, ABOUT_FILE])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_damaged_files_are_refused_with_their_folder_named(
    small: Encoder, tmp_path: Path, name: str, damage: str
) -> None:
    small.save(tmp_path)
    file = tmp_path / name
    whole = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"" if damage == "empty" else whole[: len(whole) // 2])

    with pytest.raises(EncoderUnreadable, match=tmp_path.name):
        Encoder.load(tmp_path)


@pytest.mark.parametrize(
    "change", [{"format": FORMAT + 1}, {"layout": {"words": 1}}, {"layout": {"rooms": 1}}]
)
def test_files_of_another_format_or_layout_are_refused(
    small: Encoder, tmp_path: Path, change: dict[str, object]
) -> None:
    small.save(tmp_path)
    about = json.loads((tmp_path / ABOUT_FILE).read_text(encoding="utf-8"))
    (tmp_path / ABOUT_FILE).write_text(json.dumps(about | change), encoding="utf-8")

    with pytest.raises(EncoderUnreadable, match="Train it again"):
        Encoder.load(tmp_path)


def test_the_shipped_weights_fit_into_the_package() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST_BYTES


def test_the_shipped_report_tells_of_the_shipped_weights(shipped: Encoder) -> None:
    report = json.loads((FOLDER / "report.json").read_text(encoding="utf-8"))

    assert report["encoder"] == shipped.version
    assert {source["licence"] for source in report["sources"]} <= {
        "CC BY 4.0",
        "OGL v3.0",
        "MIT",
        "MIT; Crown copyright, OGL v3.0",
    }


@pytest.mark.parametrize(
    ("asked", "fits", "does_not"),
    [
        ("bookkeeper", "accounts assistant", "forklift driver"),
        ("someone to mend the machines", "maintenance technician", "payroll administrator"),
        ("care worker", "health and social care assistant", "software developer"),
        ("chef", "cooking and food preparation", "carpentry"),
        ("look after children", "nursery worker", "scaffolder"),
        ("write computer programs", "software developer", "hairdresser"),
    ],
)
def test_the_shipped_encoder_puts_meaning_before_letters(
    shipped: Encoder, asked: str, fits: str, does_not: str
) -> None:
    query, near, far = shipped.encode([asked, fits, does_not])

    assert query @ near > query @ far


@pytest.mark.parametrize(
    ("clean", "mistyped"),
    [
        ("bricklayer", "brciklayer"),
        ("electrician", "elctrician"),
        ("customer service", "custmer servcie"),
        ("maintenance engineer", "maintenence enginer"),
        ("accountant", "acountant"),
    ],
)
def test_the_shipped_encoder_reads_typing_errors(shipped: Encoder, clean: str, mistyped: str) -> None:
    others = ["hairdresser", "chef", "welder", "scaffolder", "nurse", "plasterer", "teacher", "lorry driver"]

    wrong, *known = shipped.encode([mistyped, clean, *others])

    assert np.argmax([wrong @ one for one in known]) == 0


def test_words_of_asking_hardly_turn_the_need(shipped: Encoder) -> None:
    plain, asked = shipped.encode(["payroll", "we are looking for some payroll training please"])

    assert plain @ asked > 0.6


def test_the_encoder_needs_no_neural_library() -> None:
    told = (
        "import sys; from skillsmatch.matching.encoder import Encoder; Encoder.load().encode(['welder']);"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
