"""Unknown words read as known ones, and known ones left alone."""

from __future__ import annotations

import numpy as np
import pytest

from skillsmatch.matching import Document, Matcher
from skillsmatch.matching.spelling import Speller
from skillsmatch.matching.vocabulary import Vocabulary
from skillsmatch.matching.words import stem


def speller_of(**counts: int) -> Speller:
    words, roots = sorted(counts), sorted({stem(word) for word in counts})
    return Speller(
        Vocabulary(
            np.asarray([word.encode() for word in words], dtype="S30"),
            np.asarray([counts[word] for word in words], dtype=np.float32),
        ),
        Vocabulary(
            np.asarray([root.encode() for root in roots], dtype="S30"), np.ones(len(roots), dtype=np.float32)
        ),
    )


@pytest.fixture(scope="module")
def speller() -> Speller:
    return speller_of(
        hydraulics=4,
        pneumatics=3,
        maintenance=9,
        welding=7,
        wedding=1,
        fork=5,
        lift=6,
        baker=2,
        barber=2,
        first=3,
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hydralics", ("hydraulics",)),
        ("pnuematics", ("pneumatics",)),
        ("maintanance", ("maintenance",)),
        ("maintenence", ("maintenance",)),
        ("wleding", ("welding",)),
        ("eblding", ()),
        ("forklift", ("fork", "lift")),
        ("frist", ("first",)),
        ("rfist", ()),
    ],
)
def test_a_slip_of_the_keys_is_read_as_the_word_meant(
    speller: Speller, typed: str, meant: tuple[str, ...]
) -> None:
    assert speller.correction(typed) == meant


def test_the_first_letter_may_be_the_slip(speller: Speller) -> None:
    assert speller.correction("naintenance") == ("maintenance",)


def test_of_two_words_as_near_the_commoner_is_meant(speller: Speller) -> None:
    # "weding" is one letter from welding and from wedding; more offers speak of welding
    assert speller.correction("weding") == ("welding",)


@pytest.mark.parametrize("word", ["cab", "quantum", "zzzzzzz", "1234567", "tig2"])
def test_a_word_with_no_near_neighbour_is_left_as_typed(speller: Speller, word: str) -> None:
    assert speller.correction(word) == ()


def test_an_empty_catalogue_corrects_nothing() -> None:
    assert Matcher.fit([]).speller.correction("welding") == ()


def test_a_word_that_an_offer_uses_in_any_form_is_known() -> None:
    matcher = Matcher.fit([Document("a", "Embalming for bakers")])
    assert matcher.speller.known(["embalming", "baker", "baking", "welding"]) == [True, True, True, False]
