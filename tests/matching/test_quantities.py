"""People, places, levels, times and money read out of a text."""

from __future__ import annotations

import pytest

from skillsmatch.matching import quantities as q

TOWNS = ("Leicester", "Loughborough", "Hinckley", "Melton Mowbray", "Ashby", "Market Harborough")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("forklift x3", 3),
        ("3 x forklift", 3),
        ("first aid for 12 staff", 12),
        ("train a couple of people in welding", 2),
        ("half a dozen first aiders", 6),
        ("fire safety for a gang of eight", 8),
        ("take on two apprentices", 2),
        ("taking on three bricklayers", 3),
        ("food hygiene, 9 of us", 9),
        ("minibus training for two", 2),
        ("excel for my wife", 1),
        ("around 25 line operatives need English", 25),
        # numbers of other things
        ("level 3 apprentice", None),
        ("HGV class 2 drivers", None),
        ("18th edition", None),
        ("IPAF 3a 3b", None),
        ("driver CPC 35 hours", None),
        ("our 38 bed home", None),
        ("we are a firm of joiners, 35 staff, and need Excel", None),
        ("we have 60 staff", None),
        ("About 120 on the shop floor", None),
        ("the one person who knows it retires", None),
        ("ISO 9001 audit", None),
        ("", None),
    ],
)
def test_the_people_to_train_are_counted_and_other_numbers_are_not(text: str, people: int | None) -> None:
    assert q.read_people(text) == people


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("we are in LE10 1AA", "LE10 1AA"),
        ("le101aa", "LE10 1AA"),
        ("welding x4 le4", "LE4"),
        ("near Ashby (LE65)", "LE65"),
        ("a pub in CV13, small", "CV13"),
        ("SW1A 2AA", "SW1A 2AA"),
        # licences, levels and standards
        ("D1 minibus", None),
        ("C1 licence", None),
        ("L3 diploma", None),
        ("PA1 and PA6 spraying", None),
        ("ST0349", None),
        ("ISO 9001", None),
        ("PRINCE2", None),
        ("", None),
    ],
)
def test_postcodes_are_told_from_licences_and_levels(text: str, postcode: str | None) -> None:
    assert q.read_postcode(text) == postcode


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a salon in Hinckley", "Hinckley"),
        ("near melton mowbray", "Melton Mowbray"),
        ("part time, hinkley", "Hinckley"),
        ("loughboro area", "Loughborough"),
        ("Loughborough or Leicester", "Loughborough"),
        ("the ashbyston works", None),
        ("nowhere in particular", None),
    ],
)
def test_named_towns_are_found_and_a_slip_in_a_long_name_is_forgiven(text: str, place: str | None) -> None:
    assert q.read_place(text, TOWNS) == place


def test_without_names_of_places_none_is_found() -> None:
    assert q.read_place("a salon in Hinckley", ()) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("HACCP level 3", 3),
        ("CIPD L5 evening", 5),
        ("nvq 2 care", 2),
        ("NVQ level two", 2),
        ("Level 7 / MBA", 7),
        ("ESOL entry 2", 0),
        ("entry level maths", 0),
        ("level 9", None),
        ("high level meeting", None),
        ("", None),
    ],
)
def test_levels_are_read_in_digits_words_and_short_forms(text: str, level: int | None) -> None:
    assert q.read_level(text) == level


