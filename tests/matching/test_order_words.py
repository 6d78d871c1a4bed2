"""Order and sentence come from the same shares: take a signal away, and both change together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.matching import Document, Match, Matcher, Query, why_this_order
from skillsmatch.matching.order_words import CONSTRAINTS, Placed
from skillsmatch.matching.weights import Weights, shipped_weights


def placed(matches: Sequence[Match], documents: Sequence[Document]) -> list[Placed]:
    titles = {document.id: document.title for document in documents}
    return [
        Placed(
            titles[m.id],
            dict(m.evidence.signals),
            m.evidence.matched,
            [gap.words for gap in m.evidence.gaps if gap.code != "words"],
        )
        for m in matches
    ]


FILLER = [
    Document(f"f{n}", title, text)
    for n, (title, text) in enumerate(
        [
            ("Bread and pastry", "Dough, proving and baking for a small bakery."),
            ("Payroll on Sage", "Pay runs, tax codes and pensions."),
            ("Garden design", "Plans, plants and paving for small gardens."),
            ("Dental nursing", "Chairside care and decontamination."),
        ]
    )
]

# For each signal: what is asked, the weights, two offers of which the first stands above for that signal, and how
# that is said. The weights are of words alone where that is enough, so that no new encoder changes the test.
CASES: dict[str, tuple[str, dict[str, float], Document, Document, str]] = {
    "name words": (
        "welding",
        {"name words": 0.5, "name letters": 0.0, "body words": 0.5, "meaning": 0.0},
        Document("a", "Welding", "A day in the workshop with plate and pipe, gas and arc."),
        Document("b", "Fabrication day", "Welding plate. Welding pipe. Welding with gas and with arc."),
        "its title holds more of your words",
    ),
    "name letters": (
        "photography",
        {"name words": 0.0, "name letters": 0.7, "body words": 0.3, "meaning": 0.0},
        Document("a", "Photographics and photograms", "Prints."),
        Document("b", "Making films", "Cameras, lenses, light, sound, cutting and some photography."),
        "its title is spelled more like your words",
    ),
    "body words": (
        "forklift counterbalance reach truck",
        {"name words": 0.3, "name letters": 0.1, "body words": 0.6, "meaning": 0.0},
        Document("a", "Warehouse week", "Forklift, counterbalance and reach truck."),
        Document("b", "Truck licence", "One day."),
        "its text holds more of your words",
    ),
    "meaning": (
        "fix the machines when they go down",
        shipped_weights().for_need(1),
        Document("a", "Maintenance and repair technician"),
        Document("b", "Coffee machines"),
        "its meaning is nearer to yours",
    ),
}


def weighing(signals: Mapping[str, float]) -> Weights:
    """The shipped weights with these for the signals, whatever the length of a need."""
    return replace(
        shipped_weights(), signals={name: {"short": each, "long": each} for name, each in signals.items()}
    )


def first_of(matcher: Matcher, query: Query, documents: Sequence[Document]) -> tuple[str, str]:
    """The offer that comes first, and all that is said of its place."""
    found = matcher.rank(query)
    return found[0].id, " ".join(why_this_order(placed(found, documents))[0])


@pytest.mark.parametrize("signal", [*shipped_weights().signals])
def test_without_a_signal_the_order_and_its_sentence_change_together(signal: str) -> None:
    # given two offers of which the first stands above for this signal
    text, signals, first, second, said = CASES[signal]
    documents = [first, second, *FILLER]
    matcher = replace(Matcher.fit(documents), weights=weighing(signals))

    # when they are ranked with the signal, and with its weight taken away
    with_it = first_of(matcher, Query(text), documents)
    without = weighing({**signals, signal: 0.0})
    without_it = first_of(replace(matcher, weights=without), Query(text), documents)

    # then another comes first, and what is said changes with it
    assert with_it[0] == "a" and f"above the next one mostly because {said}" in with_it[1]
    assert without_it[0] == "b" and said not in without_it[1]


def test_without_a_constraint_the_order_and_its_sentence_change_together() -> None:
    # given a course far away and the same one near by
    far = Document("a", "Welding", "Plate and pipe.", lat=53.6, lon=-1.13)
    near = Document("b", "Welding", "Plate and pipe.", lat=52.63, lon=-1.13)
    matcher = Matcher.fit([far, near, *FILLER])

    # when they are ranked from where the firm is, and from nowhere
    there = matcher.rank(Query("welding", lat=52.63, lon=-1.13, max_km=20), 2)
    nowhere = matcher.rank(Query("welding"), 2)

    # then distance alone sets one above the other, and is what is said to do so
    assert [m.id for m in there] == ["b", "a"] and [m.id for m in nowhere] == ["a", "b"]
    first, second = why_this_order(placed(there, [far, near]))
    assert (
        first[-1] == "It stands above the next one mostly because it misses less of what you asked besides."
    )
    assert re.search(r"^It lost \d+% of that for this: \d+ km beyond what you said\.$", second[-1])
    assert "came out equal" in why_this_order(placed(nowhere, [far, near]))[0][-1]
    assert "lost" not in " ".join(why_this_order(placed(nowhere, [far, near]))[1])


def test_the_sentences_name_what_gave_the_place_and_every_part_of_it() -> None:
    shares = {"name words": 0.3, "name letters": 0.05, "body words": 0.1, "meaning": 0.05, CONSTRAINTS: -0.1}
    one = Placed("TIG Welding", shares, ["welders", "TIG", "stainless"], ["a level below"])

    assert why_this_order([one]) == [
        (
            "Mostly because its title says welders and TIG, and because its text says welders, TIG and stainless.",
            "What counted: 60% your words in its title, 20% your words in its text, 10% how its title is spelled"
            " and 10% nearness in meaning.",
            "It lost 20% of that for this: a level below.",
        )
    ]


def test_every_signal_of_the_shipped_weights_has_words_of_its_own() -> None:
    for signal in shipped_weights().signals:
        told = why_this_order([Placed("Welding", {signal: 0.4}), Placed("Welding", {signal: 0.3})])
        assert "another sign" not in str(told), signal


@given(
    st.lists(
        st.fixed_dictionaries(
            {name: st.floats(-0.2, 1.0) for name in (*shipped_weights().signals, "a signal to come")}
            | {CONSTRAINTS: st.floats(-1.0, 0.0)}
        ),
        max_size=4,
    )
)
def test_whatever_the_shares_each_offer_has_its_sentences_and_parts_sum_to_a_hundred(
    shares: list[dict[str, float]],
) -> None:
    listed = sorted((Placed("Welding", each) for each in shares), key=lambda one: -one.score)

    told = why_this_order(listed)

    assert len(told) == len(listed)
    for sentences in told:
        marks = next((s for s in sentences if s.startswith("What counted")), "100%")
        assert sum(int(part) for part in re.findall(r"(\d+)%", marks)) == 100
        assert all(s.endswith(".") for s in sentences)
