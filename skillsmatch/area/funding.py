"""What training would cost this employer, worked out from the dated funding rules. Always an estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from skillsmatch.area import apprentice_shares, training_shares
from skillsmatch.area.price_words import long_date, share_words, sum_words
from skillsmatch.area.rules import FundingRule
from skillsmatch.area.shares import AGES, SIZE_BANDS, Answer, Ask, Closed

if TYPE_CHECKING:
    from skillsmatch.area.areas import Area

__all__ = ["AGES", "SIZE_BANDS", "CostEstimate", "FundingRule", "employer_cost"]

SHARES: dict[str, Callable[[Ask], Answer | Closed]] = {
    "apprenticeship": apprentice_shares.apprenticeship,
    "foundation-apprenticeship": apprentice_shares.foundation,
    "apprenticeship-unit": apprentice_shares.unit,
    "skills-bootcamp": training_shares.bootcamp,
    "free-course-for-jobs": training_shares.free_course,
    "esol": training_shares.adult_basics,
    "functional-skills": training_shares.adult_basics,
    "t-level-placement": training_shares.placement,
    "course": training_shares.full_price,
    "short-course": training_shares.full_price,
    "htq": training_shares.full_price,
    "educator-cpd": training_shares.full_price,
    "leadership-programme": training_shares.full_price,
}


@dataclass(frozen=True)
class CostEstimate:
    """What an employer would pay, with the rule that says so."""

    low: float | None  # pounds in all; None: the price is not given, or the training is not open to them
    high: float | None  # pounds in all; None beside a `low` of 0: free for some, no price given for the rest
    words: str
    rule: str  # the rule in words, with what it depends on
    as_at: date  # the day the rule's source was last read
    source: str
    url: str
    notes: tuple[str, ...]


def employer_cost(
    kind: str,
    price: float | None,
    people: int | None,
    size_band: str | None,
    ages: frozenset[str],
    who_for: str | None,
    on: date,
    area: Area,
    level: int | None = None,
    max_funding: float | None = None,
) -> CostEstimate:
    """What `people` people starting on `on` would cost this employer, by `area`'s rules for that day.

    `price` and `max_funding` are pounds for one person; with no number of people the sums are for one.
    Size or ages not known give a range. A rule that had ended by `on` is still used, and a note says so.
    Refused (ValueError): an unknown kind, size, age band or who_for, no people, a price below nothing.
    """
    if kind not in SHARES:
        raise ValueError(f"{kind!r} is not a kind of training")
    ask = Ask(kind, price, people, size_band, frozenset(ages), who_for, on, area, level, max_funding)
    answer = SHARES[kind](ask)
    low: float | None = None
    high: float | None = None
    words, notes = answer.words if isinstance(answer, Closed) else "", list[str]()
    if isinstance(answer, Answer):
        low, high, words, notes = _sums(ask, answer)
    ended = [rule for rule in answer.because if rule.valid_to is not None and rule.valid_to < on]
    notes += [f"The rule we hold ended on {long_date(r.valid_to)}. The next one may differ." for r in ended]
    main = answer.because[0]
    return CostEstimate(
        low=low,
        high=high,
        words=words,
        rule=" ".join(dict.fromkeys(rule.words for rule in answer.because)),
        as_at=min(rule.checked_on for rule in answer.because),
        source=main.source,
        url=main.url,
        notes=tuple(dict.fromkeys(notes)),
    )


def _sums(ask: Ask, answer: Answer) -> tuple[float | None, float | None, str, list[str]]:
    """The low and the high sum in pounds, the words for them, and the notes."""
    notes, people = list(answer.notes), ask.people or 1
    base, above = _split(ask, answer)
    if above:
        notes.append("The price is above the most the government funds; you pay all of the difference.")
    if answer.high == 0 and not above:
        return 0.0, 0.0, answer.free_words, notes
    if ask.price == 0:
        return 0.0, 0.0, "Nothing to pay: the provider lists it as free", notes
    if base is not None:
        low = round((base * answer.low + above) * people, 2)
        high = round((base * answer.high + above) * people, 2)
        return low, high, sum_words(low, high, ask.people), notes
    if answer.capped and ask.max_funding is not None and answer.high < 1:
        high = round(ask.max_funding * answer.high * people, 2)
        notes.append("The price is not given, so the highest sum uses the most the government funds.")
        return 0.0, high, sum_words(0.0, high, ask.people), notes
    low_or_none = 0.0 if answer.low == 0 else None
    return low_or_none, None, share_words(answer.low, answer.high, answer.of_what), notes


def _split(ask: Ask, answer: Answer) -> tuple[float | None, float]:
    """The shared part of one person's price, and the part above the funding band maximum, in pounds."""
    if ask.price is None or not answer.capped or ask.max_funding is None or answer.low == 1:
        return ask.price, 0.0
    return min(ask.price, ask.max_funding), max(0.0, ask.price - ask.max_funding)
