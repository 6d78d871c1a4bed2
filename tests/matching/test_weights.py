"""How much each signal counts, by how much a need says."""

from __future__ import annotations

import json

import pytest

from skillsmatch.matching import Matcher, Query
from skillsmatch.matching.segment import SIGNALS
from skillsmatch.matching.understanding import understand, words_named
from skillsmatch.matching.weights import LONG, WEIGHTS_FILE, Weights, shipped_weights

WEIGHTS = Weights.of(
    {
        "signals": {"meaning": {"short": 0.8, "long": 0.4}, "body words": {"short": 0.2, "long": 0.6}},
        "strength": {},
    }
)


def test_a_need_of_one_word_and_a_long_one_have_weights_of_their_own() -> None:
    assert WEIGHTS.for_need(1) == WEIGHTS.for_need(0) == {"meaning": 0.8, "body words": 0.2}
    assert WEIGHTS.for_need(LONG) == WEIGHTS.for_need(10 * LONG) == {"meaning": 0.4, "body words": 0.6}


def test_between_them_the_weights_pass_evenly_from_one_to_the_other() -> None:
    told = [WEIGHTS.for_need(words) for words in range(1, LONG + 1)]
    meaning = [each["meaning"] for each in told]
    assert meaning == sorted(meaning, reverse=True)
    assert all(sum(each.values()) == pytest.approx(1.0) for each in told)
    assert WEIGHTS.for_need(4)["meaning"] == pytest.approx(0.6)


def test_every_signal_has_two_shipped_weights_and_none_is_below_nothing() -> None:
    shipped = shipped_weights()
    assert set(shipped.signals) == set(SIGNALS)
    for each in shipped.signals.values():
        assert set(each) == {"short", "long"}
        assert min(each.values()) >= 0.0


def test_the_file_tells_the_figures_that_the_weights_gave() -> None:
    told = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    assert len(told["figures"]) == 17
    assert all(0.0 < each["ndcg@10"] < 1.0 for each in told["figures"].values())


def test_words_that_every_need_uses_make_a_need_no_longer(matcher: Matcher) -> None:
    short = understand("welding", matcher.speller)
    chatty = understand("please can someone help us with a welding course for the staff", matcher.speller)
    assert words_named(short) == words_named(chatty) == 1
    assert words_named(understand("TIG welding, forklift and bookkeeping", matcher.speller)) > 3


def test_the_shares_on_a_match_are_those_of_its_own_length_of_need(matcher: Matcher) -> None:
    for need in (
        "welding",
        "welding of steel plate and pipe, inspection of welds, fabrication drawings, safety",
    ):
        words = words_named(understand(need, matcher.speller))
        weights = matcher.weights.for_need(words)
        for match in matcher.rank(Query(need)):
            shares = dict(match.evidence.signals)
            assert all(0.0 <= shares[name] <= weights[name] * 1.001 for name in weights)
