"""How much of a need an offer covers, what it means, and how sure that makes the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skillsmatch.matching import Document, Matcher, Query, evaluating
from skillsmatch.matching.coverage import Asked, Coverage, Covering
from skillsmatch.matching.held import Lookup, Sought
from skillsmatch.matching.meaning import FLOOR, Meanings, meaning_of
from skillsmatch.matching.strength import FEATURES, calibrate, features, strength
from skillsmatch.matching.understanding import ASIDE_WEIGHT, understand
from skillsmatch.matching.weights import shipped_weights
from tests.matching.test_evidence import CATALOGUE_OFFERS, MATCHER

JUDGED = Path(__file__).with_name("judged_needs.jsonl")


def covered(matcher: Matcher, text: str, offer: str) -> Coverage:
    segment = matcher.parts[0].segment
    units = understand(text, matcher.speller)
    roots, sought = Sought.all_of(units)
    (held,) = Lookup(segment, roots).held([int(segment.text_of[segment.ids.index(offer)])])
    return Covering(Asked.of(segment, units), sought).by(held)


def best(text: str) -> tuple[str, float]:
    match = MATCHER.rank(Query(text), 1)[0]
    return CATALOGUE_OFFERS[match.id].title, match.strength


def test_a_need_that_is_the_offers_title_is_covered_whole(matcher: Matcher) -> None:
    found = covered(matcher, "forklift truck operator", "fork")
    assert found.one_name == found.anywhere == found.head == 1.0


def test_a_need_that_the_offer_says_nothing_of_is_not_covered(matcher: Matcher) -> None:
    found = covered(matcher, "dementia", "fork")
    assert (found.one_name, found.anywhere, found.head, found.mass) == (0.0, 0.0, 0.0, 0.0)


def test_words_in_the_text_alone_cover_anywhere_but_no_name(matcher: Matcher) -> None:
    found = covered(matcher, "novice", "fork")
    assert found.one_name == 0.0
    assert found.anywhere == 1.0


def test_whom_it_is_for_counts_less_than_what_it_is(matcher: Matcher) -> None:
    # given the same two words, once as what is learned and once as who learns it
    skill = covered(matcher, "dementia training", "care").anywhere
    whole = covered(matcher, "forklift training for dementia carers", "fork")

    # then the carers take little from the forklift
    assert skill == 1.0
    assert whole.one_name > ASIDE_WEIGHT


def test_the_head_of_a_title_ends_at_its_first_colon() -> None:
    matcher = Matcher.fit([Document("a", "Baker: bread, rolls and pies"), Document("b", "Welder")])
    assert covered(matcher, "baker", "a").head == 1.0
    assert covered(matcher, "rolls", "a").head == 0.0


def test_strength_rises_with_everything_it_rests_on() -> None:
    # given an offer half covered
    weights = shipped_weights().strength
    half = dict.fromkeys(FEATURES, 0.5)

    # then more of any of them makes it surer, and it stays a probability
    for name in FEATURES:
        assert strength(weights, half) < strength(weights, {**half, name: 0.9})
    assert 0.0 <= strength(weights, dict.fromkeys(FEATURES, -1e9)) < 0.001
    assert features({"name letters": 0.1, "meaning": 0.2}, Coverage(1, 2, 3, 4, 5)).keys() == set(FEATURES)


@pytest.mark.parametrize(
    "text",
    [
        "baker",
        "Lean, 5S and continuous improvement training for a small sheet metal firm",
        "ESOL entry 2/3",
        "bookeeping for my wife who does the books",
        "fire marshal",
        "first aid",
        "forklift licence",
        "HGV class 2",
        "makaton",
        "someone for HR",
    ],
)
def test_a_need_plainly_served_is_not_called_unmet(text: str) -> None:
    assert best(text)[1] >= 0.5, best(text)


@pytest.mark.parametrize(
    "text",
    ["shotfirer ticket, quarry", "taxidermy", "piano tuner", "COBOL before Derek retires", "glass blowing"],
)
def test_a_need_that_nothing_serves_is_called_unmet(text: str) -> None:
    assert best(text)[1] < 0.5, best(text)


def test_an_offer_that_shares_a_word_with_the_need_is_not_strong_for_that() -> None:
    # given a forklift need, for which a vehicle technician is no help
    found = {match.id: match.strength for match in MATCHER.rank(Query("forklift licence"), 10)}
    assert found["DEMO-B004"] > 0.5
    assert found.get("DEMO-A011", 0.0) < 0.2


def test_strength_does_not_depend_on_how_many_offers_there_are() -> None:
    # given one offer among all, and the same among every third
    alone = Matcher.fit(
        [offer for n, offer in enumerate(CATALOGUE_OFFERS.values()) if n % 3 == 0 or offer.id == "DEMO-B008"]
    )
    few = next(m.strength for m in alone.rank(Query("fire marshal"), 10) if m.id == "DEMO-B008")
    many = next(m.strength for m in MATCHER.rank(Query("fire marshal"), 10) if m.id == "DEMO-B008")
    assert few == pytest.approx(many, abs=0.1)


def test_our_own_judged_needs_tell_met_from_unmet_on_needs_not_seen() -> None:
    # given 128 needs of ours, judged on the demonstration catalogue, a third of them with nothing of use
    judged = evaluating.read_queries(JUDGED)
    facets = [
        max(need.grades(f).values(), default=0) >= evaluating.USEFUL
        for need in judged
        for f, _ in need.facets
    ]
    assert len(judged) >= 80
    assert 0.25 <= facets.count(False) / len(facets) <= 0.4
    assert {id for need in judged for id in need.grades()} <= CATALOGUE_OFFERS.keys()

    # when the strength is fitted five-fold, then it foretells them (measured: 0.95 and 0.09)
    fitted = calibrate([(MATCHER, judged)])
    assert fitted.auc is not None and fitted.auc > 0.9
    assert fitted.brier is not None and fitted.brier < 0.13


def test_offers_near_in_meaning_are_found_without_a_word_in_common() -> None:
    # given two offers, neither of which has a word of the need
    matcher = Matcher.fit(
        [
            Document("care", "Nursery worker", "Toddlers and play."),
            Document("scaff", "Scaffolder", "Tubes and boards."),
        ]
    )
    ranked = matcher.rank(Query("minding kids"))
    assert ranked[0].id == "care"
    assert dict(ranked[0].evidence.signals)["meaning"] > 0


def test_a_meaning_is_kept_in_whole_numbers_and_loses_next_to_nothing(offers: tuple[Document, ...]) -> None:
    meanings = Meanings.of(offers)
    asked = meaning_of("welding", ())
    exact = meanings.vectors() @ asked
    near = meanings.nearness(asked)
    assert meanings.rows.dtype == np.int8
    assert np.allclose(np.linalg.norm(meanings.vectors(), axis=1), 1.0, atol=0.02)
    assert np.allclose(near, np.where(exact > FLOOR, exact, 0.0), atol=1e-3)


def test_slang_is_put_into_the_meaning(matcher: Matcher) -> None:
    # given slang that the encoder may not know
    units = understand("sparky", matcher.speller)
    electrician = meaning_of("electrician", ())

    # then its meaning is nearer to what the table says than the bare word is
    assert float(meaning_of("sparky", units) @ electrician) > float(meaning_of("sparky", ()) @ electrician)
