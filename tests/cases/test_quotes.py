"""An employer is quoted only while it agrees, in its own words, under a description that ten businesses fit."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from skillsmatch.area.models import BusinessCount
from skillsmatch.cases import quotes, quoting
from skillsmatch.cases.gathering_models import Quote, QuoteConsent
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.cases.pack.public import public_pack
from skillsmatch.cases.published_quotes import PublishedQuote
from skillsmatch.cases.quotes import (
    QuoteRefused,
    check_words,
    describe,
    foreign_piece,
    proposed,
    publish_quotes,
    shown_quotes,
)
from skillsmatch.cases.quoting import WORDINGS
from skillsmatch.clock import now, today
from skillsmatch.database import NotSaved, keep
from skillsmatch.demand import guard
from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.models import Facet, Need
from tests.accounts.signing import PASSWORD  # noqa: F401
from tests.cases.at_once import both, meet_in
from tests.cases.gathered import noted, officer_of
from tests.needs.journey import fields_of, plain, say

sqlite_app = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HINCKLEY, BLABY, LEICESTER = "E07000132", "E07000129", "E06000016"
SAID = "We cannot find TIG welders. Ask for Dave on 07700 900123. Our robot cell stands idle."


def load(app: Flask, *counts: tuple[str, str, str, int]) -> None:
    """Business counts, as an operator loads them: sector, size, council, businesses."""

    def put() -> None:
        db.session.execute(delete(BusinessCount))
        for sector, size, district, number in counts:
            db.session.add(
                BusinessCount(sic_section=sector, size_band=size, district=district, businesses=number,
                              source="a test", loaded_at=now())
            )  # fmt: skip

    with app.app_context():
        keep(put)
        db.session.remove()


def employer(app: Flask, words: str = SAID, **answers: str) -> tuple[FlaskClient, str]:
    """An employer with a confirmed e-mail, and its private link."""
    client = app.test_client()
    given = {
        "email": "owner@acme.example",
        "postcode": "LE10",
        "sector": "Manufacturing",
        "size_band": "10-49",
    }
    say(client, words, **given | answers)
    with app.app_context():
        body = db.session.scalars(select(MailMessage.body).order_by(MailMessage.id.desc())).first() or ""
    verify, manage = re.findall(r"https?://[^/\s]+(/needs/(?:verify|manage)/\S+)", body)
    client.post(verify)
    return client, manage


def approve(officer: FlaskClient, words: str, **more: str) -> tuple[int, str]:
    """Fills in the officer's page of the one need."""
    form = fields_of(officer.get("/cases/quotes/needs/1")) | {"words": words, "looked": "y"} | more
    answer = officer.post("/cases/quotes/needs/1", data=form)
    return answer.status_code, plain(answer)


def shown(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(quote.words, quote.described) for quote in shown_quotes()]


def in_the_pack(app: Flask) -> tuple[tuple[object, ...], list[tuple[object, ...]]]:
    """What the internal pack of the day says: the first row of R6, and the quotes of its document."""
    with app.app_context():
        pack = internal_pack(app.extensions["area"], today(), today())
        rows = next(sheet.rows for sheet in pack.sheets if sheet.code == "R6")
        db.session.remove()
    return (tuple(rows[0][:2]) if rows else ()), [tuple(quote) for quote in pack.quotes]


def in_the_public_pack(app: Flask, publish: bool = False) -> list[tuple[object, ...]]:
    """What the public pack of the day quotes, in R6 and its document; `publish` is what its making begins with."""
    with app.app_context():
        if publish:
            keep(publish_quotes)
        with guard.statements(app) as seen:
            pack = public_pack(app.extensions["area"], today(), today())
        assert [named for _, statement in seen if (named := guard.tables_named(statement))] == []
        rows = next(sheet.rows for sheet in pack.sheets if sheet.code == "R6")
        db.session.remove()
    assert [row[:2] for row in rows] == list(pack.quotes)
    return list(rows)


