"""The need form: only the words are required, errors are in the person's words, and nothing typed is lost."""

from __future__ import annotations

import re
from inspect import Parameter, signature

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from skillsmatch.extensions import db
from skillsmatch.forms import Form
from skillsmatch.needs.models import Need
from tests.needs.journey import fields_of, plain, say, send

TYPED = {
    "text": "Forklift tickets for two of the lads",
    "postcode": "LE10 1AA",
    "people": "2",
    "size_band": "10-49",
    "sector": "Transport",
    "business_name": "Longline Pallets",
    "email": "owner@longline.example",
    "budget": "£1,200",
    "modes": ["workplace"],
    "ages": ["25+"],
}


def count_needs(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Need)) or 0


def test_only_the_words_are_required(service: Flask, visitor: FlaskClient) -> None:
    reference = say(visitor, "a barista course")

    assert visitor.get(f"/needs/{reference}").status_code == 200
    assert count_needs(service) == 1


def test_a_need_without_words_is_asked_for_them_and_nothing_else_is_lost(
    service: Flask, visitor: FlaskClient
) -> None:
    page = send(visitor, **(TYPED | {"text": "   "}))

    assert page.status_code == 422
    assert "Say what skills you need, in your own words" in plain(page)
    kept = fields_of(page)
    assert kept["postcode"] == "LE10 1AA"
    assert kept["budget"] == "£1,200"
    assert kept["modes"] == ["workplace"]
    assert count_needs(service) == 0


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("postcode", "nowhere at all", "Enter a postcode such as LE10 1AA"),
        ("people", "a few", "Enter a whole number, such as 3"),
        ("people", "0", "between 1 and 10,000"),
        ("people", "99999999999999999999", "between 1 and 10,000"),
        ("budget", "not much", "Enter an amount in pounds, such as 1500"),
        ("budget", "NaN", "Enter an amount in pounds, such as 1500"),
        ("budget", "-5", "Enter an amount in pounds, such as 1500"),
        ("email", "owner at longline", "Enter an e-mail address in the form name@example.com"),
        ("sector", "zzqx", "We do not know “zzqx” as a sector"),
        ("business_name", "x" * 201, "Use 200 characters or fewer for “Business name”"),
    ],
)
def test_a_wrong_answer_is_shown_again_with_its_message_on_its_field(
    visitor: FlaskClient, field: str, typed: str, message: str
) -> None:
    page = send(visitor, **(TYPED | {field: typed}))

    assert page.status_code == 422
    assert message in plain(page)
    assert page.get_data(as_text=True).count(f'href="#{field}"') == 1
    assert f'id="{field}-error"' in page.get_data(as_text=True)
    kept = fields_of(page)
    assert kept[field] == typed
    assert kept["text"] == TYPED["text"]


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("who_for", "Who is it for"),
        ("wanted_when", "When do you need it"),
        ("size_band", "How many people work in the business"),
        ("max_km", "How far can people travel"),
        ("level", "Level"),
        ("council", "Which council area"),
        ("modes", "Where could they train"),
        ("ages", "How old are the people"),
    ],
)
def test_an_answer_that_is_not_on_the_list_is_refused_in_our_words(
    visitor: FlaskClient, field: str, label: str
) -> None:
    page = send(visitor, **(TYPED | {field: "100% <else>"}))

    assert page.status_code == 422
    assert f"Choose from the answers given for “{label}”" in plain(page)


@pytest.mark.parametrize("field", ["text", "postcode", "sector", "business_name", "email"])
def test_a_box_takes_a_long_paste_whole_and_the_page_says_that_it_is_too_long(
    visitor: FlaskClient, field: str
) -> None:
    form = visitor.get("/needs/new").get_data(as_text=True)
    cut_at = int(re.search(rf'<(?:input|textarea)[^>]*id="{field}"[^>]*maxlength="(\d+)"', form)[1])  # type: ignore[index]

    page = send(visitor, **(TYPED | {field: "x" * cut_at}))

    assert page.status_code == 422
    assert "characters or fewer for “" in plain(page) and "Nothing you typed is lost" in plain(page)
    assert len(fields_of(page)[field]) == cut_at


def forms_in_use() -> list[type[Form]]:
    found = Form.__subclasses__()
    for each in found:
        found.extend(each.__subclasses__())
    ours = [f for f in found if f.__module__.startswith("skillsmatch") and not f.__subclasses__()]
    return [f for f in ours if not needed(f)]  # those made with what a page knows have tests of their own


def needed(form: type[Form]) -> list[str]:
    """What a form cannot be made without."""
    parameters = list(signature(form.__init__).parameters.values())[1:]
    several = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is Parameter.empty and p.kind not in several]


