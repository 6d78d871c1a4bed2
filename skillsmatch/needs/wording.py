"""An employer's answers in words, as filters of the needs pages."""

from __future__ import annotations

from skillsmatch.area.reasons import REASON_BY_CODE
from skillsmatch.needs.blueprint import needs
from skillsmatch.needs.forms import AGES, ATTENDANCE, MODES, SIZES, WHEN, WHO_FOR

_ANSWERS = {
    value: words for choices in (AGES, ATTENDANCE, MODES, SIZES, WHEN, WHO_FOR) for value, words in choices
}


@needs.app_template_filter()
def answer_words(value: str) -> str:
    """An answer as the form words it; an empty one stays empty."""
    return _ANSWERS.get(value, value)


@needs.app_template_filter()
def said_words(code: str) -> str:
    """The employer's reason, as they chose it."""
    return REASON_BY_CODE[code].employer_words


@needs.app_template_filter()
def found_words(code: str) -> str:
    """The reason the service found, as the page says it."""
    return REASON_BY_CODE[code].service_words
