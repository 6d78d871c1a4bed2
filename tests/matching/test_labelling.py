"""Coding a facet against a fixed list."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillsmatch.matching import UNCLEAR_BELOW, Document, Labeller, evaluating

THEMES = (
    Document("ENG-WELD", "Welding and fabrication", aliases=("TIG welding", "Sheet metal", "Welder")),
    Document(
        "ENG-MAINT", "Machine maintenance", aliases=("Hydraulics", "Fault finding", "Maintenance fitter")
    ),
    Document("LANG-ESOL", "English for speakers of other languages", aliases=("ESOL", "English classes")),
    Document("COM-AID", "First aid", aliases=("First aider", "Paediatric first aid")),
    Document("COM-FIRE", "Fire safety", aliases=("Fire marshal", "Fire warden")),
)


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    return Labeller.fit(THEMES)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("TIG welding", "ENG-WELD"),
        ("hydralics", "ENG-MAINT"),
        ("english classes for packers", "LANG-ESOL"),
        ("first aiders", "COM-AID"),
        ("fire marshals", "COM-FIRE"),
    ],
)
def test_a_clear_need_gets_its_label_with_confidence(labeller: Labeller, text: str, label: str) -> None:
    best, confidence = labeller.label(text)[0]
    assert best == label
    assert UNCLEAR_BELOW <= confidence <= 1.0


@pytest.mark.parametrize("text", ["quantum chromodynamics", "unicycle"])
def test_what_the_list_does_not_hold_is_unclear(labeller: Labeller, text: str) -> None:
    coded = labeller.label(text)
    assert not coded or coded[0][1] < UNCLEAR_BELOW


@pytest.mark.parametrize("text", ["", "🙂", "the"])
def test_a_text_with_nothing_to_go_on_gets_no_label(labeller: Labeller, text: str) -> None:
    assert labeller.label(text) == []


def test_labels_come_best_first_and_no_more_than_asked_for(labeller: Labeller) -> None:
    coded = labeller.label("fire and first aid", limit=2)
    assert len(coded) == 2
    assert coded[0][1] >= coded[1][1]


def test_two_labels_that_fit_alike_share_the_confidence() -> None:
    # given one label and its twin
    alone = Labeller.fit([Document("a", "Welding"), Document("c", "Baking")]).label("welding")[0][1]
    shared = Labeller.fit([Document("a", "Welding"), Document("b", "Welding"), Document("c", "Baking")])

    # then each of the twins has about half of what the one had alone
    assert shared.label("welding")[0][1] == pytest.approx(alone / 2, rel=0.2)


def test_real_job_titles_are_coded_to_their_occupation(shared: Path) -> None:
    # given the 412 unit groups and every sixth of the judged titles
    groups = evaluating.read_documents(shared / "data/bench/docs/soc2020_unit_groups.jsonl.gz")
    judged = evaluating.read_queries(shared / "data/bench/title_to_soc2020.jsonl")[::6]
    labeller = Labeller.fit(groups)

    # when they are coded
    coded = [(labeller.label(title.text), title.grades()) for title in judged]

    # then half have theirs among three (measured: 0.54), and confident labels are right more often than others
    among = [any(id in grades for id, _ in labels) for labels, grades in coded]
    assert sum(among) >= 0.48 * len(coded)
    sure = [labels[0][0] in grades for labels, grades in coded if labels and labels[0][1] >= UNCLEAR_BELOW]
    unsure = [labels[0][0] in grades for labels, grades in coded if labels and labels[0][1] < UNCLEAR_BELOW]
    assert sum(sure) / len(sure) > sum(unsure) / len(unsure)


def test_many_texts_are_told_as_each_alone(labeller: Labeller) -> None:
    texts = ["two welders", "", "xyzzy", "fire and first aid", "bread and pastry for the shop", "two welders"]

    assert labeller.label_all(texts, 2) == [labeller.label(text, 2) for text in texts]