@pytest.mark.parametrize(
    ("text", "modes"),
    [
        ("an hour online each", {"online"}),
        ("could you come to us", {"workplace"}),
        ("on site at shift change", {"workplace"}),
        ("they are not talking when they come to us", set()),
        ("face to face or by zoom", {"classroom", "online"}),
        ("welding", set()),
    ],
)
def test_modes_are_read(text: str, modes: set[str]) -> None:
    assert q.read_modes(text) == modes


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("AAT evenings or saturdays", {"evening", "weekend"}),
        ("one day at college", {"block"}),
        ("day release", {"block"}),
        ("afternoons", {"daytime"}),
        ("ESOL, 20 people, nights", {"evening"}),
        ("fire marshals for nights", set()),
        ("half my night shift", set()),
        ("every day", set()),
    ],
)
def test_times_of_day_are_read(text: str, times: set[str]) -> None:
    assert q.read_attendance(text) == times


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("welding asap", "now"),
        ("right now", "now"),
        ("staff who now have to book jobs", None),
        ("by June", "6-months"),
        ("this summer", "6-months"),
        ("next year", "1-year"),
        ("in three years' time", "3-years"),
        ("our bill has doubled in three years", None),
        ("", None),
    ],
)
def test_when_is_read_and_the_past_is_not(text: str, when: str | None) -> None:
    assert q.read_when(text) == when


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("take on two school leavers", "new"),
        ("our packers need English", "present"),
        ("our office manager to learn CAD and a joinery apprentice", "both"),
        ("first aid", None),
    ],
)
def test_present_staff_are_told_from_new(text: str, who: str | None) -> None:
    assert q.read_who_for(text) == who


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("within 10 miles", 16.1),
        ("up to 20km", 20.0),
        ("can travel 5 miles", 8.0),
        ("10 miles of cable", None),
        ("", None),
    ],
)
def test_how_far_people_can_travel_is_told_in_kilometres(text: str, km: float | None) -> None:
    assert q.read_distance(text) == km


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("budget £1,500", 1500.0),
        ("£2k", 2000.0),
        ("500 quid", 500.0),
        ("£99.50 each", 99.5),
        ("no money", None),
    ],
)
def test_sums_of_money_are_read_in_pounds(text: str, pounds: float | None) -> None:
    assert q.read_budget(text) == pounds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a joinery apprentice", "apprenticeship"),
        ("foundation apprenticeship", "foundation-apprenticeship"),
        ("T-level student", "t-level-placement"),
        ("ESOL entry 2", "esol"),
        ("English lessons for cleaners", "esol"),
        ("functional skills maths", "functional-skills"),
        ("a bootcamp in data", "skills-bootcamp"),
        ("an HNC in engineering", "htq"),
        ("a lad or lass to train", "apprenticeship"),
        ("welding", None),
    ],
)
def test_kinds_of_training_are_told_by_their_words(text: str, kind: str | None) -> None:
    assert q.read_kind(text) == kind


def test_what_is_left_without_the_quantities_is_about_skills() -> None:
    text = "TIG welding x4 within 10 miles of LE4 5AB near Hinckley for £500"
    assert q.without_quantities(text, TOWNS).split()[:2] == ["TIG", "welding"]
    assert not {"x4", "LE4", "Hinckley", "£500"} & set(q.without_quantities(text, TOWNS).split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bench joinery apprentice for Sept", "bench joinery apprentice"),
        ("TIG welding in January 2027, please", "TIG welding , please"),
        ("a course by the end of March", "a course"),
        ("bricklayers this summer", "bricklayers"),
        ("May Gurney machine training", "May Gurney machine training"),
        ("long-term conditions", "long-term conditions"),
    ],
)
def test_a_date_is_no_part_of_a_skill(text: str, left: str) -> None:
    assert q.without_quantities(text, TOWNS) == left


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("TIG, level 3, in January, evenings", {"level", "3", "in", "january", "evenings"}),
        ("welding in Hinckley", {"in", "hinckley"}),
        ("CIPD L5", {"l5"}),
        ("dementia, face to face, 12 staff", {"face", "to"}),
        ("two apprentices straight from school", {"two", "apprentices", "straight", "from", "school"}),
        ("minibus training for £500 or less", {"500"}),
        ("TIG welding for two of our fitters", {"two", "of", "our", "fitters"}),
        ("take on three fitters", {"three"}),
        # named after a skill, or said of the skill elsewhere in the text
        ("English lessons for the packers", set()),
        ("house building, in house", {"in"}),
    ],
)
def test_words_that_only_say_when_where_or_which_level_are_told_from_the_skill(
    text: str, wishes: set[str]
) -> None:
    assert q.wishes_of(text, TOWNS) == wishes
