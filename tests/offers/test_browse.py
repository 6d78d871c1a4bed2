"""Browse, an offer's page and a provider's page, on both databases."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from skillsmatch.extensions import db
from skillsmatch.offers import browsing
from skillsmatch.offers.browsing import ANYWHERE, ELSEWHERE, Filters
from skillsmatch.offers.models import Catalogue, Offer, Provider, Venue
from skillsmatch.offers.wording import place_words

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC).replace(tzinfo=None)  # as it is stored
LEICESTER, MELTON = "E06000016", "E07000133"
COLLEGE, ADULTS = 10003867, 10003866


def day(days: int) -> str:
    return (TODAY + timedelta(days)).isoformat()


AddOffer = Callable[..., int]


@pytest.fixture
def add(app: Flask) -> AddOffer:
    """Adds one offer and gives its number; what is not said is a plain short course in Leicester."""

    def add_one(title: str, ukprn: int = COLLEGE, district: str | None = LEICESTER, **fields: object) -> int:
        with app.app_context():
            provider = db.session.query(Provider).filter_by(ukprn=ukprn).one_or_none()
            if provider is None:
                provider = Provider(
                    ukprn=ukprn, name={COLLEGE: "Leicester College"}.get(ukprn, f"Provider {ukprn}")
                )
                db.session.add(provider)
                db.session.flush()
            venue = None
            if district is not None:
                wanted = {"provider_id": provider.id, "name": f"Site {district}", "postcode": "LE1 1AA"}
                venue = db.session.query(Venue).filter_by(**wanted).one_or_none()
                venue = venue or Venue(**wanted, town="Leicester", district=district)
            values: dict[str, Any] = {"kind": "short-course", "route": "engineering", "mode": "classroom"}
            values |= {"start_dates": [day(30)], "source_ref": uuid.uuid4().hex, **fields}
            offer = Offer(
                title=title, provider=provider, venue=venue, source="ncs-live-courses", digest="d",
                confirmed_on=TODAY, created_at=NOW, changed_at=NOW, **values,
            )  # fmt: skip
            db.session.add(offer)
            db.session.commit()
            return offer.id

    return add_one


def titles(page: str) -> list[str]:
    """The titles of the cards on a page, in order."""
    return [unescape(t) for t in re.findall(r'class="card-title"><a [^>]*>([^<]*)<', page)]


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def test_an_empty_catalogue_says_so_and_offers_the_form(client: FlaskClient) -> None:
    page = text_of(client, "/offers")

    assert "No training has been loaded yet" in page
    assert 'href="/needs/new"' in page


def test_offers_are_listed_by_title_with_passed_dates_last(client: FlaskClient, add: AddOffer) -> None:
    # given one whose date has passed, one that can start at any time, and two to come
    add("An old course", start_dates=[day(-90), day(-1)])
    add("Zinc plating")
    add("forklift driving", start_dates=[day(-400), day(0)])
    add("Any day you like", start_dates=[day(-90)], flexible_start=True)
    add("Never dated", start_dates=[])

    # when the list is opened
    page = text_of(client, "/offers")

    # then capital letters do not matter, and only the passed one stands behind
    assert titles(page) == [
        "Any day you like",
        "forklift driving",
        "Never dated",
        "Zinc plating",
        "An old course",
    ]
    assert page.count("Date has passed") == 1


def test_a_withdrawn_offer_is_not_listed_or_counted(client: FlaskClient, add: AddOffer) -> None:
    add("Here")
    add("Gone", withdrawn_at=NOW)

    page = text_of(client, "/offers")

    assert titles(page) == ["Here"]
    assert "1 offer<" in page


def test_each_filter_narrows_and_they_work_together(client: FlaskClient, add: AddOffer) -> None:
    add("Welding in Leicester")
    add("Welding in Melton", district=MELTON)
    add("Apprentice welder", kind="apprenticeship")
    add("Care in Leicester", route="care")

    assert titles(text_of(client, "/offers?kind=apprenticeship")) == ["Apprentice welder"]
    assert titles(text_of(client, "/offers?route=care")) == ["Care in Leicester"]
    assert titles(text_of(client, f"/offers?district={MELTON}")) == ["Welding in Melton"]
    assert titles(text_of(client, f"/offers?route=engineering&district={LEICESTER}&kind=short-course")) == [
        "Welding in Leicester"
    ]


def test_a_count_says_how_many_a_reader_would_then_see(app: Flask, add: AddOffer) -> None:
    # given offers of two kinds in two places
    for number in range(3):
        add(f"A{number}")
    add("B", kind="esol")
    add("C", kind="esol", district=MELTON)

    with app.app_context():
        area = app.extensions["area"]
        # when a place is chosen
        chosen = Filters(district=LEICESTER)
        counts = {c.value: c.count for c in browsing.choices(chosen, area)["kind"]}

        # then the kinds count inside that place, and each count is what the list holds
        assert counts == {"short-course": 3, "esol": 1}
        for kind, count in counts.items():
            assert browsing.browse(Filters(kind=kind, district=LEICESTER), 1, area, TODAY).total == count
        # and the places still count all of it, so that another can be chosen
        assert {c.value: c.count for c in browsing.choices(chosen, area)["district"]} == {
            LEICESTER: 4,
            MELTON: 1,
        }


def test_online_and_distant_offers_have_a_place_of_their_own(app: Flask, add: AddOffer) -> None:
    add("Online, no venue", district=None, mode="online")
    add("Online, from Leicester", mode="online")
    add("At any workplace", mode="workplace", national=True)
    add("In Derby", district="E06000015")
    add("Who knows where", district="")
    add("Anywhere, with a class in Leicester", national=True)

    with app.app_context():
        places = browsing.choices(Filters(), app.extensions["area"])["district"]

        assert {c.value: c.count for c in places} == {LEICESTER: 1, ANYWHERE: 3, ELSEWHERE: 2}


def test_the_place_on_a_card_is_the_place_it_is_found_under(client: FlaskClient, add: AddOffer) -> None:
    # given a course taught online by a college in Leicester
    add("Bookkeeping at home", mode="online")

    # when a reader asks for training that can be had anywhere, then for Leicester's
    anywhere = text_of(client, f"/offers?district={ANYWHERE}")
    leicester = text_of(client, f"/offers?district={LEICESTER}")

    # then it is listed once, where its card says it is
    assert titles(anywhere) == ["Bookkeeping at home"]
    assert "<dd>Online</dd>" in anywhere
    assert titles(leicester) == []


@pytest.mark.parametrize(
    ("name", "town", "words"),
    [
        ("Stephenson Campus, Coalville", "Coalville", "Stephenson Campus, Coalville"),
        ("Abbey Park Campus", "Leicester", "Abbey Park Campus, Leicester"),
        ("Leicester College", "Leicester", "Leicester College, Leicester"),
        ("Hinckley", "", "Hinckley"),
    ],
)
def test_a_town_is_said_once(name: str, town: str, words: str) -> None:
    venue = Venue(name=name, town=town)

    assert place_words(Offer(mode="classroom", national=False, venue=venue)) == words


def test_pages_hold_twenty_and_every_offer_once(client: FlaskClient, add: AddOffer) -> None:
    # given 41 offers, many of the same title
    numbers = {add("Same title", source_ref=str(n)) for n in range(41)}

    # when all pages are read
    pages = [text_of(client, f"/offers?page={n}") for n in (1, 2, 3)]
    found = [re.findall(r'card-title"><a href="/offers/(\d+)"', page) for page in pages]

    # then none is missing and none stands twice
    assert [len(some) for some in found] == [20, 20, 1]
    assert {int(n) for some in found for n in some} == numbers
    assert 'href="/offers?page=2"' in pages[0]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[2]
    assert "Page 2 of 3" in pages[1]
    assert 'start="21"' in pages[1]


@pytest.mark.parametrize("page", ["99", "99999999999999999999999", "0", "-1", "two"])
def test_a_page_that_is_not_there_shows_the_nearest(client: FlaskClient, add: AddOffer, page: str) -> None:
    add("Only one")

    assert titles(text_of(client, f"/offers?page={page}")) == ["Only one"]


def test_filters_that_are_on_can_be_removed_one_by_one(client: FlaskClient, add: AddOffer) -> None:
    add("Welding")

    page = text_of(client, f"/offers?kind=short-course&district={LEICESTER}")

    assert f'href="/offers?district={LEICESTER}"' in page
    assert 'href="/offers?kind=short-course"' in page
    assert "<title>Short courses, Leicester: Browse training – skillsmatch</title>" in page


def test_filters_with_nothing_behind_them_say_what_to_do(client: FlaskClient, add: AddOffer) -> None:
    add("Welding")

    page = text_of(client, "/offers?kind=esol")

    assert titles(page) == []
    assert "fits all of these choices" in page
    assert 'href="/offers"' in page


@pytest.mark.parametrize(
    "query",
    [
        "kind=night-school",
        "route=magic",
        "district=E99999999",
        "provider=1",
        "provider=19999999",
        "kind=%00",
        "provider=x",
    ],
)
def test_a_mistyped_filter_is_not_found(client: FlaskClient, add: AddOffer, query: str) -> None:
    add("Welding")

    text_of(client, f"/offers?{query}", status=404)


def test_an_offer_shows_all_that_is_known_in_words(client: FlaskClient, add: AddOffer) -> None:
    # given an offer with every field
    number = add(
        "MIG welding",
        level=2,
        attendance="evening",
        study_mode="part-time",
        duration_value=Decimal("12.00"),
        duration_unit="weeks",
        cost=Decimal("350.00"),
        cost_description="Includes a mask",
        lars_ref="60301112",
        entry_requirements="Steady hands",
        assessment="A test piece",
        awarding_body="City body",
        who_for="For fabricators",
        what_learned="Fillet and butt joints",
        start_dates=[day(-5), day(30), day(60)],
        url="https://example.org/mig",
        source_updated=date(2026, 11, 2),
    )

    # when its page is opened
    page = text_of(client, f"/offers/{number}")

    # then each is there as people say it
    for words in (
        *(
            "Short course",
            "Level 2 (like GCSEs at grades 9 to 4)",
            "Evenings",
            "Part time",
            "12 weeks",
            "£350",
        ),
        *("Includes a mask", "learning aim 60301112", "Steady hands", "A test piece", "City body"),
        *(
            "For fabricators",
            "Fillet and butt joints",
            "Wednesday 23 December 2026",
            "Friday 22 January 2027",
        ),
        *("In a classroom or workshop", "Engineering and manufacturing", "Site E06000016", "LE1 1AA"),
        *("In Leicester", 'href="https://example.org/mig"', "Last confirmed on Monday 23 November 2026"),
        *("changed on Monday 2 November 2026", f'href="/providers/{COLLEGE}"', "About £350 for each person"),
    ):
        assert words in page, words
    # and a start that has gone is not offered
    assert "18 November 2026" not in page


def test_an_offer_that_says_little_still_makes_sense(client: FlaskClient, add: AddOffer) -> None:
    number = add("Something", district=None, start_dates=[], mode="", kind="course")

    page = text_of(client, f"/offers/{number}")

    assert "Level not given" in page
    assert "No date given yet" in page
    assert "Price not given" in page
    assert "None" not in page


def test_a_cost_rule_stands_on_an_apprenticeship_without_a_firm_to_judge(
    client: FlaskClient, add: AddOffer
) -> None:
    number = add("Welder", kind="apprenticeship", level=3, cost=Decimal("9000"), standard_ref="ST0349")

    page = text_of(client, f"/offers/{number}")

    assert "apprenticeship standard ST0349" in page
    assert "This is an estimate for one person, for a firm of any size" in page
    assert (
        "Between nothing and about £2,250" in page
    )  # 25% of £9,000 is the most, for a levy payer out of funds


def test_a_withdrawn_offer_answers_and_says_so(client: FlaskClient, add: AddOffer) -> None:
    number = add("Gone", withdrawn_at=NOW, url="https://example.org/x")

    page = text_of(client, f"/offers/{number}")

    assert "This training is no longer on offer" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "How to take it up" not in page


def test_a_passed_offer_says_so_first(client: FlaskClient, add: AddOffer) -> None:
    number = add("Past", start_dates=[day(-2)])

    page = text_of(client, f"/offers/{number}")

    assert page.index("Every start date we know of has gone") < page.index("The main facts")
    assert '<meta name="robots"' not in page


@pytest.mark.parametrize("number", ["0", "4711", "2147483648", "9" * 30, "-1", "x"])
def test_an_offer_that_does_not_exist_is_not_found(client: FlaskClient, number: str) -> None:
    text_of(client, f"/offers/{number}", status=404)


def test_other_runs_of_the_same_course_are_one_link_away(client: FlaskClient, add: AddOffer) -> None:
    first = add("MIG welding", source_ref="1")
    second = add("MIG welding", source_ref="2", district=MELTON, start_dates=[day(90)])
    add("MIG welding", ukprn=ADULTS)
    add("MIG welding", source_ref="3", withdrawn_at=NOW)

    page = text_of(client, f"/offers/{first}")

    assert re.findall(r'<li><a href="/offers/(\d+)">', page) == [str(second)]
    assert "Site E07000133, Leicester: Sunday 21 February 2027" in page


def test_the_way_back_to_the_results_is_kept(client: FlaskClient, add: AddOffer) -> None:
    number = add("Welding")

    page = text_of(client, f"/offers/{number}?need=abcDEF_-0123456789abcd")

    assert 'href="/needs/abcDEF_-0123456789abcd"' in page
    assert "noindex" in page
    assert "Back to your results" not in text_of(client, f"/offers/{number}?need=//evil.example/abcdefgh")


def test_what_a_file_says_cannot_become_markup_or_a_script(client: FlaskClient, add: AddOffer) -> None:
    # given an offer whose words and address are an attack
    number = add("<b>Bold</b>", who_for="<script>alert(1)</script>", url="javascript:alert(1)")

    # when its pages are opened
    pages = [
        client.get(a).get_data(as_text=True)
        for a in (f"/offers/{number}", "/offers", f"/providers/{COLLEGE}")
    ]

    # then they are words
    for page in pages:
        assert "<script>" not in page
        assert page.count("<script") == page.count('<script type="application/ld+json">')
        assert "<b>Bold" not in page
        assert "javascript:" not in page


def test_a_provider_shows_its_offers_by_kind_and_where_it_teaches(client: FlaskClient, add: AddOffer) -> None:
    # given a provider with two kinds in two places, one of them no longer on offer
    add("MIG welding")
    add("English for engineers", kind="esol", level=0, district=MELTON)
    add("Old thing", kind="htq", district="E07000130", withdrawn_at=NOW)

    # when its page is opened
    page = text_of(client, f"/providers/{COLLEGE}")

    # then each kind has its offers and each place in use is named
    assert "<h1>Leicester College</h1>" in page
    assert "2 offers on our list" in page
    assert page.index("MIG welding") < page.index("English for engineers")
    assert "Site E07000133" in page
    assert "Old thing" not in page
    assert "Site E07000130" not in page


def test_a_large_provider_shows_some_of_each_kind_and_links_to_the_rest(
    client: FlaskClient, add: AddOffer
) -> None:
    for number in range(browsing.SHOWN_PER_KIND + 3):
        add(f"Course {number:02}")
    add("Elsewhere", ukprn=ADULTS)

    page = text_of(client, f"/providers/{COLLEGE}")
    link = re.search(r'href="(/offers\?[^"]*)">See all 15', page)

    assert link is not None
    assert len(re.findall(r'<a href="/offers/\d+">Course', page)) == browsing.SHOWN_PER_KIND
    rest = text_of(client, link.group(1))
    assert len(titles(rest)) == 15
    assert 'name="provider" value="10003867"' in rest
    assert "Leicester College" in rest


def test_a_provider_with_nothing_left_says_so(client: FlaskClient, add: AddOffer) -> None:
    add("Gone", withdrawn_at=NOW)

    page = text_of(client, f"/providers/{COLLEGE}")

    assert "This provider has no training on our list now" in page


@pytest.mark.parametrize("ukprn", ["10009999", "1", "100038670", "x"])
def test_a_provider_that_does_not_exist_is_not_found(client: FlaskClient, ukprn: str) -> None:
    text_of(client, f"/providers/{ukprn}", status=404)


def test_the_banner_comes_and_goes_with_demonstration_offers(
    app: Flask, client: FlaskClient, add: AddOffer
) -> None:
    # given a catalogue of real offers
    real = add("Real")
    with app.app_context():
        db.session.add(Catalogue(id=1, number=1))
        db.session.commit()
    assert "Demonstration data" not in text_of(client, "/about")

    # when a demonstration offer is loaded
    made_up = add("Made up", demonstration=True)
    with app.app_context():
        db.session.get_one(Catalogue, 1).number = 2
        db.session.commit()

    # then every page says so, and only that offer is marked
    assert "Demonstration data" in text_of(client, "/about")
    assert "We made this offer up" in text_of(client, f"/offers/{made_up}")
    assert "We made this offer up" not in text_of(client, f"/offers/{real}")


def test_the_demonstration_setting_shows_the_banner_whatever_is_loaded(
    app: Flask, client: FlaskClient
) -> None:
    app.config["DEMO"] = True

    assert "Demonstration data" in text_of(client, "/offers")


def test_reading_the_catalogue_writes_nothing_and_sets_no_cookie(
    app: Flask, client: FlaskClient, add: AddOffer
) -> None:
    number = add("Welding")
    said: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    for address in ("/offers", f"/offers/{number}", f"/providers/{COLLEGE}", "/", "/kinds"):
        assert "Set-Cookie" not in client.get(address).headers

    assert said
    assert not [s for s in said if not s.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA", "SET"))]
