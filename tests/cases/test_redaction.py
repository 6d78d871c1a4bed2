"""Personal data hidden in an employer's words: each kind by its shapes, and what only looks like it left alone."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from skillsmatch.cases.redaction import HIDDEN, find_personal, redact
from skillsmatch.cli.bench_texts import own_queries
from skillsmatch.cli.cases_texts import sentences

SHOWN = (
    "Two welders, BS EN ISO 9606-1, 18th edition 2382-22, standard ST0123, LARS 60312345, 603/1234/5",
    "Excel and Sage for three people in accounts, level 2, £1,200, 06:00 to 14:00, 01.03.2027 or 12-01-27",
    "ASP.NET and C# developers; B1 and D2 forklift, M1 J21a, year B2 2nd",
    "Will Power BI help? Mark schemes. Contact HR. Ask for English lessons in Leicester",
    "Rose pruning, PAT testing, PRINCE2 and Six Sigma Green Belt, LE10",
    "We need Revit and a Fanuc robot course. Management asked for it, Staff on nights, nobody in Loughborough",
    "Call Centre staff, MS Access, Coppicing for two people, learn Mastercam with Haas controls\nFood Hygiene",
)


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("mail jane.o'neil+hr@Firm.co.uk now", "e-mail", "jane.o'neil+hr@Firm.co.uk"),
        ("jane (at) firm dot co dot uk", "e-mail", "jane (at) firm dot co dot uk"),
        ("ring 07700 900123.", "phone", "07700 900123"),
        ("(0116) 4960123", "phone", "(0116) 4960123"),
        ("+44 (0)116 496 0123 ext 12", "phone", "+44 (0)116 496 0123 ext 12"),
        ("on 12-01-27. 07911 931402 after 5pm", "phone", "07911 931402"),
        ("QQ 12 34 56 C", "NI number", "QQ 12 34 56 C"),
        ("qq123456c", "NI number", "qq123456c"),
        ("at LE10 1AA", "postcode", "LE10 1AA"),
        ("le101aa", "postcode", "le101aa"),
        ("see https://firm.example/jobs?x=1 and", "link", "https://firm.example/jobs?x=1"),
        ("firm-works.co.uk/jobs", "link", "firm-works.co.uk/jobs"),
        ("follow @firm_uk", "handle", "@firm_uk"),
        ("4111 1111 1111 1111", "bank details", "4111 1111 1111 1111"),
        ("sort code 20-00-00", "bank details", "20-00-00"),
        ("account number 12345678", "bank details", "12345678"),
        ("ask for Priya Patel", "name", "Priya Patel"),
        ("regards, D McDonald-Wiśniewska", "name", "D McDonald-Wiśniewska"),
        ("thanks and ring dave", "name", "dave"),
        ("CONTACT JOHN SMITH", "name", "JOHN SMITH"),
        ("Mr Baker wants it", "name", "Baker"),
        ("Mark Johnson wants it", "name", "Mark Johnson"),
        ("PRIYA PATEL wants it", "name", "PRIYA PATEL"),
        ("priya patel wants it", "name", "priya patel"),
        ("call 07700–900–123", "phone", "07700–900–123"),
        ("Tel ０７７００ ９００１２３", "phone", "０７７００ ９００１２３"),
        ("jane＠firm.co.uk or", "e-mail", "jane＠firm.co.uk"),
        ("jane @ firm . co . uk", "e-mail", "jane @ firm . co . uk"),
        ("jane.smith@firm", "e-mail", "jane.smith@firm"),
        ("our anvilworks.uk.com", "link", "anvilworks.uk.com"),
    ],
)
def test_each_kind_is_hidden_whole(text: str, kind: str, piece: str) -> None:
    assert [(text[a:b], k) for a, b, k in find_personal(text)] == [(piece, kind)]
    assert redact(text).text == text.replace(piece, HIDDEN[kind])


@pytest.mark.parametrize("text", SHOWN)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text).text == text


def test_needs_as_firms_write_them_lose_nothing_but_one_first_name() -> None:
    assert [told for text in own_queries() for told in [redact(text).hidden] if told] == [{"name": 1}]


def test_the_business_is_hidden_by_its_own_name_however_it_is_spaced() -> None:
    told = redact("We at  Anvil  &  Sons ltd weld; anvils too", business="anvil & sons")

    assert told.text == "We at  [business name hidden] ltd weld; anvils too"
    assert told.hidden == {"business": 1}


def test_several_pieces_are_hidden_and_counted_and_nothing_else_changes() -> None:
    told = redact("Ask for Dave: dave@firm.example or 07700 900123, or Priya\nTIG welding, 2 people")

    assert told.text == (
        "Ask for [name hidden]: [e-mail hidden] or [phone number hidden], or [name hidden]\nTIG welding, 2 people"
    )
    assert told.hidden == {"name": 2, "e-mail": 1, "phone": 1}


def test_nothing_is_slow_on_text_made_to_be_slow() -> None:
    for text in ("0 " * 9_000, "a." * 9_000, "ask for " * 2_000, "A-" * 9_000, "1" * 20_000, "@" * 20_000):
        find_personal(text)
    find_personal("Chidi chidi@firm.example chidi " * 120)  # as long as a need may be


def test_names_on_no_list_are_mostly_found_in_sentences_as_people_write_them() -> None:
    lines = Path(__file__).with_name("names_in_passing.txt").read_text(encoding="utf-8").splitlines()
    said = "\n".join(line for line in lines if not line.startswith("#"))
    found = 0
    for name in re.finditer("‹(.*?)›", said):
        start, end = said.rfind("\n", 0, name.start()) + 1, said.find("\n", name.end())
        sentence = said[start : end if end > 0 else None]
        hidden = redact(sentence.replace("‹", "").replace("›", "")).text
        found += not any(part in hidden for part in name[1].split())

    assert found >= 19


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bogdan, our best welder, is going", "Bogdan"),
        ("Aoife in the office knows", "Aoife"),
        ("Smith asked for it", "Smith"),
        ("two welders\nthanks\nOluwaseun Adeyemi\nHR Manager", "Oluwaseun Adeyemi"),
        ("please ring Nkechi Obi", "Nkechi Obi"),
        ("Torquil from Anvil Works Ltd", "Torquil"),
        ("it would suit Rukmini, she has GCSE maths", "Rukmini"),
    ],
)
def test_a_name_on_no_list_is_known_by_what_is_said_of_it(text: str, name: str) -> None:
    assert redact(text).text == text.replace(name, "[name hidden]")


def test_a_name_beside_a_number_in_an_address_or_found_once_is_hidden_everywhere() -> None:
    assert redact("Chidi Obi 07700 900123").text == "[name hidden] [phone number hidden]"
    assert (
        redact("thandiwe wants it: thandiwe.m@firm.example").text == "[name hidden] wants it: [e-mail hidden]"
    )
    assert (
        redact("Ask for Kwame. Days suit Kwame best").text
        == "Ask for [name hidden]. Days suit [name hidden] best"
    )


def test_recall_on_seeded_sentences() -> None:
    wanted, found = Counter[str](), Counter[str]()
    for each in sentences(900):
        spans = find_personal(each.text)
        for start, end, kind in each.pieces:
            wanted[kind] += 1
            found[kind] += all(any(a <= at < b for a, b, _ in spans) for at in range(start, end))

    for kind in ("e-mail", "phone", "NI number", "postcode"):
        assert wanted[kind] > 40
        assert found[kind] / wanted[kind] >= 0.99, kind
    assert found["name"] / wanted["name"] >= 0.95
