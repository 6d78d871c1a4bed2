"""The results page shows what was committed, with reasons, and says honestly when nothing fits."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from skillsmatch.area.kinds import Kind
from skillsmatch.extensions import db
from skillsmatch.needs.forgetting import forget
from skillsmatch.needs.models import Facet, Need, NeedMatch
from skillsmatch.offers.models import Offer
from tests.conftest import NOW
from tests.needs.journey import plain, say


def titles(client: FlaskClient, reference: str, query: str = "") -> list[str]:
    page = client.get(f"/needs/{reference}{query}").get_data(as_text=True)
    found = re.findall(r'class="card-title">(?:<a[^>]*>)?([^<]+)', page)
    return [t.strip() for t in found]


def test_a_plain_need_brings_the_training_for_it_first(visitor: FlaskClient) -> None:
    shown = titles(visitor, say(visitor, "TIG welding x4 LE4"))

    assert "tig" in shown[0].casefold() or "weld" in shown[0].casefold()


def test_each_card_says_what_where_when_how_much_and_why(visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence", postcode="LE10", people="2", size_band="10-49")

    words = plain(visitor.get(f"/needs/{reference}"))

    for heading in ("Level", "Where", "Starts", "Length", "Cost to you", "Why it fits", "How to take it up"):
        assert heading in words
    assert " km away" in words
    assert "rules as at" in words and "confirm" in words


def test_what_is_shown_is_what_was_committed_in_order_with_evidence_and_version(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")

    shown = titles(visitor, reference)

    with service.app_context():
        stored = db.session.scalars(select(NeedMatch).order_by(NeedMatch.position)).all()
        assert sorted(m.shown["title"] for m in stored) == sorted(shown)
        assert [m.position for m in stored] == list(range(1, len(stored) + 1))
        assert [m.score for m in stored] == sorted((m.score for m in stored), reverse=True)
        assert all(m.matcher_version and m.evidence["signals"] for m in stored)


def test_several_needs_in_one_text_are_answered_one_by_one(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift x3, someone who knows Sage, and the packers' English")

    page = visitor.get(f"/needs/{reference}").get_data(as_text=True)

    assert page.count('class="facet"') == 3
    with service.app_context():
        facets = db.session.scalars(select(Facet).order_by(Facet.position)).all()
        assert facets[0].people == 3
        assert len({f.theme for f in facets}) == 3
        firsts = [f.matches[0].shown["title"].casefold() for f in facets]
        assert "fork" in firsts[0] and "sage" in firsts[1]


def test_two_needs_said_in_one_breath_are_two(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "TIG welding for two of our fitters, and first aid for the shop floor")

    with service.app_context():
        facets = db.session.scalars(select(Facet).order_by(Facet.position)).all()
        assert [f.theme for f in facets] == ["ENG-WELD", "SAF-FIRSTAID"]
        assert not any(f.is_unmet for f in facets)


def test_what_was_read_out_of_the_words_stands_at_the_top_to_be_put_right(visitor: FlaskClient) -> None:
    reference = say(visitor, "ESOL for 15 packers in Hinckley, evenings")

    words = plain(visitor.get(f"/needs/{reference}"))

    assert "What we understood" in words
    assert "15 (from your words)" in words
    assert "Hinckley (from your words)" in words
    assert "Evenings (from your words)" in words


def test_an_answer_given_wins_over_what_the_words_say(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "ESOL for 15 packers in Hinckley", people="3", postcode="LE13")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert (need.people, need.outcode) == (3, "LE13")


def test_nothing_fitting_is_said_honestly_kept_as_unmet_and_shows_the_nearest_things(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "shotfirer ticket for a quarry")

    words = plain(visitor.get(f"/needs/{reference}"))

    assert "Nothing here fits well yet" in words
    assert "What it shares with your need" in words and "Why it fits" not in words
    assert "on record as unmet" in words
    with service.app_context():
        facet = db.session.scalars(select(Facet)).one()
        assert facet.outcome == facet.signal.outcome == "nothing-fitted"
        assert facet.is_unmet
        assert "no-provision" in facet.reasons
        assert facet.signal.reasons == facet.reasons


def test_a_need_that_is_served_is_not_unmet(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "forklift licence")

    with service.app_context():
        assert db.session.scalars(select(Facet)).one().outcome == "offers-shown"


def test_a_filter_by_kind_shows_only_that_kind(visitor: FlaskClient) -> None:
    reference = say(visitor, "welding")
    page = visitor.get(f"/needs/{reference}").get_data(as_text=True)
    kinds = re.findall(r'<option value="([a-z-]+)"', page)
    assert len(kinds) > 1 and set(kinds) <= set(Kind)

    only = visitor.get(f"/needs/{reference}?kind={kinds[0]}").get_data(as_text=True)

    names = set(re.findall(r'<p class="kind">([^<]+)', only))
    assert len({n.strip() for n in names}) == 1
    assert len(titles(visitor, reference, f"?kind={kinds[0]}")) < len(titles(visitor, reference))


def test_an_unknown_kind_in_the_address_says_so_and_leads_back(visitor: FlaskClient) -> None:
    reference = say(visitor, "welding")

    assert "Show every kind" in plain(visitor.get(f"/needs/{reference}?kind=nonsense"))


def test_an_offer_changed_or_withdrawn_since_is_marked_and_its_card_stays_as_shown(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    with service.app_context():
        first, second = db.session.scalars(select(NeedMatch).order_by(NeedMatch.position).limit(2)).all()
        title = first.shown["title"]
        db.session.execute(
            update(Offer).where(Offer.id == first.offer_id).values(title="New title", digest="other")
        )
        db.session.execute(update(Offer).where(Offer.id == second.offer_id).values(withdrawn_at=NOW))
        db.session.commit()

    words = plain(visitor.get(f"/needs/{reference}"))

    assert "Changed since you searched" in words
    assert "Withdrawn since you searched" in words
    assert title in words and "New title" not in words


def test_a_start_that_has_passed_since_is_marked(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence")
    service.config["CLOCK"] = lambda: NOW + timedelta(days=700)

    assert "Its date has passed since you searched" in plain(visitor.get(f"/needs/{reference}"))


def test_searching_again_uses_todays_catalogue_and_adds_no_signal(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    with service.app_context():
        gone = db.session.scalars(select(NeedMatch).order_by(NeedMatch.position)).first().offer_id
        db.session.execute(update(Offer).where(Offer.id == gone).values(withdrawn_at=NOW))
        db.session.commit()

    answer = visitor.post(f"/needs/{reference}/search-again")

    assert answer.status_code == 303
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert need.search_round == 2
        assert len(need.facets) == 1
        now_shown = [m for m in need.facets[0].matches if m.search_round == 2]
        assert now_shown and gone not in [m.offer_id for m in now_shown]
    assert "Withdrawn since" not in plain(visitor.get(f"/needs/{reference}"))


def test_an_unknown_reference_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/needs/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert visitor.post("/needs/AAAAAAAAAAAAAAAAAAAAAA/search-again").status_code == 404


def test_the_reference_cannot_be_guessed_and_the_page_is_neither_indexed_nor_passed_on(
    visitor: FlaskClient,
) -> None:
    references = {say(visitor, "welding") for _ in range(3)}
    page = visitor.get(f"/needs/{references.pop()}")

    assert len(references) == 2 and all(len(r) >= 22 for r in references)  # 128 bits
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_never_shows_the_email_or_the_business_name(visitor: FlaskClient) -> None:
    reference = say(visitor, "welding", email="owner@longline.example", business_name="Longline Pallets")

    page = visitor.get(f"/needs/{reference}").get_data(as_text=True)

    assert "longline" not in page.casefold()


def test_a_place_outside_the_area_is_taken_and_said(visitor: FlaskClient) -> None:
    reference = say(visitor, "welding", postcode="M1 1AE")

    assert "outside Leicester" in plain(visitor.get(f"/needs/{reference}"))


def test_without_an_index_the_need_is_kept_and_searched_for_once_there_is_one(app: Flask) -> None:
    from pathlib import Path

    from skillsmatch.needs.changing import search_waiting
    from skillsmatch.offers.loading import load_offers

    client = app.test_client()
    reference = say(client, "forklift licence")
    assert "We could not search just now" in plain(client.get(f"/needs/{reference}"))

    with app.app_context():
        load_offers(Path(app.root_path) / "area" / "leicestershire" / "demonstration.csv")
        assert search_waiting(app.extensions["area"]) == 1
        assert search_waiting(app.extensions["area"]) == 0

    assert "forklift" in titles(client, reference)[0].casefold()


def test_a_place_outside_the_area_is_said_and_distances_still_stand(visitor: FlaskClient) -> None:
    # given an employer in Burton upon Trent, outside the area
    reference = say(visitor, "forklift licence", postcode="DE14 1AA")

    # when the page is read
    words = plain(visitor.get(f"/needs/{reference}"))

    # then both are there
    assert "Your place is outside" in words
    assert " km away" in words


def test_a_place_a_date_or_a_time_that_was_read_is_never_called_missing(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "TIG welding apprentice, level 3, in Hinckley, in January, evenings, and quantum annealing")

    with service.app_context():
        told = [
            m.evidence["missing"] + [g["words"] for g in m.evidence["gaps"] if g["code"] == "words"]
            for m in db.session.scalars(select(NeedMatch))
        ]
        said = " ".join(word for words in told for word in words).casefold()
    assert "annealing" in said
    assert not re.search(r"january|hinckley|evening|level|apprentice", said)


def test_what_is_said_of_one_skill_is_not_asked_of_the_other(service: Flask, visitor: FlaskClient) -> None:
    say(visitor, "Two welders need TIG on stainless, level 3. Also someone to do Sage accounts.")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert [(f.people, f.level) for f in need.live_facets] == [(2, 3), (None, None)]
        assert (need.people, need.level) == (None, None)
        gaps = [g["code"] for m in need.live_facets[1].matches for g in m.evidence["gaps"]]
        assert "level" not in gaps


def test_an_answer_wins_over_the_words_of_a_single_need_in_its_signal_and_its_costs(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "TIG welding level 3 for 15 fitters", people="2", level="2")

    with service.app_context():
        facet = db.session.scalars(select(Facet)).one()
        assert (facet.signal.people, facet.signal.level) == (2, 2)
        assert {
            g["code"] for m in facet.matches if m.offer.level == 2 for g in m.evidence["gaps"]
        }.isdisjoint({"level"})
        assert any("for 2 people" in m.shown["cost_words"] for m in facet.matches)


def order_words(client: FlaskClient, reference: str) -> list[str]:
    """What each card says of its place, in the order of the cards."""
    page = client.get(f"/needs/{reference}").get_data(as_text=True)
    lists = re.findall(r'class="quiet order">.*?<ul class="small">(.*?)</ul>', page, re.S)
    return [unescape(" ".join(re.findall("<li>(.*?)</li>", each))) for each in lists]


def test_each_card_says_why_it_stands_in_its_place(visitor: FlaskClient) -> None:
    told = order_words(visitor, say(visitor, "two welders, TIG mainly", postcode="LE4"))

    assert len(told) > 10
    for words in told:
        parts = re.search(r"What counted: (.*?)\.", words)
        assert parts and sum(int(n) for n in re.findall(r"(\d+)%", parts[1])) == 100
    assert "its title says TIG" in told[0] or "its text says welders and TIG" in told[0]
    assert all("the next one" in words for words in told[:-1]) and "the next one" not in told[-1]
    assert any(
        re.search(r"It lost \d+% of that for this: .*km beyond the usual 25 km", words) for words in told
    )
    assert any(re.search(r"It lost \d+% of that for this: it is [\d.]+ km away", words) for words in told)


def test_the_order_is_explained_by_the_very_shares_that_were_stored(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    with service.app_context():
        first = db.session.scalars(select(NeedMatch).order_by(NeedMatch.position)).first()
        assert first is not None
        assert abs(sum(first.evidence["signals"].values()) - first.score) < 1e-9

        first.evidence = {**first.evidence, "signals": {"name letters": first.score}}
        db.session.commit()

    assert order_words(visitor, reference)[0].startswith(
        "Mostly because its title is spelled like your words. What counted: 100% how its title is spelled."
    )


def test_the_terminal_gives_the_page_s_reasons_for_the_order(service: Flask, visitor: FlaskClient) -> None:
    told = order_words(visitor, say(visitor, "forklift licence"))
    run = service.test_cli_runner().invoke

    answer = json.loads(run(args=["needs", "match", "forklift licence", "--json"]).stdout)
    offer = str(answer["offers"][0]["id"])

    assert [" ".join(o["order"]) for o in answer["offers"]] == told[: len(answer["offers"])]
    explained = run(args=["matching", "explain", "forklift licence", "--offer", offer]).stdout
    assert told[0].partition("It stands")[0] in explained


def test_a_need_whose_words_were_forgotten_still_says_why_without_quoting_them(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    assert "says forklift" in " ".join(order_words(visitor, reference))
    with service.app_context():
        forget(db.session.scalars(select(Need)).one())
        db.session.commit()

    told = order_words(visitor, reference)

    assert told and "says forklift" not in " ".join(told)


@pytest.mark.parametrize(
    "text", ["Necesitamos formación en soldadura para nuestros empleados", "xqztvbkp wrrgfdq", "🚜🚜"]
)
def test_what_cannot_be_read_as_english_is_told_kindly(visitor: FlaskClient, text: str) -> None:
    words = plain(visitor.get(f"/needs/{say(visitor, text)}"))

    assert "We could not read this as English" in words and "Try short phrases" in words


def test_plain_english_is_not_called_unreadable(visitor: FlaskClient) -> None:
    for text in ("TIG welding x4 LE4", "alergen trainign for curry house staff", "IPAF 3a 3b", "x"):
        assert "read this as English" not in plain(visitor.get(f"/needs/{say(visitor, text)}")), text
