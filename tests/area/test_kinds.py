"""The kinds of training and the words for level, mode, attendance and length."""

import re
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import pytest

from skillsmatch.area.kinds import (
    ATTENDANCE,
    ESOL_STEPS,
    LENGTH_UNITS,
    LEVELS,
    MODES,
    STUDY_MODES,
    Kind,
    attendance_words,
    length_words,
    level_words,
    load_kinds,
    mode_words,
    study_mode_words,
)
from skillsmatch.area.tables import AreaError

WORDS_IN_A_SENTENCE = 25  # a sentence stays under this, as everywhere in the service
OWN_FILE = Path(__file__).resolve().parents[2] / "skillsmatch" / "area" / "kinds.toml"


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+", text.strip()) if s]


def test_there_are_thirteen_kinds_under_the_codes_that_data_uses() -> None:
    assert [kind.value for kind in Kind] == [
        "course",
        "short-course",
        "skills-bootcamp",
        "esol",
        "functional-skills",
        "apprenticeship",
        "foundation-apprenticeship",
        "apprenticeship-unit",
        "t-level-placement",
        "htq",
        "free-course-for-jobs",
        "educator-cpd",
        "leadership-programme",
    ]


def test_a_kind_is_equal_to_the_text_found_in_a_file_and_knows_its_words() -> None:
    assert Kind("skills-bootcamp") == "skills-bootcamp"
    assert Kind.SKILLS_BOOTCAMP.words.name == "Skills Bootcamp"
    assert Kind.HTQ.words.plural == "Higher Technical Qualifications (HTQs)"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_all_its_words_in_whole_short_sentences(kind: Kind) -> None:
    words = asdict(kind.words)

    assert words.pop("code") == kind.value
    assert words.pop("name")[0].isupper()
    assert words.pop("plural")[0].isupper()
    for field, text in words.items():
        assert text.endswith("."), f"{field} is not a whole sentence"
        assert "  " not in text and "\n" not in text, field
        for sentence in sentences(text):
            assert len(sentence.split()) < WORDS_IN_A_SENTENCE, f"{field}: {sentence}"


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_says_whom_it_suits_and_whom_not(kind: Kind) -> None:
    suits = kind.words.suits

    assert "suits" in suits
    assert len(sentences(suits)) >= 2
    assert re.search(r"\b(not|less|instead)\b", suits), suits


@pytest.mark.parametrize("kind", list(Kind))
def test_who_pays_points_to_the_estimate_and_holds_no_amount_that_a_new_year_would_make_wrong(
    kind: Kind,
) -> None:
    words = kind.words

    assert "estimate on each card" in words.who_pays
    for text in (words.about, words.suits, words.who_pays, words.route_in):
        assert "£" not in text
        assert not re.search(r"\b20\d\d\b", text)


def test_no_two_kinds_share_a_sentence_about_what_they_are() -> None:
    told = [
        sentence for words in load_kinds().values() for sentence in sentences(words.about + " " + words.suits)
    ]

    assert len(told) == len(set(told))


def write_kinds(folder: Path, text: str) -> Path:
    path = folder / "kinds.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_kind_left_out_of_the_file_is_named(tmp_path: Path) -> None:
    without_esol = re.sub(
        r'\[\[kind\]\]\ncode = "esol".*?(?=\[\[kind\]\])', "", OWN_FILE.read_text("utf-8"), flags=re.S
    )

    with pytest.raises(AreaError, match=r"no .*kind.* has the code 'esol'"):
        load_kinds(write_kinds(tmp_path, without_esol))


def test_a_missing_field_is_refused_with_its_row_and_name(tmp_path: Path) -> None:
    text = OWN_FILE.read_text("utf-8").replace('plural = "Short courses"\n', "")

    with pytest.raises(AreaError, match=r"row 2, plural: is missing"):
        load_kinds(write_kinds(tmp_path, text))


def test_a_kind_that_is_not_on_the_list_is_refused(tmp_path: Path) -> None:
    text = OWN_FILE.read_text("utf-8").replace('code = "htq"', 'code = "hnc"')

    with pytest.raises(AreaError, match="row 10, code: 'hnc' is not a kind of training"):
        load_kinds(write_kinds(tmp_path, text))


def test_the_same_kind_twice_is_refused(tmp_path: Path) -> None:
    text = OWN_FILE.read_text("utf-8").replace('code = "htq"', 'code = "course"')

    with pytest.raises(AreaError, match="'course' stands twice"):
        load_kinds(write_kinds(tmp_path, text))


