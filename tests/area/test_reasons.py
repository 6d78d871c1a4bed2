"""The reasons why an offer does not fit."""

import pytest

from skillsmatch.area.reasons import (
    EMPLOYER_ONLY_REASONS,
    REASON_BY_CODE,
    REASONS,
    SERVICE_REASONS,
    known_reasons,
    reason_words,
)

THE_SERVICES_SEVEN = [
    "no-provision",
    "wrong-level",
    "too-far",
    "wrong-mode-or-time",
    "starts-too-late",
    "too-expensive",
    "no-places-or-out-of-date",
]
THE_EMPLOYERS_SIX = [
    "too-long",
    "too-general",
    "language-level",
    "provider-did-not-respond",
    "bad-experience",
    "other",
]


def test_seven_reasons_are_found_by_the_service_and_six_only_by_the_employer() -> None:
    assert [reason.code for reason in SERVICE_REASONS] == THE_SERVICES_SEVEN
    assert [reason.code for reason in EMPLOYER_ONLY_REASONS] == THE_EMPLOYERS_SIX


def test_every_reason_has_its_own_name_and_its_own_words_to_tick() -> None:
    assert len(REASONS) == len(REASON_BY_CODE) == 13
    assert len({reason.name for reason in REASONS}) == 13
    assert len({reason.employer_words for reason in REASONS}) == 13


def test_what_the_page_tells_is_a_short_whole_sentence() -> None:
    for reason in SERVICE_REASONS:
        assert reason.service_words.endswith("."), reason.code
        assert len(reason.service_words.split()) < 25, reason.code


def test_reasons_come_back_once_each_in_the_order_they_are_shown() -> None:
    given = ["other", "too-far", "wrong-level", "too-far"]

    kept = known_reasons(given)

    assert kept == ["wrong-level", "too-far", "other"]


def test_a_reason_that_is_not_on_the_list_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'too-dull' is not a reason"):
        known_reasons(["too-far", "too-dull"])


def test_no_reasons_are_no_reasons() -> None:
    assert known_reasons([]) == []
    assert reason_words([]) == []


def test_the_employers_own_reasons_are_not_told_back_to_the_employer() -> None:
    told = reason_words(["bad-experience", "too-far", "no-provision"])

    assert told == [REASON_BY_CODE["no-provision"].service_words, REASON_BY_CODE["too-far"].service_words]
