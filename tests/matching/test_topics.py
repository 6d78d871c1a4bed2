"""Lists of needs, parted by what their members are about."""

from __future__ import annotations

import pytest

from skillsmatch.area.themes import load_themes
from skillsmatch.matching import Labeller, read_need
from skillsmatch.matching.topics import TopicOf, parted_by_topic

PLACES = ("Leicester", "Hinckley", "Wigston")


@pytest.fixture(scope="module")
def topic_of() -> TopicOf:
    """What the pages pass: the skill theme of a fragment where the labeller is sure."""
    return Labeller.fit(load_themes().documents()).sure


def facets(text: str, topic_of: TopicOf | None) -> list[str]:
    return [facet.text for facet in read_need(text, PLACES, topic_of).facets]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("forklift licence, Sage payroll", ["forklift licence", "Sage payroll"]),
        ("first aid and fire marshal", ["first aid", "fire marshal"]),
        ("welding and forklift", ["welding", "forklift"]),
        ("forklift licence and payroll course", ["forklift licence", "payroll course"]),
        ("a chef and a barista", ["chef", "barista"]),
        ("sage payroll as well as a food hygiene course", ["sage payroll", "food hygiene course"]),
        ("first aid, manual handling and COSHH", ["first aid", "manual handling", "COSHH"]),
        (
            "I want health & safety, fire wardens and abrasive wheels",
            ["health & safety", "fire wardens", "abrasive wheels"],
        ),
        ("forklift and Sage, Hinckley, evenings", ["forklift", "Sage"]),
        (
            "two welders, TIG mainly, and English for our packers in the evenings",
            ["two welders, TIG mainly", "English for our packers"],
        ),
        (
            "Two things: welding tickets, and someone to quote from drawings",
            ["welding tickets", "quote from drawings"],
        ),
    ],
)
def test_neighbours_about_different_things_are_separate_needs(
    text: str, told: list[str], topic_of: TopicOf
) -> None:
    assert facets(text, topic_of) == told


@pytest.mark.parametrize(
    "text",
    [
        "Lean, 5S and continuous improvement",
        "health and safety",
        "hydraulics and pneumatics",
        "nvq 3 helth + social",
        "sails & marketing",
        "reading and writing",
        "research and development",
        "sales and marketing",
        "plumbing and heating",
        "Excel, Word and PowerPoint",
        "electrical and mechanical maintenance",
        "warehouse and transport supervisor",
        "forklift training for drivers and warehouse staff",
        "first aid course covering burns, fire and food poisoning",
        "someone to do the books and answer the phones",
        "accountancy, HMRC, tax, auditing, fraud",
    ],
)
def test_what_is_one_thing_stays_whole(text: str, topic_of: TopicOf) -> None:
    assert len(facets(text, topic_of)) == 1


def test_without_topics_a_list_stays_as_it_was() -> None:
    assert facets("forklift licence and payroll course", None) == ["forklift licence and payroll course"]


def test_members_with_no_sure_topic_stay_with_their_neighbour() -> None:
    # given a labeller that knows two words
    known = {"saws": "A", "paint": "B"}

    # then a vague member goes with the one before it, and the first sure one gives a vague start its topic
    assert parted_by_topic("saws, thing, paint", known.get) == ["saws, thing", "paint"]
    assert parted_by_topic("thing, saws, paint", known.get) == ["thing, saws", "paint"]
    assert parted_by_topic("saws, thing", known.get) == ["saws, thing"]


def test_a_silent_sentence_about_something_else_is_a_need_of_its_own(topic_of: TopicOf) -> None:
    # given a sentence that asks in no words, about something nobody else asks for
    text = "We need a welder. Machines break down all the time. We are a family firm of 20 staff."

    # then it is kept, and what tells of the firm is not
    assert facets(text, topic_of) == ["welder", "Machines break down all the time"]
