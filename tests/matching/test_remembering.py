"""What is remembered between needs changes no answer: not when it is forgotten, not with many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skillsmatch.matching import Document, Matcher, Query, matcher, spelling, vocabulary
from skillsmatch.matching.postings import LONG_RUNS, Postings
from skillsmatch.matching.vocabulary import Vocabulary
from tests.matching.reference import Reference
from tests.matching.test_reference import NEEDS, agree

ASKED = (*NEEDS, "sparky and a chippy", "hydralics", "forklfit licence", "first aid for carers", "the and of")


def answers(matcher: Matcher, needs: tuple[str, ...] = ASKED) -> list[object]:
    return [matcher.rank(Query(need)) for need in needs]


def test_words_that_were_forgotten_are_looked_for_again(
    offers: tuple[Document, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a matcher that may keep no more than five words
    expected = answers(Matcher.fit(offers))
    monkeypatch.setattr(vocabulary, "REMEMBERED", 5)
    monkeypatch.setattr(spelling, "REMEMBERED", 5)
    forgetful = Matcher.fit(offers)

    # then it answers as one that keeps all, the first time and the second
    assert answers(forgetful) == expected
    assert answers(forgetful) == expected


def test_many_threads_at_once_get_the_answers_of_one(offers: tuple[Document, ...]) -> None:
    # given one matcher and what it answers alone
    expected = answers(Matcher.fit(offers))
    shared = Matcher.fit(offers).updated([], [])

    # when eight threads ask it everything, each in another order
    def turned(by: int) -> list[object]:
        return answers(shared, (*ASKED[by:], *ASKED[:by]))

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(turned, range(8)))

    # then each has its answers
    assert all(
        [*each[-by:], *each[:-by]] == expected if by else each == expected for by, each in enumerate(told)
    )


def test_a_word_is_where_it_is_found_whether_remembered_or_not() -> None:
    words = Vocabulary(np.asarray([b"bake", b"weld"], dtype="S30"), np.asarray([1.5, 2.0], dtype=np.float32))

    for _ in range(2):
        assert words.places_of(["weld", "fish", "bake", "weld"]) == [1, -1, 0, 1]
    assert words.weights_at([1, -1, 0]).tolist() == [2.0, words.rarest, 1.5]


def test_an_empty_vocabulary_holds_nothing_and_weighs_all_alike() -> None:
    words = Vocabulary(np.asarray([], dtype="S30"), np.asarray([], dtype=np.float32))

    assert words.places_of(["weld"]) == [-1]
    assert words.weights_at([-1]).tolist() == [1.0]


@pytest.mark.parametrize("entries", [LONG_RUNS - 1, LONG_RUNS, 3 * LONG_RUNS])
def test_long_runs_of_postings_are_summed_as_short_ones_are(entries: int) -> None:
    # given two terms that stand in so many rows each, half of them shared
    rows = np.concatenate([np.arange(entries), np.arange(entries) + entries // 2]).astype(np.int32)
    weights = np.linspace(0.1, 2.0, 2 * entries, dtype=np.float32)
    starts = np.asarray([0, entries, 2 * entries], dtype=np.int64)
    postings = Postings(starts, rows, weights, 2 * entries)

    found = postings.scores(np.asarray([1, 0]), np.asarray([0.5, 0.25], dtype=np.float32))

    plain = np.zeros(2 * entries)
    for term, strength in ((1, 0.5), (0, 0.25)):
        for place in range(starts[term], starts[term + 1]):
            plain[rows[place]] += weights[place] * strength
    assert np.allclose(found, plain, rtol=1e-6)


@pytest.mark.parametrize("sample", [1, 3, 2_048])
@pytest.mark.parametrize("look", [1, 4, 96])
def test_wherever_the_first_look_is_cut_the_first_ten_are_those_of_the_reference(
    offers: tuple[Document, ...], monkeypatch: pytest.MonkeyPatch, sample: int, look: int
) -> None:
    # given a first look that is far too small, or cut by a handful of bounds
    monkeypatch.setattr(matcher, "FIRST_LOOK", look)
    monkeypatch.setattr(matcher, "SAMPLE", sample)
    fitted, slow = Matcher.fit(offers), Reference(offers)

    # then no offer that belongs among the first is missed
    for need in NEEDS:
        for limit in (1, 3, 10):
            quick = [(match.id, match.score) for match in fitted.rank(Query(need), limit)]
            assert agree(quick, slow.scores(fitted, Query(need))[:limit])


@pytest.mark.parametrize("count", [0, 1])
def test_a_catalogue_of_nothing_or_of_one_offer_answers(count: int) -> None:
    few = Matcher.fit([Document("only", "Beekeeping")][:count])

    assert len(few.rank(Query("bee keeper"))) == count
    assert few.rank(Query("the and of")) == few.rank(Query("")) == []
    assert len(few.rank(Query("keeping bees " * 1_000))) == count
