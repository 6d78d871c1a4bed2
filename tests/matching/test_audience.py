"""What of a need names the skill, and what only says who asks, who is to learn and why."""

from __future__ import annotations

import pytest

from skillsmatch.matching import Document, Matcher, read_need
from skillsmatch.matching.audience import skill_span
from skillsmatch.matching.ranking import query_for
from skillsmatch.matching.understanding import ASIDE_WEIGHT, understand


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("Dementia training for all staff at our residential home", "Dementia training"),
        ("Our kitchen porters and housekeepers need help with English", "English"),
        ("maths for those who want to go for team leader", "maths"),
        ("We're gas engineers and need to get qualified on heat pumps before the boiler work dries up",
         "qualified on heat pumps"),
        ("Warehouse in Lutterworth, want English lessons for agency staff", "English lessons"),
        ("needs a proper management qualification, not just a day course",
         "needs a proper management qualification,"),
        ("Salon looking for a hairdressing apprentice", "a hairdressing apprentice"),
        ("internal audits for ISO 9001", "internal audits for ISO 9001"),
        ("responsible for managing budgets", "responsible for managing budgets"),
        ("training for our drivers", "training for our drivers"),
        ("TIG welding", "TIG welding"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_skill_is_told_from_the_people_and_the_reason(text: str, skill: str) -> None:
    begin, end = skill_span(text)
    assert text[begin:end].strip() == skill


def test_words_about_the_people_weigh_less_and_are_still_words(matcher: Matcher) -> None:
    units = {unit.typed: unit for unit in understand("first aid for our welders", matcher.speller)}
    assert not units["first aid"].aside
    assert units["welders"].aside
    assert [weight for _, weight in units["welders"].words] == [ASIDE_WEIGHT]


def test_what_is_to_be_learnt_leads_before_the_trade_of_those_who_learn() -> None:
    # given an English course and courses in the trade of those who are to learn English
    matcher = Matcher.fit(
        [
            Document("esol", "English for speakers of other languages", "Speaking.", kind="esol"),
            Document("cook", "Kitchen and catering skills", "For kitchen porters.", kind="course"),
            Document("hotel", "Hotel housekeeping", "For housekeepers in hotels.", kind="course"),
        ]
    )

    # when their hotel asks
    need = "Our kitchen porters and housekeepers at the hotel need help with English"
    reading = read_need(need)

    # then English comes first
    assert matcher.rank(query_for(reading.facets[0], reading))[0].id == "esol"