@pytest.mark.parametrize(
    ("level", "kind", "title", "words"),
    [
        (None, "", "", "Level not given"),
        (0, "", "", "Entry level (before GCSE)"),
        (1, "", "", "Level 1 (like GCSEs at grades 3 to 1)"),
        (2, "", "", "Level 2 (like GCSEs at grades 9 to 4)"),
        (3, "t-level-placement", "", "Level 3 (like A levels)"),
        (5, "htq", "", "Level 5 (like a foundation degree or HND)"),
        (8, "", "", "Level 8 (like a doctorate)"),
        (2, "apprenticeship", "", "Level 2 (intermediate apprenticeship)"),
        (3, "apprenticeship", "", "Level 3 (advanced apprenticeship)"),
        (4, "apprenticeship", "", "Level 4 (higher apprenticeship)"),
        (2, "foundation-apprenticeship", "", "Level 2 (like GCSEs at grades 9 to 4)"),
        (0, "functional-skills", "Entry 2 maths", "Entry level (before GCSE)"),
        (0, "esol", "", "Entry level (CEFR A1 to B1)"),
        (0, "esol", "English for work, Entry 1", "Entry 1 (CEFR A1)"),
        (0, "esol", "ESOL entry level 3 evenings", "Entry 3 (CEFR B1)"),
        (0, "esol", "ESOL Entry 2/3", "Entry 2 to 3 (CEFR A2 to B1)"),
        (0, "esol", "Entry 3 and 1", "Entry 1 to 3 (CEFR A1 to B1)"),
        (1, "esol", "", "Level 1 (CEFR B2)"),
        (2, "esol", "", "Level 2 (CEFR C1)"),
        (3, "esol", "", "Level 3 (like A levels)"),
        (None, "esol", "Entry 1", "Level not given"),
    ],
)
def test_a_level_is_said_with_what_it_is_like(level: int | None, kind: str, title: str, words: str) -> None:
    assert level_words(level, kind, title) == words


@pytest.mark.parametrize("level", [-1, 9])
def test_a_level_outside_entry_to_8_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match="is not a level"):
        level_words(level)


@pytest.mark.parametrize("kind", ["", *Kind])
def test_every_level_has_words_for_every_kind(kind: str) -> None:
    for level in LEVELS:
        assert re.match(r"(Entry level|Level \d) \(.+\)$", level_words(level, kind))


def test_the_esol_steps_climb_the_european_levels_in_order() -> None:
    assert [step.cefr for step in ESOL_STEPS] == ["", "A1", "A2", "B1", "B2", "C1"]
    assert [step.level for step in ESOL_STEPS] == [0, 0, 0, 0, 1, 2]
    for step in ESOL_STEPS:
        assert step.at_work.endswith(".") and len(step.at_work.split()) < WORDS_IN_A_SENTENCE


def test_modes_attendance_and_study_modes_have_words() -> None:
    assert mode_words("workplace") == "At your workplace"
    assert attendance_words("block") == "Day or block release"
    assert attendance_words("evening", "part-time") == "Evenings, part time"
    assert attendance_words("", "flexible") == "Flexible hours"
    assert study_mode_words("part-time") == "Part time"
    assert set(MODES) == {"classroom", "online", "workplace", "blended"}
    assert set(ATTENDANCE) == {"daytime", "evening", "weekend", "block"}
    assert set(STUDY_MODES) == {"full-time", "part-time", "flexible"}


@pytest.mark.parametrize("words", [mode_words, attendance_words, study_mode_words])
def test_a_value_not_given_has_no_words_and_an_unknown_one_is_refused(words: Callable[[str], str]) -> None:
    assert words("") == ""
    with pytest.raises(ValueError, match="'sideways' is not"):
        words("sideways")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (12, "weeks", "12 weeks"),
        (1, "days", "1 day"),
        (Decimal("1.00"), "years", "1 year"),
        (1.5, "days", "1.5 days"),
        (Decimal("2.50"), "hours", "2.5 hours"),
        (100, "hours", "100 hours"),
        (0.25, "years", "0.25 years"),
        (90, "minutes", "90 minutes"),
        (0, "weeks", "0 weeks"),
        (None, "weeks", ""),
        (6, "", ""),
    ],
)
def test_a_length_is_said_in_its_own_unit(value: Decimal | float | None, unit: str, words: str) -> None:
    assert length_words(value, unit) == words


def test_a_length_with_an_unknown_unit_or_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'fortnights' is not a unit of length"):
        length_words(2, "fortnights")
    with pytest.raises(ValueError, match="-1 weeks is not a length"):
        length_words(-1, "weeks")


def test_the_words_agree_with_what_the_tables_of_offers_allow() -> None:
    from skillsmatch.offers import models

    assert set(models.MODES) == set(MODES)
    assert set(models.ATTENDANCE) == set(ATTENDANCE)
    assert set(models.STUDY_MODES) == set(STUDY_MODES)
    assert set(models.DURATION_UNITS) == set(LENGTH_UNITS)
