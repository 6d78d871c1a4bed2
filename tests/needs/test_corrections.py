"""Putting right what we understood ranks again, is kept, and never logs the need twice."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Correction, Facet, Need
from tests.needs.journey import fields_of, plain, say


def put_right(client: FlaskClient, reference: str, **changes: object) -> int:
    page = client.get(f"/needs/{reference}/correct")
    return client.post(f"/needs/{reference}/correct", data=fields_of(page) | changes).status_code


def corrections(app: Flask) -> list[tuple[str, object, object]]:
    with app.app_context():
        rows = db.session.scalars(select(Correction).order_by(Correction.id)).all()
        return [(c.field, c.before, c.after) for c in rows]


def test_sending_the_page_unchanged_corrects_nothing(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "ESOL for 15 packers in Hinckley, evenings")

    assert put_right(visitor, reference) == 303

    assert corrections(service) == []


def test_a_corrected_number_place_and_time_are_kept_and_rank_again(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "ESOL for 15 packers in Hinckley")

    assert put_right(visitor, reference, people="12", postcode="LE13", attendance=["weekend"]) == 303

    assert {c[0] for c in corrections(service)} >= {"people", "place", "attendance"}
    assert ("people", 15, 12) in corrections(service)
    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert (need.people, need.outcode, need.attendance) == (12, "LE13", ["weekend"])
        assert "people" not in need.from_words
        assert need.search_round == 2
        signal = db.session.scalars(select(DemandSignal)).one()
        assert signal.people == 12
        assert signal.district == need.district == "E07000133"


def test_a_reworded_facet_is_the_same_facet_with_the_same_signal(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "fork truck")
    with service.app_context():
        before = db.session.scalars(select(Facet)).one()
        number, signal = before.id, before.signal_id

    assert put_right(visitor, reference, facet_1="first aid at work") == 303

    with service.app_context():
        facet = db.session.scalars(select(Facet)).one()
        assert (facet.id, facet.signal_id) == (number, signal)
        assert facet.text == "first aid at work"
        latest = [m for m in facet.matches if m.search_round == 2]
        assert "first aid" in latest[0].shown["title"].casefold()
        assert db.session.scalar(select(func.count()).select_from(DemandSignal)) == 1
    assert [c[0] for c in corrections(service)] == ["facet"]


def test_an_added_facet_gets_a_signal_and_a_removed_one_stops_counting(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")

    put_right(visitor, reference, added="Sage payroll", remove_1="y")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert [f.text for f in need.live_facets] == ["Sage payroll"]
        removed = next(f for f in need.facets if f.removed_at)
        assert removed.signal.withdrawn_at is not None
        assert need.live_facets[0].signal.withdrawn_at is None
    assert (
        "forklift licence"
        not in plain(visitor.get(f"/needs/{reference}")).casefold().split("what we")[1][:200]
    )


def test_taking_everything_out_is_refused_in_words(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence")
    page = visitor.get(f"/needs/{reference}/correct")

    answer = visitor.post(f"/needs/{reference}/correct", data=fields_of(page) | {"remove_1": "y"})

    assert answer.status_code == 422
    assert "Keep at least one skill" in plain(answer)
    with service.app_context():
        assert len(db.session.scalars(select(Need)).one().live_facets) == 1


def test_a_wrong_answer_keeps_what_was_typed(visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence")
    page = visitor.get(f"/needs/{reference}/correct")

    answer = visitor.post(
        f"/needs/{reference}/correct",
        data=fields_of(page) | {"people": "lots", "facet_1": "counterbalance truck"},
    )

    assert answer.status_code == 422
    kept = fields_of(answer)
    assert kept["people"] == "lots" and kept["facet_1"] == "counterbalance truck"


def test_a_corrected_theme_and_occupation_are_confirmed_on_the_signal(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence")
    with service.app_context():
        choices = db.session.scalars(select(Facet)).one().choices
        theme, soc = choices["themes"][1][0], choices["soc"][1][0]

    put_right(visitor, reference, theme_1=theme, soc_1=soc)

    with service.app_context():
        signal = db.session.scalars(select(DemandSignal)).one()
        assert (signal.theme, signal.theme_confirmed) == (theme, True)
        assert signal.soc_confirmed == soc
        assert signal.soc_guessed == choices["soc"][0][0]
    visitor.post(f"/needs/{reference}/search-again")
    with service.app_context():
        assert db.session.scalars(select(Facet)).one().theme == theme  # a new search does not undo it


def test_an_unknown_theme_or_occupation_is_refused(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift licence")

    assert put_right(visitor, reference, theme_1="NO-SUCH", soc_1="0000") == 422

    assert corrections(service) == []


def test_a_number_for_one_of_several_needs_is_checked_on_its_own_box(visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift x3, someone who knows Sage, and the packers' English")
    form = fields_of(visitor.get(f"/needs/{reference}/correct"))
    assert form["people_1"] == "3" and form["people_2"] == ""

    page = visitor.post(f"/needs/{reference}/correct", data=form | {"people_2": "lots", "level": "99"})

    assert page.status_code == 422
    assert 'href="#people_2"' in page.get_data(as_text=True) and 'id="people_2-error"' in page.get_data(
        as_text=True
    )
    assert fields_of(page)["people_2"] == "lots"


def test_the_people_of_one_need_go_to_its_own_signal(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift x3, someone who knows Sage, and the packers' English")

    assert put_right(visitor, reference, people_2="2") == 303

    with service.app_context():
        facets = db.session.scalars(select(Facet).order_by(Facet.position)).all()
        assert [f.signal.people for f in facets] == [3, 2, None]


def test_a_postcode_that_crosses_councils_leaves_the_district_open_until_it_is_said(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence", postcode="LE9")
    with service.app_context():
        assert db.session.scalars(select(Need)).one().district == ""

    put_right(visitor, reference, council="E07000129")

    with service.app_context():
        assert db.session.scalars(select(DemandSignal)).one().district == "E07000129"
    visitor.post(f"/needs/{reference}/search-again")
    with service.app_context():
        assert db.session.scalars(select(Need)).one().district == "E07000129"


def test_taking_out_one_of_three_corrects_nothing_of_the_others(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "forklift x3, someone who knows Sage, and the packers' English")

    assert put_right(visitor, reference, remove_1="y") == 303

    assert corrections(service) == []


def test_a_distance_read_out_of_the_words_stays_when_something_else_is_put_right(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "forklift licence within 15 miles", postcode="LE10")
    with service.app_context():
        distance = db.session.scalars(select(Need)).one().max_km
        assert distance and round(distance) == 24

    assert put_right(visitor, reference, people="2") == 303

    with service.app_context():
        assert db.session.scalars(select(Need)).one().max_km == distance
    assert corrections(service) == [("people", None, 2)]


def test_a_corrected_level_ranks_by_the_level_as_corrected(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "welding level 3")

    put_right(visitor, reference, level="2")

    assert corrections(service) == [("level", 3, 2)]
    with service.app_context():
        facet = db.session.scalars(select(Facet)).one()
        latest = [m for m in facet.matches if m.search_round == 2]
        missed = {m.offer.level for m in latest for g in m.evidence["gaps"] if g["code"] == "level"}
        assert facet.signal.level == 2
        assert 3 in missed and 2 not in missed


def test_what_a_new_or_reworded_skill_says_of_itself_is_read(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "TIG welding level 3 for two of the lads, and first aid")

    put_right(visitor, reference, facet_1="TIG welding level 2", added="forklift tickets for 4 people")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert [(f.people, f.level) for f in need.live_facets] == [(2, 2), (None, None), (4, None)]


def test_a_level_is_corrected_too_where_the_other_skills_were_taken_out(
    service: Flask, visitor: FlaskClient
) -> None:
    reference = say(visitor, "TIG welding level 3 for two of the lads, and first aid")
    put_right(visitor, reference, remove_2="y")

    put_right(visitor, reference, level="2")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert [f.signal.level for f in need.live_facets] == [2]
        assert need.live_facets[0].people == 2
