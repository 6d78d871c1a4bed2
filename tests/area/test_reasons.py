"""The reasons why an offer does not fit."""

from skillsmatch.area.reasons import (
    REASON_BY_CODE,
    REASONS,
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
    assert [reason.code for reason in REASONS if reason.service_words] == THE_SERVICES_SEVEN
    assert [reason.code for reason in REASONS if not reason.service_words] == THE_EMPLOYERS_SIX


def test_every_reason_has_its_own_name_and_its_own_words_to_tick() -> None:
    assert len(REASONS) == len(REASON_BY_CODE) == 13
    assert len({reason.name for reason in REASONS}) == 13
    assert len({reason.employer_words for reason in REASONS}) == 13


def test_what_the_page_tells_is_a_short_whole_sentence() -> None:
    for reason in (reason for reason in REASONS if reason.service_words):
        assert reason.service_words.endswith("."), reason.code
        assert len(reason.service_words.split()) < 25, reason.code