def test_no_form_says_anything_in_wtforms_own_words(service: Flask) -> None:
    wrong: MultiDict[str, str] = MultiDict()
    told = 0
    with service.test_request_context():
        for kind in forms_in_use():
            for field in kind():
                wrong.setlist(field.name, ["\u200b%(x)s" + "w" * 300_000])
            form = kind(wrong)

            form.validate()

            told += bool(form.errors)  # a form of ticks and hidden things can have nothing wrong with it
            for name, messages in form.errors.items():
                assert not re.search(r"valid|field|required|coerced|\binput", " ".join(messages), re.I), name
    assert told > 20


def test_the_same_form_again_after_an_error_is_accepted_once_put_right(
    service: Flask, visitor: FlaskClient
) -> None:
    page = send(visitor, **(TYPED | {"people": "some"}))

    answer = visitor.post("/needs/new", data=fields_of(page) | {"people": "2"})

    assert answer.status_code == 303
    assert count_needs(service) == 1


@pytest.mark.parametrize("token", ["", "made-up", "WyJ4Il0.abc", "é" * 20])
def test_a_form_whose_token_is_not_ours_keeps_the_words_and_offers_a_fresh_token(
    service: Flask, visitor: FlaskClient, token: str
) -> None:
    page = send(visitor, **(TYPED | {"token": token}))

    assert page.status_code == 422
    kept = fields_of(page)
    assert kept["text"] == TYPED["text"]
    assert kept["token"] not in ("", token)
    assert visitor.post("/needs/new", data=kept).status_code == 303
    assert count_needs(service) == 1


def test_a_forged_or_stale_form_shows_the_words_again(service: Flask) -> None:
    service.config["WTF_CSRF_ENABLED"] = True
    client = service.test_client()
    typed = fields_of(client.get("/needs/new")) | TYPED

    page = service.test_client().post("/needs/new", data=typed)  # a browser that lost its cookie

    assert page.status_code == 422
    assert TYPED["text"] in page.get_data(as_text=True)
    assert count_needs(service) == 0


def test_what_was_typed_is_stored_as_typed_but_for_control_characters_and_the_full_postcode(
    service: Flask, visitor: FlaskClient
) -> None:
    say(visitor, "Forklift\x00 tickets\x07\r\nfor “Dave’s” lads <b>&amp;</b> 🚜", postcode="le101aa")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert need.text == "Forklift tickets\nfor “Dave’s” lads <b>&amp;</b> 🚜"
        assert need.outcode == "LE10"
        assert need.place == "LE10"
        stored = " ".join(str(v) for v in vars(need).values())
        assert "1AA" not in stored


def test_markup_in_the_words_is_shown_as_typed_and_never_becomes_part_of_the_page(
    visitor: FlaskClient,
) -> None:
    reference = say(visitor, "<script>alert(1)</script> welding")

    assert "<script>" not in visitor.get(f"/needs/{reference}").get_data(as_text=True)


def test_a_very_long_text_is_kept_whole_and_the_page_says_how_much_was_read(
    service: Flask, visitor: FlaskClient
) -> None:
    text = "We need welding training. " * 400

    reference = say(visitor, text)

    assert "We read the first 4,000 characters" in plain(visitor.get(f"/needs/{reference}"))
    with service.app_context():
        assert db.session.scalars(select(Need)).one().text == text.strip()


def test_a_whole_file_pasted_in_is_refused_unharmed(service: Flask, visitor: FlaskClient) -> None:
    page = send(visitor, text="w" * 100_001)

    assert page.status_code == 422
    assert "Use 100,000 characters or fewer" in plain(page)
    assert len(fields_of(page)["text"]) == 100_001


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "?",
        "🚜🚜🚜",
        "asdf qwer zxcv",
        "Necesitamos formación en soldadura",
        "need " * 10_000,
        "a" * 5_000,
    ],
)
def test_any_text_gives_a_page_and_a_need_on_record(service: Flask, visitor: FlaskClient, text: str) -> None:
    reference = say(visitor, text)

    assert visitor.get(f"/needs/{reference}").status_code == 200
    assert count_needs(service) == 1


def test_a_machine_that_fills_the_hidden_box_is_kept_apart_and_gets_no_mail(
    service: Flask, visitor: FlaskClient
) -> None:
    from skillsmatch.mail.models import MailMessage

    say(visitor, "welding", leave_empty="buy now", email="owner@longline.example")

    with service.app_context():
        need = db.session.scalars(select(Need)).one()
        assert need.suspect
        assert all(f.signal.suspect for f in need.facets)
        assert db.session.scalar(select(func.count()).select_from(MailMessage)) == 0