def test_from_the_box_to_the_quote_and_back(app: Flask) -> None:
    client, manage = employer(app)
    officer = officer_of(app)
    load(app, ("C", "10-49", HINCKLEY, 12))
    page = client.get(f"{manage}/quote").get_data(as_text=True)
    assert 'type="checkbox"' in page and "checked" not in page  # nobody ticks it for them
    assert officer.get("/cases/quotes/needs/1").status_code == 404  # nothing is to be seen without consent
    assert client.post(f"{manage}/quote", data={}).status_code == 422
    assert client.post(f"{manage}/quote", data={"agree": "y"}).status_code == 303

    assert "Small manufacturer, Hinckley and Bosworth" in plain(officer.get("/cases/quotes/needs/1"))
    assert approve(officer, "We cannot find TIG welders. […]")[0] == 303
    told = ("We cannot find TIG welders. […]", "Small manufacturer, Hinckley and Bosworth")
    assert shown(app) == [told]
    assert in_the_pack(app) == (told, [told])
    assert [row[:2] for row in in_the_public_pack(app)] == [told]
    assert all(part in plain(client.get(manage)) for part in told)

    assert client.post(f"{manage}/quote/withdraw").status_code == 303
    assert in_the_pack(app) == ((), [])
    assert in_the_public_pack(app) == []
    assert shown(app) == [] and "TIG" not in plain(officer.get("/cases/quotes"))
    with app.app_context():
        assert db.session.scalars(select(PublishedQuote)).all() == []
        assert db.session.scalars(select(Quote)).all() == []  # our copy of its words is gone
        assert db.session.scalars(select(QuoteConsent)).one().withdrawn_at is not None
    assert noted(app) == ["quote approved"]


def test_withdrawing_the_need_ends_the_quote_and_the_consent_stays_as_proof(app: Flask) -> None:
    client, manage = employer(app)
    load(app, ("C", "10-49", HINCKLEY, 12))
    client.post(f"{manage}/quote", data={"agree": "y"})
    approve(officer_of(app), "We cannot find TIG welders. […]")

    assert len(in_the_public_pack(app)) == 1
    client.post(f"{manage}/withdraw")

    assert shown(app) == [] and in_the_public_pack(app) == []
    with app.app_context():
        assert db.session.scalars(select(Quote)).all() == []
        consent = db.session.scalars(select(QuoteConsent)).one()
        assert consent.withdrawn_at is not None and consent.wording == "2026-11"
        for change in ("DELETE FROM quote_consent", "UPDATE quote_consent SET withdrawn_at = NULL"):
            with pytest.raises((DatabaseError, NotSaved)):
                keep(lambda said=change: db.session.execute(text(said)))  # type: ignore[misc]


def test_the_words_beside_the_box_are_pinned() -> None:
    """Consents name the version: other words are another version."""
    assert {version: sha256(words.encode()).hexdigest()[:12] for version, words in WORDINGS.items()} == {
        "2026-11": "28df59f6d144"
    }


@sqlite_app
def test_consent_by_an_address_that_was_not_confirmed_quotes_nothing(app: Flask) -> None:
    client = app.test_client()
    say(client, SAID, email="owner@acme.example")
    with app.app_context():
        body = db.session.scalars(select(MailMessage.body)).one()
    manage = re.findall(r"https?://[^/\s]+(/needs/manage/\S+)", body)[0]
    load(app, ("C", "10-49", HINCKLEY, 12))

    assert client.post(f"{manage}/quote", data={"agree": "y"}).status_code == 303
    assert "Nothing is quoted until you confirm" in plain(client.get(f"{manage}/quote"))
    assert officer_of(app).get("/cases/quotes/needs/1").status_code == 404


@sqlite_app
def test_only_the_employers_own_words_without_personal_data_may_stand(app: Flask) -> None:
    client, manage = employer(app, business_name="Acme")
    client.post(f"{manage}/quote", data={"agree": "y"})
    load(app, ("C", "10-49", HINCKLEY, 12))
    officer = officer_of(app)
    page = plain(officer.get("/cases/quotes/needs/1"))
    assert "07700" not in page and "Dave" not in page and "[…]" in page

    for words, said in (
        ("We cannot find good TIG welders. […]", "is not what the employer wrote there"),
        (
            "[…] Our robot cell […] We cannot find […]",
            "is not what the employer wrote there",
        ),  # another order
        ("find TIG welders. […]", "is not what the employer wrote there"),  # its start is left out unmarked
        ("We cannot find TIG welders. Ask for Dave […]", "may tell who said it: name"),
        ("[…] 07700 900123 […] robot cell stands idle.", "may tell who said it: phone"),
        ("[…] idle.", "Leave at least 3 words"),
    ):
        status, page = approve(officer, words)
        assert status == 422 and said in page and words in page
    assert "Tick the box" in approve(officer, "We cannot find TIG welders. […]", looked="")[1]
    assert shown(app) == []


