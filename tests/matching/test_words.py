"""How text is read: folding, words, stems and letter n-grams."""

from __future__ import annotations

import pytest

from skillsmatch.matching.grams import LONGEST, SHORTEST, grams_of
from skillsmatch.matching.words import content_words, fold, part_joined_words, stem, words_of


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Café Manager", "cafe manager"),
        ("the packers' English", "the packers' english"),
        ("operator’s licence", "operator licence"),
        ("can't", "cant"),
    ],
)
def test_accents_case_and_possessives_are_folded_away(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C++ and C# developer", ["c++", "and", "c#", "developer"]),
        ("18th Edition, AS/400", ["18th", "edition", "as", "400"]),
        ("D1 minibus / 3D", ["d1", "minibus", "3d"]),
        ("🙂🙂", []),
        ("", []),
    ],
)
def test_words_keep_what_names_a_skill(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_content_words_leave_out_words_that_carry_no_meaning() -> None:
    assert content_words("We need someone who can do the welding") == ["welding"]


def test_a_wall_of_letters_is_one_short_word() -> None:
    assert words_of("a" * 10_000) == ["a" * 30]


def test_words_that_lost_their_space_are_parted_and_product_names_are_not() -> None:
    assert part_joined_words("ClerkCashier AutoCAD InDesign") == "Clerk Cashier AutoCAD InDesign"


@pytest.mark.parametrize(
    "family",
    [
        ("weld", "welder", "welders", "welding", "welded"),
        ("bake", "baker", "bakers", "baking"),
        ("care", "carer", "caring"),
        ("plumber", "plumbing"),
        ("manage", "manager", "managing", "management"),
        ("fabricator", "fabrication", "fabricating"),
        ("engineer", "engineers", "engineering"),
        ("plaster", "plasterer", "plastering"),
        ("caterer", "catering"),
        ("operate", "operator", "operating", "operation"),
        ("electric", "electrical"),
        ("lorry", "lorries"),
        ("qualify", "qualifies"),
    ],
)
def test_the_forms_of_a_word_share_a_stem(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("welding", "wedding"),
        ("farm", "pharmacy"),
        ("train", "trade"),
        ("nurse", "nursery"),
        ("fabric", "fabrication"),
    ],
)
def test_different_words_keep_different_stems(left: str, right: str) -> None:
    assert stem(left) != stem(right)


@pytest.mark.parametrize("word", ["tig", "18th", "d1", "c++", "a", ""])
def test_short_words_and_words_with_digits_are_their_own_stem(word: str) -> None:
    assert stem(word) == word


def test_grams_count_the_edges_of_a_word_as_letters() -> None:
    # given a word of two letters: with its edges four
    # then it has two 3-grams and one 4-gram
    assert len(grams_of("ab")) == 3


def test_every_gram_of_a_word_is_told_apart_from_every_other() -> None:
    word = "bookkeeping"
    padded = f"^{word}^"
    pieces = {
        padded[start : start + length]
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(padded) - length + 1)
    }
    assert len(set(grams_of(word))) == len(pieces)


def test_words_a_slip_apart_share_most_grams_at_the_front() -> None:
    right, wrong = set(grams_of("maintenance")), set(grams_of("maintanance"))
    assert len(right & wrong) >= 12
    assert not set(grams_of("welding")) & set(grams_of("crop"))
