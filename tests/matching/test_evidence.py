"""Reasons are true: every word said to be met stands in the offer."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillsmatch.matching import Document, Evidence, Match, Matcher, Query, without_wishes
from skillsmatch.matching.evidence import words_gap
from skillsmatch.matching.slang import slang_table
from skillsmatch.matching.understanding import GENERIC_WORDS
from skillsmatch.matching.words import STOP_WORDS, stem, words_of

CATALOGUE = Path(__file__).resolve().parents[2] / "skillsmatch/area/leicestershire/demonstration.csv"


def read_catalogue() -> list[Document]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return [
            Document(row["COURSE_ID"], row["COURSE_NAME"], row["WHO_THIS_COURSE_IS_FOR"])
            for row in csv.DictReader(file)
        ]


CATALOGUE_OFFERS = {offer.id: offer for offer in read_catalogue()}
MATCHER = Matcher.fit(CATALOGUE_OFFERS.values())
WORDS = sorted(
    {word for offer in CATALOGUE_OFFERS.values() for word in words_of(offer.title)}
    | {" ".join(key) for key in slang_table()}
)
SLIPS = ["hydralics", "bookeeping", "forklfit", "maintanance", "alergen", "quantum", "zzz"]


def stands_in(offer: Document, told: str) -> bool:
    """The slow plain check: every word of what is told has a word with its root in the offer."""
    brackets = re.search(r"\((.*)\)$", told)
    words = [word for word in words_of(brackets[1] if brackets else told) if word not in STOP_WORDS]
    roots = {stem(word) for text in (offer.title, *offer.aliases, offer.text) for word in words_of(text)}
    return bool(words) and all(stem(word) in roots for word in words)


def best(text: str, offer: str) -> Evidence:
    return next(match.evidence for match in MATCHER.rank(Query(text), 400) if match.id == offer)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS + SLIPS), min_size=1, max_size=6))
def test_every_matched_word_stands_in_the_offer(said: list[str]) -> None:
    for match in MATCHER.rank(Query(" ".join(said)), 20):
        for told in match.evidence.matched:
            assert stands_in(CATALOGUE_OFFERS[match.id], told), (match.id, told)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS + SLIPS + sorted(GENERIC_WORDS)), min_size=1, max_size=6))
def test_missing_words_are_content_words_that_the_offer_does_not_hold(said: list[str]) -> None:
    for match in MATCHER.rank(Query(" ".join(said)), 10):
        for told in match.evidence.missing:
            assert not set(words_of(told)) <= GENERIC_WORDS | STOP_WORDS
            assert told not in match.evidence.matched


@pytest.mark.parametrize(
    ("text", "offer", "matched"),
    [
        ("first aid", "DEMO-B006", ("first aid",)),
        ("baker", "DEMO-C029", ("baker (bakery)",)),
        ("sparky", "DEMO-A031", ("sparky (electrician)",)),
        ("hydralics", "DEMO-B030", ("hydralics (hydraulics)",)),
        ("forklift", "DEMO-B004", ("forklift",)),
    ],
)
def test_a_reason_shows_how_the_word_was_met(text: str, offer: str, matched: tuple[str, ...]) -> None:
    assert best(text, offer).matched == matched


@pytest.mark.parametrize("text", ["course training staff", "a ticket", "work placement for people"])
def test_words_of_every_need_are_no_reason(text: str) -> None:
    for match in MATCHER.rank(Query(text), 20):
        assert not set(match.evidence.matched) & {"course", "training", "staff", "ticket", "work", "people"}


def test_a_shotfirer_is_not_met_by_a_mention_of_a_quarry() -> None:
    # given an offer whose text only mentions a quarry and tickets
    evidence = best("shotfirer ticket, quarry", "DEMO-B006")

    # then only the quarry is met, and the shotfirer is missing
    assert (evidence.matched, evidence.missing) == (("quarry",), ("shotfirer",))


def test_a_meaning_of_two_words_is_not_met_by_two_words_far_apart() -> None:
    # given an offer that has "lift" and "truck" in different sentences
    offers = [
        Document("van", "Van mechanic", "Mend the tail lift. A truck comes in on Fridays."),
        Document("flt", "Lift truck operator", "Drive it."),
    ]
    found = {match.id: match.evidence.matched for match in Matcher.fit(offers).rank(Query("forklift"))}

    # then only the lift truck is a reason
    assert found["flt"] == ("forklift (lift truck)",)
    assert found.get("van", ()) == ()


def test_words_read_as_wishes_are_not_missing_and_the_others_still_are() -> None:
    evidence = Evidence(
        ("TIG",), ("Sept (seat)", "annealing"), words_gap(("Sept (seat)", "annealing")), None, ()
    )

    told = without_wishes(Match("1", 1.0, 0.5, evidence), frozenset({"sept"})).evidence

    assert told.missing == ("annealing",)
    assert [gap.words for gap in told.gaps] == ["does not mention annealing"]


def test_missing_words_are_named_in_short_and_the_rest_are_counted() -> None:
    assert [g.words for g in words_gap(("w" * 600, "TIG"))] == [f"does not mention {'w' * 30}…, TIG"]
    assert (
        words_gap(tuple("abcdefgh"))[0].words == "does not mention a, b, c, d, e, f and 2 more of your words"
    )


def test_a_match_that_misses_nothing_else_has_no_gap_of_words() -> None:
    evidence = Evidence((), ("January",), words_gap(("January",)), None, ())

    assert without_wishes(Match("1", 1.0, 0.5, evidence), frozenset({"january"})).evidence.gaps == ()