@sqlite_app
def test_a_quote_is_hidden_when_its_employer_changes_its_words_or_too_few_businesses_fit(app: Flask) -> None:
    client, manage = employer(app)
    client.post(f"{manage}/quote", data={"agree": "y"})
    load(app, ("C", "10-49", HINCKLEY, 10))
    officer = officer_of(app)
    approve(officer, "We cannot find TIG welders. […]")
    assert len(shown(app)) == 1

    load(app, ("C", "10-49", HINCKLEY, 9), ("C", "10-49", BLABY, 90))
    assert in_the_public_pack(app) == [], "asked anew as the pack is read"
    assert shown(app) == [] and "Fewer than 10 businesses fit the description now" in plain(
        officer.get("/cases/quotes")
    )
    load(app)
    assert shown(app) == [] and "Nobody can be quoted yet" in plain(officer.get("/cases/quotes"))
    assert approve(officer, "We cannot find TIG welders. […]")[0] == 303  # it keeps the description it has
    load(app, ("C", "10-49", HINCKLEY, 10))
    assert len(shown(app)) == len(in_the_public_pack(app)) == 1
    load(app, ("C", "10-49", HINCKLEY, 9), ("C", "10-49", BLABY, 90))
    again = plain(officer.get("/cases/quotes/needs/1"))
    assert "It stands as “Small manufacturer, Hinckley and Bosworth”, and fewer than 10" in again
    assert officer.post("/cases/quotes/1/take-down").status_code == 303  # and it can be made anew, of a wider place
    assert approve(officer, "We cannot find TIG welders. […]")[0] == 303
    assert shown(app)[0][1] == "Small manufacturer, Leicester and Leicestershire"


def test_who_changes_its_words_is_asked_again_whether_they_may_be_quoted(app: Flask) -> None:
    client, manage = employer(app)
    client.post(f"{manage}/quote", data={"agree": "y"})
    load(app, ("C", "10-49", HINCKLEY, 10))
    officer = officer_of(app)
    approve(officer, "We cannot find TIG welders. […]")
    form = fields_of(client.get(f"{manage}/change"))
    client.post(f"{manage}/change", data=form | {"people": "7"})
    assert len(shown(app)) == 1  # the words are the same

    client.post(f"{manage}/change", data=form | {"text": "We bake bread for Dave"})

    assert in_the_public_pack(app) == [], "it goes with its quote"
    assert shown(app) == [] and officer.get("/cases/quotes/needs/1").status_code == 404
    assert "checkbox" in client.get(f"{manage}/quote").get_data(as_text=True)
    with app.app_context():
        assert db.session.scalars(select(Quote)).all() == []
    assert client.post(f"{manage}/quote", data={"agree": "y"}).status_code == 303
    assert officer.get("/cases/quotes/needs/1").status_code == 200


@sqlite_app
@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([("C", "10-49", HINCKLEY, 10)], "Small manufacturer, Hinckley and Bosworth"),
        ([("C", "10-49", HINCKLEY, 9), ("C", "10-49", BLABY, 1)], "Small manufacturer, Leicester and Leicestershire"),
        ([("C", "10-49", HINCKLEY, 9), ("C", "0-9", HINCKLEY, 1)],
         "Small or medium-sized manufacturer, Hinckley and Bosworth"),
        ([("C", "10-49", HINCKLEY, 1), ("C", "250+", LEICESTER, 9)], "Manufacturer, Leicester and Leicestershire"),
        ([("C", "10-49", HINCKLEY, 1), ("F", "10-49", HINCKLEY, 9)], "Small business, Hinckley and Bosworth"),
        ([("C", "10-49", HINCKLEY, 1), ("F", "250+", LEICESTER, 9)], "Business, Leicester and Leicestershire"),
    ],
)  # fmt: skip
def test_a_description_is_widened_until_ten_businesses_fit(app: Flask, counts: list, words: str) -> None:
    load(app, *counts)
    with app.app_context():
        need = Need(sic_section="C", size_band="10-49", district=HINCKLEY, outside_area=False)
        assert describe(need).words == words


@sqlite_app
def test_where_too_few_are_counted_or_none_or_elsewhere_nobody_is_described(app: Flask) -> None:
    need = Need(sic_section="C", size_band="10-49", district=HINCKLEY, outside_area=False)
    with app.app_context(), pytest.raises(QuoteRefused, match="has not loaded"):
        describe(need)
    load(app, ("C", "10-49", HINCKLEY, 9), ("C", "10-49", "E07000001", 500))
    with app.app_context():
        with pytest.raises(QuoteRefused, match="Fewer than 10 businesses"):
            describe(need)
        need.outside_area = True
        with pytest.raises(QuoteRefused, match="outside the area"):
            describe(need)


