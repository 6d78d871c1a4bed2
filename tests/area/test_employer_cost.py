"""What training costs this employer: cases on both sides of 1 August 2026, and the estimate's promises."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillsmatch.area.areas import Area, load_area
from skillsmatch.area.funding import AGES, SHARES, SIZE_BANDS, CostEstimate, employer_cost

BEFORE, AFTER = date(2026, 7, 31), date(2026, 8, 1)  # the last day of the old rules, the first of the new
NOTHING = "Nothing to pay"
APP, FND, UNIT = "apprenticeship", "foundation-apprenticeship", "apprenticeship-unit"
BOOT, FREE = "skills-bootcamp", "free-course-for-jobs"


def cost(
    kind: str,
    price: float | None = 1000,
    people: int | None = 1,
    size: str | None = "10-49",
    *,
    ages: str = "",
    who_for: str | None = None,
    on: date = AFTER,
    level: int | None = None,
    max_funding: float | None = None,
    area: Area | None = None,
) -> CostEstimate:
    where = area or load_area()
    bands = frozenset(ages.split())
    return employer_cost(kind, price, people, size, bands, who_for, on, where, level, max_funding)


CASES = [
    # kind, price, people, size, what else, low, high, a phrase of the words
    # Apprenticeships at a firm that does not pay the levy
    (APP, 7000, 1, "10-49", {"ages": "16-18", "on": BEFORE}, 0, 0, NOTHING),
    (APP, 7000, 2, "10-49", {"ages": "16-18", "on": AFTER}, 0, 0, NOTHING),
    (APP, 7000, 1, "0-9", {"ages": "19-21", "on": BEFORE}, 0, 0, NOTHING),
    (APP, 7000, 1, "0-9", {"ages": "19-21", "on": AFTER}, 0, 0, NOTHING),
    (APP, 7000, 2, "10-49", {"ages": "22-24", "on": BEFORE}, 700, 700, "About £700 for 2 people"),
    (APP, 7000, 2, "10-49", {"ages": "22-24", "on": AFTER}, 0, 0, "the government pays"),
    (APP, 7000, 2, "10-49", {"ages": "25+", "on": BEFORE}, 700, 700, "About £700 for 2 people"),
    (APP, 7000, 1, "10-49", {"ages": "25+", "on": AFTER}, 350, 350, "About £350 for 1 person"),
    (APP, 7000, 2, "50-249", {"on": AFTER}, 0, 700, "Between nothing and about £700 for 2 people"),
    (APP, 7000, 1, "0-9", {"ages": "19-21 22-24", "on": BEFORE}, 0, 350, "Between nothing and about £350"),
    (APP, 7000, 1, "0-9", {"ages": "19-21 22-24", "on": AFTER}, 0, 0, NOTHING),
    (APP, 7000, None, "0-9", {"ages": "25+", "on": AFTER}, 350, 350, "About £350 for each person"),
    # Those who may pay the levy
    (APP, 7000, 1, "250+", {"ages": "25+", "on": BEFORE}, 0, 350, "Between nothing and about £350"),
    (APP, 7000, 1, "250+", {"ages": "25+", "on": AFTER}, 0, 1750, "Between nothing and about £1,750"),
    (APP, 7000, 2, "250+", {"ages": "16-18", "on": AFTER}, 0, 3500, "£3,500 for 2 people"),
    (APP, 7000, 1, None, {"ages": "25+", "on": BEFORE}, 0, 350, "Between nothing and about £350"),
    (APP, 7000, 1, None, {"ages": "25+", "on": AFTER}, 0, 1750, "Between nothing and about £1,750"),
    # No price; a price above the funding band maximum
    (APP, None, 1, "10-49", {"ages": "25+"}, None, None, "You would pay 5% of the training price"),
    (APP, None, 1, "10-49", {"ages": "16-18"}, 0, 0, NOTHING),
    (APP, None, 1, "250+", {}, 0, None, "between nothing and 25% of the training price"),
    (APP, None, 2, "10-49", {"ages": "25+", "max_funding": 9000}, 0, 900, "about £900 for 2 people"),
    (APP, 8000, 1, "10-49", {"ages": "25+", "max_funding": 7000}, 1350, 1350, "About £1,350"),
    (APP, 8000, 2, "10-49", {"ages": "16-18", "max_funding": 7000}, 2000, 2000, "About £2,000 for 2 people"),
    # Level 7
    (
        APP,
        20000,
        1,
        "10-49",
        {"ages": "25+", "level": 7, "on": date(2025, 12, 31)},
        1000,
        1000,
        "About £1,000",
    ),
    (
        APP,
        20000,
        1,
        "10-49",
        {"ages": "25+", "level": 7, "on": date(2026, 1, 1)},
        20000,
        20000,
        "About £20,000",
    ),
    (APP, 20000, 1, "10-49", {"ages": "22-24", "level": 7, "on": AFTER}, 20000, 20000, "About £20,000"),
    (APP, 20000, 1, "10-49", {"ages": "19-21", "level": 7, "on": AFTER}, 0, 0, NOTHING),
    (APP, 20000, 1, "250+", {"ages": "25+", "level": 7, "on": AFTER}, 20000, 20000, "About £20,000"),
    (
        APP,
        None,
        1,
        "10-49",
        {"ages": "25+", "level": 7, "on": AFTER},
        None,
        None,
        "You would pay the full price",
    ),
    (APP, 20000, 1, "10-49", {"ages": "25+", "level": 6, "on": AFTER}, 1000, 1000, "About £1,000"),
    # Foundation apprenticeships
    (FND, 3000, 2, "10-49", {"ages": "16-18", "on": BEFORE}, 0, 0, NOTHING),
    (FND, 3000, 2, "10-49", {"on": AFTER}, 0, 0, NOTHING),
    (FND, 3000, 1, "10-49", {"ages": "22-24", "on": BEFORE}, 0, 0, NOTHING),
    (FND, 3000, 1, "10-49", {"ages": "25+"}, None, None, "Not open to people aged 25 or over"),
    (FND, 4000, 1, "250+", {"ages": "16-18", "on": AFTER}, 0, 1000, "about £1,000"),
    (
        FND,
        3000,
        1,
        "10-49",
        {"ages": "16-18", "on": date(2025, 7, 31)},
        None,
        None,
        "our rules begin on 1 August 2025",
    ),
    # Apprenticeship units
    (UNIT, 800, 3, "10-49", {"ages": "25+", "on": BEFORE}, 120, 120, "About £120 for 3 people"),
    (UNIT, 800, 3, "10-49", {"ages": "22-24", "on": BEFORE}, 120, 120, "About £120 for 3 people"),
    (UNIT, 800, 3, "10-49", {"ages": "22-24", "on": AFTER}, 0, 120, "Between nothing and about £120"),
    (UNIT, 800, 1, "250+", {"on": AFTER}, 0, 200, "about £200"),
    (UNIT, 800, 1, "10-49", {"ages": "16-18"}, None, None, "Not open to people under 19"),
    (UNIT, 800, 1, "10-49", {"on": date(2026, 4, 27)}, None, None, "our rules begin on 28 April 2026"),
    # Skills Bootcamps
    (BOOT, 3000, 3, "10-49", {"who_for": "present"}, 900, 900, "About £900 for 3 people"),
    (BOOT, 3000, 3, "10-49", {"who_for": "present", "on": BEFORE}, 900, 900, "About £900 for 3 people"),
    (BOOT, 3000, 1, "250+", {"who_for": "present"}, 900, 900, "About £900 for 1 person"),
    (BOOT, 3000, 1, None, {"who_for": "present"}, 300, 900, "About £300 to £900 for 1 person"),
    (BOOT, 3000, 1, "250+", {"who_for": "new"}, 0, 0, "Nothing to pay for people you will hire"),
    (BOOT, 3000, 2, "50-249", {"who_for": "both"}, 0, 600, "Between nothing and about £600"),
    (BOOT, 3000, 1, "0-9", {}, 0, 300, "Between nothing and about £300"),
    (
        BOOT,
        None,
        1,
        "0-9",
        {"who_for": "present"},
        None,
        None,
        "pay 10% of the training price for your own staff",
    ),
    (BOOT, None, 1, None, {"who_for": "present"}, None, None, "pay 10% to 30% of the training price"),
    (BOOT, 3000, 1, "0-9", {"ages": "16-18"}, None, None, "Not open to people under 19"),
    # Adult skills
    (FREE, 900, 2, "10-49", {"on": BEFORE}, 0, 1800, "Between nothing and about £1,800"),
    (FREE, 900, 2, "10-49", {"on": AFTER}, 0, 1800, "Between nothing and about £1,800"),
    (FREE, None, 2, "10-49", {}, 0, None, "You would pay nothing or the full price"),
    (FREE, 900, 1, "10-49", {"ages": "16-18"}, None, None, "Not open to people under 19"),
    ("esol", 400, 6, "50-249", {"ages": "25+"}, 0, 1200, "Between nothing and about £1,200"),
    ("esol", None, 6, "50-249", {"on": BEFORE}, 0, None, "between nothing and 50% of the training price"),
    ("esol", 400, 1, "0-9", {"ages": "16-18"}, 400, 400, "About £400"),
    ("functional-skills", 300, 2, "10-49", {"ages": "25+"}, 0, 300, "Between nothing and about £300"),
    ("functional-skills", 300, 1, "10-49", {"ages": "16-18 25+"}, 0, 300, "Between nothing and about £300"),
    # Placements, and training at the provider's price
    ("t-level-placement", None, 2, None, {"on": BEFORE}, 0, 0, "hosting a placement is free"),
    ("t-level-placement", 0, 2, "250+", {"on": AFTER}, 0, 0, "hosting a placement is free"),
    ("short-course", 295, 4, None, {}, 1180, 1180, "About £1,180 for 4 people"),
    ("short-course", None, 4, None, {}, None, None, "You would pay the full price"),
    ("short-course", 0, 4, None, {}, 0, 0, "the provider lists it as free"),
    ("course", 450.5, 2, "0-9", {}, 901, 901, "About £901 for 2 people"),
    ("htq", 6000, 1, "50-249", {}, 6000, 6000, "About £6,000 for 1 person"),
    ("educator-cpd", 120, None, None, {}, 120, 120, "About £120 for each person"),
    ("leadership-programme", 750, 1, "10-49", {"on": BEFORE}, 750, 750, "About £750"),
]


@pytest.mark.parametrize(("kind", "price", "people", "size", "more", "low", "high", "phrase"), CASES)
def test_the_cost_to_this_employer(
    kind: str,
    price: float | None,
    people: int | None,
    size: str | None,
    more: dict[str, Any],
    low: float | None,
    high: float | None,
    phrase: str,
) -> None:
    # given a kind, a price and an employer, when the cost is worked out
    estimate = cost(kind, price, people, size, **more)

    # then the sums and the words are those of the rules
    assert (estimate.low, estimate.high) == (low, high)
    assert phrase in estimate.words


def test_every_kind_has_a_case_and_there_are_at_least_forty() -> None:
    assert {case[0] for case in CASES} == set(SHARES)
    assert len(CASES) >= 40


def test_the_estimate_names_its_rule_its_date_and_its_source() -> None:
    estimate = cost(BOOT, 3000, 2, "10-49", who_for="present")

    assert estimate.rule == "Firms with under 250 staff pay 10% for their own staff."
    assert estimate.url.startswith("https://")
    assert estimate.source == "DfE employer schemes, Skills Bootcamps"
    assert estimate.as_at == date(2026, 9, 30)


def test_the_estimate_is_as_old_as_its_oldest_rule() -> None:
    rules = load_area().funding
    used = [rules.on("bootcamp-share-small", AFTER), rules.on("bootcamp-share-recruits", AFTER)]

    estimate = cost(BOOT, who_for="both")

    assert estimate.as_at == min(rule.checked_on for rule in used if rule)


def test_a_firm_that_may_pay_the_levy_is_told_what_that_would_mean() -> None:
    middling, small, large = (cost(APP, size=size, ages="25+") for size in ("50-249", "0-9", "250+"))

    assert any("pay bill over £3 million" in note for note in middling.notes)
    assert any("25%" in note for note in middling.notes)
    assert not any("pay bill" in note for note in small.notes)
    assert "25% of the training price once those have run out" in large.rule


def test_an_unknown_size_repeats_no_rule_in_the_notes() -> None:
    estimate = cost(APP, size=None)

    assert not any(note in estimate.rule for note in estimate.notes)


@pytest.mark.parametrize(("on", "wage"), [(date(2026, 3, 31), "£7.55"), (date(2026, 4, 1), "£8.00")])
def test_the_apprentice_wage_is_that_of_the_start_day(on: date, wage: str) -> None:
    assert f"The apprentice minimum wage is {wage} an hour." in cost(APP, ages="25+", on=on).notes


def test_payments_for_young_apprentices_are_mentioned_for_the_young_only() -> None:
    young, older = cost(APP, ages="16-18"), cost(APP, ages="25+")

    assert any(note.startswith("£1,000 is paid to the employer") for note in young.notes)
    assert any("National Insurance" in note for note in young.notes)
    assert not any("£1,000" in note or "National Insurance" in note for note in older.notes)


def test_the_small_firms_payment_is_not_promised_to_large_firms_nor_before_its_first_day() -> None:
    said = [
        cost(APP, size=size, ages="16-18", on=on).notes
        for size, on in (("10-49", AFTER), ("250+", AFTER), ("10-49", BEFORE))
    ]

    assert [any("£2,000" in note for note in notes) for notes in said] == [True, False, False]


def test_before_august_2026_a_care_leaver_of_22_is_said_to_be_free() -> None:
    exception = "At 22 to 24 it is free with an education, health and care plan, or after leaving care."

    assert exception in cost(APP, ages="22-24", on=BEFORE).notes
    assert exception not in cost(APP, ages="22-24", on=AFTER).notes


@pytest.mark.parametrize(("on", "pay"), [(BEFORE, "£25,750"), (AFTER, "£26,800")])
def test_low_pay_is_that_of_the_start_day(on: date, pay: str) -> None:
    assert f"Low pay means under {pay} a year." in cost(FREE, on=on).rule


def test_functional_skills_say_first_who_is_free_by_right() -> None:
    estimate = cost("functional-skills", ages="25+")

    assert estimate.rule.startswith(
        "English and maths up to level 2 are free for adults who have not reached it."
    )
    assert "the government pays about half" in estimate.rule


def test_a_rule_that_ends_before_the_start_day_is_used_and_said_to_have_ended() -> None:
    estimate = cost(FREE, on=date(2027, 9, 1))

    assert "£26,800" in estimate.rule
    assert "The rule we hold ended on 31 July 2027. The next one may differ." in estimate.notes


def test_training_that_is_not_open_gives_no_sum_but_its_rule() -> None:
    estimate = cost(UNIT, ages="16-18")

    assert estimate.low is None
    assert estimate.high is None
    assert "aged 19 or over" in estimate.rule


def test_another_area_has_other_costs_from_the_same_code() -> None:
    example = load_area("example")

    assert cost(APP, 1000, ages="25+", area=example).high == 80
    assert cost(BOOT, 1000, who_for="present", area=example).high == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "seminar"}, "not a kind of training"),
        ({"kind": APP, "size": "10-50"}, "not a size band"),
        ({"kind": APP, "ages": "18"}, "not all age bands"),
        ({"kind": APP, "who_for": "me"}, "not present, new or both"),
        ({"kind": APP, "people": 0}, "at least one"),
        ({"kind": APP, "price": -1}, "not a sum of pounds"),
        ({"kind": APP, "price": float("nan")}, "not a sum of pounds"),
        ({"kind": APP, "max_funding": float("inf")}, "not a sum of pounds"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cost(**wrong)


@given(
    kind=st.sampled_from(sorted(SHARES)),
    price=st.none() | st.floats(0, 50_000),
    people=st.none() | st.integers(1, 500),
    size=st.none() | st.sampled_from(SIZE_BANDS),
    ages=st.frozensets(st.sampled_from(AGES)),
    who_for=st.none() | st.sampled_from(["present", "new", "both"]),
    on=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    level=st.none() | st.integers(0, 8),
    cap=st.none() | st.floats(0, 30_000),
)
def test_any_question_that_makes_sense_is_answered_in_order_and_never_above_the_price(
    kind: str,
    price: float | None,
    people: int | None,
    size: str | None,
    ages: frozenset[str],
    who_for: str | None,
    on: date,
    level: int | None,
    cap: float | None,
) -> None:
    estimate = employer_cost(kind, price, people, size, ages, who_for, on, load_area(), level, cap)

    assert estimate.words
    assert estimate.rule
    if estimate.high is not None:
        assert estimate.low is not None
        assert 0 <= estimate.low <= estimate.high
    if estimate.high is not None and price is not None:
        assert estimate.high <= price * (people or 1) + 0.01


@given(
    kind=st.sampled_from(sorted(SHARES)),
    ages=st.frozensets(st.sampled_from(AGES), min_size=1),
    size=st.sampled_from(SIZE_BANDS),
    on=st.sampled_from([BEFORE, AFTER]),
)
def test_knowing_less_never_narrows_the_range(kind: str, ages: frozenset[str], size: str, on: date) -> None:
    # given an answer for a known size, when the size is not known
    known = employer_cost(kind, 1000, 1, size, ages, None, on, load_area())
    unknown = employer_cost(kind, 1000, 1, None, ages, None, on, load_area())

    # then its range holds the known one
    if known.low is not None and known.high is not None:
        assert unknown.low is not None
        assert unknown.high is not None
        assert unknown.low <= known.low
        assert unknown.high >= known.high
