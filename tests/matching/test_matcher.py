"""Ranking, evidence, and change without refitting."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skillsmatch.matching as matching
from skillsmatch.matching import Document, Matcher, Query
from skillsmatch.matching.meaning import shipped_encoder
from skillsmatch.matching.weights import Weights, shipped_weights

LATER_IMPORTS = ("sklearn", "scipy", "numpy", "rapidfuzz", "joblib")


def ids(matcher: Matcher, text: str, limit: int = 10) -> list[str]:
    return [match.id for match in matcher.rank(Query(text), limit)]


def met(matcher: Matcher, text: str, offer: str) -> tuple[str, ...]:
    """The words of the need that met the offer; none where it is not found at all."""
    return next((m.evidence.matched for m in matcher.rank(Query(text), 100) if m.id == offer), ())


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("TIG welding", "weld-2"),
        ("sparky", "elec-app"),
        ("18th edition", "regs"),
        ("hydralics and pnuematics", "maint"),
        ("someone who knows Sage", "books"),
        ("forklift x3", "fork"),
        ("speaking English", "esol-e2"),
        ("first aider", "aid"),
        ("carers who understand dementia", "care"),
        ("supervisors", "lead"),
    ],
)
def test_a_need_in_plain_words_finds_its_offer_first(matcher: Matcher, need: str, offer: str) -> None:
    assert ids(matcher, need)[0] == offer


def test_the_best_come_first_and_no_more_than_asked_for(matcher: Matcher) -> None:
    ranked = matcher.rank(Query("welding"), limit=3)
    assert len(ranked) == 3
    assert [match.score for match in ranked] == sorted((match.score for match in ranked), reverse=True)


def test_equal_offers_stand_in_order_of_id() -> None:
    same = [Document(id, "Welding", "steel") for id in ("c", "a", "b")]
    assert ids(Matcher.fit(same), "welding") == ["a", "b", "c"]


def test_of_two_documents_with_one_id_the_later_stands() -> None:
    matcher = Matcher.fit([Document("a", "Welding"), Document("a", "Baking")])
    assert len(matcher) == 1
    assert ids(matcher, "baking") == ["a"]
    assert ids(matcher, "welding") == [] or matcher.rank(Query("welding"))[0].evidence.matched == ()


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_gives_nothing(matcher: Matcher, limit: int) -> None:
    assert matcher.rank(Query("welding"), limit) == []


@pytest.mark.parametrize(
    "text", ["", " ", "🙂", "x", "\x00", "привет мир", "بحث", "welding " * 10_000, "q" * 100_000]
)
def test_bad_input_never_raises(matcher: Matcher, text: str) -> None:
    for match in matcher.rank(Query(text)):
        assert 0.0 <= match.strength <= 1.0


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_gives_scores_above_nothing_and_strengths_between_0_and_1(text: str) -> None:
    matcher = _SMALL
    for match in matcher.rank(Query(text)):
        assert match.score > 0
        assert 0.0 <= match.strength <= 1.0


_SMALL = Matcher.fit([Document("a", "Welding", "steel plate"), Document("b", "Café cookery", "1 2 3")])


def test_an_empty_catalogue_answers_with_nothing() -> None:
    assert Matcher.fit([]).rank(Query("welding")) == []


def test_the_evidence_names_the_words_that_met_and_those_that_did_not(matcher: Matcher) -> None:
    # given a need of which the offer covers two words of three
    (best, *_) = matcher.rank(Query("TIG welding aluminium"))

    # then both lists are in the employer's own words, and the missing word is a gap
    assert best.evidence.matched == ("TIG welding",)
    assert best.evidence.missing == ("aluminium",)
    assert [gap.words for gap in best.evidence.gaps] == ["does not mention aluminium"]


def test_of_a_phrase_met_in_part_each_word_stands_in_its_own_list(matcher: Matcher) -> None:
    # given an apprenticeship that welds, but says nothing of TIG
    evidence = next(m.evidence for m in matcher.rank(Query("TIG welding")) if m.id == "fab-app")
    assert evidence.matched == ("welding",)
    assert evidence.missing == ("TIG",)


def test_a_corrected_word_is_shown_as_typed_with_its_correction(matcher: Matcher) -> None:
    (best, *_) = matcher.rank(Query("hydralic faults"))
    assert best.id == "maint"
    assert "hydralic (hydraulic)" in best.evidence.matched


def test_slang_that_met_an_offer_is_shown_with_what_it_met(matcher: Matcher) -> None:
    (best, *_) = matcher.rank(Query("sparky"))
    assert best.evidence.matched == ("sparky (electrician)",)


def test_generic_words_are_never_called_missing(matcher: Matcher) -> None:
    (best, *_) = matcher.rank(Query("training course for our staff in bookkeeping"))
    assert best.id == "books"
    assert best.evidence.missing == ()


@pytest.mark.parametrize("need", ["TIG welding", "someone who knows Sage", "team leader"])
def test_the_shares_of_the_signals_sum_to_the_score(matcher: Matcher, today: int, need: str) -> None:
    query = Query(need, level=5, today=today, lat=52.0, lon=-1.0, max_km=1.0)
    for match in matcher.rank(query):
        assert sum(share for _, share in match.evidence.signals) == pytest.approx(match.score)


@pytest.mark.parametrize("signal", ["name words", "name letters", "body words", "meaning"])
def test_without_a_signal_its_share_is_gone_from_score_and_evidence(matcher: Matcher, signal: str) -> None:
    # given the same matcher with one weight at nothing
    weights = shipped_weights()
    nothing = {"short": 0.0, "long": 0.0}
    without = replace(matcher, weights=replace(weights, signals={**weights.signals, signal: nothing}))

    # when both rank the same need
    full = {match.id: match for match in matcher.rank(Query("TIG welding"))}
    less = {match.id: match for match in without.rank(Query("TIG welding"))}

    # then the best offer has lost exactly that share
    share = dict(full["weld-2"].evidence.signals)[signal]
    assert share > 0
    assert dict(less["weld-2"].evidence.signals)[signal] == 0.0
    assert less["weld-2"].score == pytest.approx(full["weld-2"].score - share)


def test_strength_is_high_for_a_plain_fit_and_low_for_no_fit(matcher: Matcher) -> None:
    assert matcher.rank(Query("first aid at work"))[0].strength > 0.8
    assert max((match.strength for match in matcher.rank(Query("quantum chromodynamics"))), default=0.0) < 0.3


def test_the_version_names_the_weights_and_changes_with_them(matcher: Matcher) -> None:
    weights = shipped_weights()
    told = {
        "signals": {**weights.signals, "name words": {"short": 0.9, "long": 0.9}},
        "strength": weights.strength,
    }
    assert matcher.version == f"{weights.version}/{shipped_encoder().version}"
    assert matcher.version.startswith("1-")
    assert Weights.of(told).version != weights.version


def test_a_changed_offer_is_found_by_its_new_words_and_not_by_its_old(matcher: Matcher) -> None:
    # when the bookkeeping course becomes a course in beekeeping
    changed = matcher.updated([Document("books", "Beekeeping", "hives and honey")], [])

    # then only the new words find it, and the old matcher has not changed
    assert ids(changed, "beekeeping hives")[0] == "books"
    assert met(changed, "VAT ledgers", "books") == ()
    assert ids(matcher, "VAT ledgers")[0] == "books"
    assert len(changed) == len(matcher)


def test_a_removed_offer_is_not_found_and_a_new_one_is(matcher: Matcher) -> None:
    changed = matcher.updated([Document("new", "Dry stone walling")], ["fork"])
    assert ids(changed, "dry stone walling")[0] == "new"
    assert "fork" not in ids(changed, "fork lift truck")
    assert len(changed) == len(matcher)


def test_changes_upon_changes_hold(matcher: Matcher) -> None:
    # given an offer added, then changed, then removed
    first = matcher.updated([Document("new", "Dry stone walling")], [])
    second = first.updated([Document("new", "Hedge laying")], [])
    third = second.updated([], ["new"])

    # then each matcher knows its own state
    assert ids(first, "dry stone walling")[0] == "new"
    assert ids(second, "hedge laying")[0] == "new"
    assert met(second, "dry stone walling", "new") == ()
    assert "new" not in ids(third, "hedge laying")
    assert len(third) == len(matcher)


def test_removing_what_is_not_there_changes_nothing(matcher: Matcher) -> None:
    assert ids(matcher.updated([], ["nowhere"]), "welding") == ids(matcher, "welding")


def test_an_updated_matcher_gives_unchanged_offers_the_scores_they_had(matcher: Matcher) -> None:
    changed = matcher.updated([Document("new", "Dry stone walling")], [])
    before = {match.id: match.score for match in matcher.rank(Query("TIG welding"), 100)}
    after = {match.id: match.score for match in changed.rank(Query("TIG welding"), 100)}
    assert {id: after[id] for id in before} == before


def test_an_offer_that_is_put_in_again_is_judged_as_it_was(
    matcher: Matcher, offers: tuple[Document, ...]
) -> None:
    # given a matcher into which a third of its own offers are put once more
    again = matcher.updated(offers[::3], [])

    # then every need finds the same offers with the same scores, strengths and reasons
    for need in ("TIG welding", "sparky", "speaking English at work", "hydralics", "team leader, evenings"):
        before, after = matcher.rank(Query(need), 30), again.rank(Query(need), 30)
        assert [match.id for match in after] == [match.id for match in before]
        for old, new in zip(before, after, strict=True):
            assert new.score == pytest.approx(old.score, abs=1e-5)
            assert new.strength == pytest.approx(old.strength, abs=1e-4)
            assert new.evidence.matched == old.evidence.matched


def test_every_public_name_can_be_imported() -> None:
    for name in matching.__all__:
        assert getattr(matching, name) is not None
    assert set(matching.__all__) == set(matching._HOMES)
    with pytest.raises(AttributeError, match="no attribute"):
        matching.__getattr__("nothing_of_the_kind")


def test_importing_the_engine_imports_nothing_heavy() -> None:
    # when a fresh Python imports the engine and reads a need
    code = f"import sys, skillsmatch.matching; print([m for m in {LATER_IMPORTS!r} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    # then the libraries it fits and ranks with are not there yet
    assert told.stdout.strip() == "[]"