def test_pieces_stand_in_order_as_whole_words_and_cuts_are_marked() -> None:
    said = "We need welders, and   weld inspectors too."
    assert foreign_piece("We need welders, and weld inspectors too.", said) == ""
    assert foreign_piece("We need […] inspectors too", said) == ""
    assert foreign_piece("[…] weld […]", said) == "" and foreign_piece("[…] elder […]", said) == "elder"
    assert foreign_piece("We need […] welders […] We […]", said) == "We"
    assert foreign_piece("We need welders", said) == "We need welders"
    need = Need(text=SAID, business_name="")
    assert check_words("We cannot find TIG welders. [...]", need) == "We cannot find TIG welders. […]"
    assert "hidden" not in proposed(need) and foreign_piece(proposed(need), SAID) == ""


def test_a_quote_that_is_approved_while_its_consent_is_withdrawn_does_not_stay(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, manage = employer(app)
    client.post(f"{manage}/quote", data={"agree": "y"})
    load(app, ("C", "10-49", HINCKLEY, 12))
    officer = officer_of(app)
    left = {"words": "We cannot find TIG welders. […]", "looked": "y"}
    form = fields_of(officer.get("/cases/quotes/needs/1")) | left
    meet_in(monkeypatch, quotes, "check_words")

    answers = both(
        lambda: officer.post("/cases/quotes/needs/1", data=form).status_code,
        lambda: client.post(f"{manage}/quote/withdraw").status_code,
    )

    assert answers[0] in (303, 404) and answers[1] == 303
    with app.app_context():
        assert db.session.scalars(select(Quote)).all() == []
        assert db.session.scalars(select(QuoteConsent)).one().withdrawn_at is not None


def test_agreeing_twice_at_one_moment_is_one_consent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _, manage = employer(app)
    meet_in(monkeypatch, quoting, "quote_consent_of")

    def agree() -> int:
        return app.test_client().post(f"{manage}/quote", data={"agree": "y"}).status_code

    assert both(agree, agree) == [303, 303]
    with app.app_context():
        assert len(db.session.scalars(select(QuoteConsent)).all()) == 1


def test_an_officer_takes_a_quote_down(app: Flask) -> None:
    client, manage = employer(app)
    client.post(f"{manage}/quote", data={"agree": "y"})
    load(app, ("C", "10-49", HINCKLEY, 12))
    officer = officer_of(app)
    approve(officer, "We cannot find TIG welders. […]")

    assert officer.post("/cases/quotes/1/take-down").status_code == 303

    assert shown(app) == [] and officer.post("/cases/quotes/1/take-down").status_code == 404
    assert "Make a quote of it" in plain(officer.get("/cases/quotes"))
    assert noted(app) == ["quote approved", "quote taken down"]


@sqlite_app
def test_public_quotes_stand_in_the_order_of_their_words_with_their_need_and_priority_and_no_day(app: Flask) -> None:
    officer = officer_of(app)
    load(app, ("C", "10-49", HINCKLEY, 12))
    said = ("We need a welder for TIG welding.", "A forklift driver is what we lack.", "Nobody can bake bread.")
    for number, words in enumerate(said, start=1):
        client, manage = employer(app, words, email=f"owner@firm-{number}.example")
        client.post(f"{manage}/quote", data={"agree": "y"})
        form = fields_of(officer.get(f"/cases/quotes/needs/{number}")) | {"words": words, "looked": "y"}
        assert officer.post(f"/cases/quotes/needs/{number}", data=form).status_code == 303

    with app.app_context():
        keep(lambda: db.session.execute(update(Facet).where(Facet.id == 1).values(theme="ENG-WELD")))

    rows = in_the_public_pack(app, publish=True)

    assert [row[0] for row in rows] == sorted(said)
    assert [row[2] for row in rows] == ["", "", "Welding and fabrication"], "told later, when the index was there"
    with app.app_context():
        long_ago = today().replace(year=today().year - 2)
        assert public_pack(app.extensions["area"], long_ago, long_ago).quotes == ()
        columns = set(PublishedQuote.__table__.columns.keys())
        assert columns == {"quote_id", "words", "described", "sector", "size", "district", "themes", "year"}
