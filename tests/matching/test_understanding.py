"""Slang, generic words and corrections in one facet."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillsmatch.matching import Matcher, slang
from skillsmatch.matching.slang import SlangError, longest_entry, meanings, slang_table
from skillsmatch.matching.understanding import CORRECTED_WEIGHT, GENERIC_WEIGHT, understand
from skillsmatch.matching.words import content_words


def typed(matcher: Matcher, text: str) -> list[str]:
    return [unit.typed for unit in understand(text, matcher.speller)]


def test_the_slang_table_holds_at_least_250_entries() -> None:
    assert len(slang_table()) >= 250


def test_every_entry_says_more_than_the_words_themselves() -> None:
    # then no entry stands only for words it already has, for it would change nothing
    idle = [key for key, meant in slang_table().items() if set(meant) <= set(key)]
    allowed = {key for key in idle if len(slang_table()[key]) > 0}
    assert len(idle) < 0.05 * len(slang_table()), sorted(allowed)


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("sparky", "electrician"),
        ("chippy", "carpenter"),
        ("hgv class 2", "goods"),
        ("cscs", "construction"),
        ("ipaf", "platform"),
        ("plc", "programmable"),
        ("tig", "tungsten"),
        ("aat", "accounting"),
        ("cipd", "people"),
        ("18th edition", "wiring"),
        ("coshh", "hazardous"),
        ("send", "special"),
    ],
)
def test_the_slang_of_the_trades_is_put_in_the_words_offers_use(said: str, offered: str) -> None:
    assert offered in meanings(tuple(said.split()))


def test_the_longest_entry_wins() -> None:
    # given that both "hgv" and "hgv class 2" are entries
    assert longest_entry(["hgv", "class", "2", "drivers"]) == 3
    assert longest_entry(["hgv", "drivers"]) == 1
    assert longest_entry(["quantum", "drivers"]) == 0


@pytest.mark.parametrize("line", ["sparky", "sparky = ", "a b c d e = five words", " = electrician"])
def test_a_slang_line_that_cannot_be_read_is_refused_with_its_number(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a file whose second line is wrong
    file = tmp_path / "slang.txt"
    file.write_text(f"# remark\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(slang, "SLANG_FILE", file)
    slang_table.cache_clear()

    # when it is read, then the message names the line
    try:
        with pytest.raises(SlangError, match="line 2"):
            slang_table()
    finally:
        monkeypatch.undo()
        slang_table.cache_clear()


def test_a_correction_is_shown_beside_what_was_typed(matcher: Matcher) -> None:
    assert typed(matcher, "hydralic faults") == ["hydralic (hydraulic)", "faults"]


def test_a_corrected_word_weighs_a_little_less_than_a_typed_one(matcher: Matcher) -> None:
    corrected, plain = understand("weldimg steel", matcher.speller)
    assert corrected.words == (("welding", CORRECTED_WEIGHT),)
    assert plain.words == (("steel", 1.0),)


def test_words_of_every_need_weigh_less_and_are_marked_generic(matcher: Matcher) -> None:
    course, welding = understand("course welding", matcher.speller)
    assert course.generic
    assert course.words == (("course", GENERIC_WEIGHT),)
    assert not welding.generic


def test_slang_adds_meanings_and_keeps_the_words(matcher: Matcher) -> None:
    (unit,) = understand("sparky", matcher.speller)
    assert unit.typed == "sparky"
    assert unit.words == (("sparky", 1.0),)
    assert "electrician" in dict(unit.meanings)


@pytest.mark.parametrize("text", ["", "   ", "🙂", "the and of", "!!!"])
def test_a_text_without_content_gives_no_units(matcher: Matcher, text: str) -> None:
    assert understand(text, matcher.speller) == ()


def test_no_more_than_the_first_4000_characters_are_read(matcher: Matcher) -> None:
    units = understand("steel " * 1_000 + "welding", matcher.speller)
    assert {word for unit in units for word, _ in unit.words} == {"steel"}


def test_a_word_joined_by_a_hyphen_counts_as_its_parts(matcher: Matcher) -> None:
    assert typed(matcher, "fork-lift") == ["fork", "lift"] or typed(matcher, "fork-lift") == ["fork lift"]
    assert content_words("fork-lift") == ["fork", "lift"]
