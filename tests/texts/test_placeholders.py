"""What an officer may type in curly brackets, and what plain text becomes on a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillsmatch.texts.catalogue import MAIL, TEXTS
from skillsmatch.texts.markup import as_html, as_inline
from skillsmatch.texts.placeholders import Placeholder, faults, fill, fill_line
from skillsmatch.texts.reading import shortened

KNOWN = (
    Placeholder("name", "a name", "Sam"),
    Placeholder("link", "the link", "https://x.example", needed=True),
)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Hello {name}, {link}", []),
        ("Hello {nmae}, {link}", ["“{nmae}” is not a placeholder of this text. Did you mean {name}?"]),
        ("Hello {Name}, {link}", ["“{Name}” is not a placeholder of this text. Did you mean {name}?"]),
        (
            "{zzzzzz} {link}",
            ["“{zzzzzz}” is not a placeholder of this text. Use one of those listed beside the box"],
        ),
        ("Hello {name}", ["{link} is missing. It stands for the link"]),
        ("{link} {", ["“{” is no whole placeholder. Curly brackets are for placeholders only"]),
        ("{link} }", ["“}” is no whole placeholder. Curly brackets are for placeholders only"]),
        ("{link} {}", ["“{}” is no whole placeholder. Curly brackets are for placeholders only"]),
    ],
)
def test_a_placeholder_that_is_unknown_missing_or_broken_is_told_in_words(
    words: str, said: list[str]
) -> None:
    assert faults(words, KNOWN) == said


def test_a_line_with_nothing_to_say_is_left_out_and_leaves_one_empty_line() -> None:
    words = "Hello {name},\n\nPhone: {phone}\n\nThey write: {words}\nBye"

    assert fill(words, {"name": "Sam", "words": "No", "phone": ""}) == "Hello Sam,\n\nThey write: No\nBye\n"


def test_a_line_with_what_must_be_told_stays_though_something_else_of_it_has_nothing_to_say() -> None:
    words = "Dear {name}, press {link}\n{name}, bye"

    assert fill(words, {"name": "", "link": "https://x.example"}, {"link"}) == "Dear , press https://x.example\n"
    assert fill(words, {"name": "", "link": ""}, {"link"}) == "\n"


def test_a_private_link_does_not_stand_in_a_subject() -> None:
    (fault,) = TEXTS["needs.verify"].subject_faults("Open {manage_link}")

    assert fault == "{manage_link} is a link, which does not belong in a subject"


def test_what_is_put_in_is_never_read_for_placeholders_itself() -> None:
    assert fill("{name} {link}", {"name": "{link}", "link": "secret"}) == "{link} secret\n"
    assert fill_line("{name}: {link}", {"name": "a\nb", "link": ""}) == "a b:"


def test_a_value_of_several_lines_keeps_the_indent_of_its_line() -> None:
    assert fill("So:\n    {name}", {"name": "one\n\ntwo"}) == "So:\n    one\n\n    two\n"


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("One\ntwo\n\nthree", "<p>One two</p>\n<p>three</p>"),
        ("## Cookies & co\ntext", '<h2 id="cookies-co">Cookies &amp; co</h2>\n<p>text</p>'),
        ("- **a** b\n- c\n  runs on", "<ul><li><strong>a</strong> b</li><li>c runs on</li></ul>"),
        (
            "See https://ico.org.uk/a?b=1&c=2.",
            '<p>See <a href="https://ico.org.uk/a?b=1&amp;c=2" rel="external">ico.org.uk/a?b=1&amp;c=2</a>.</p>',
        ),
        ("<b onclick=x>javascript:alert(1)", "<p>&lt;b onclick=x&gt;javascript:alert(1)</p>"),
        ('https://x.example/"><script>', None),
    ],
)
def test_plain_text_becomes_safe_html(typed: str, html: str | None) -> None:
    made = str(as_html(typed))

    assert html is None or made == html
    assert "<script" not in made


@settings(max_examples=60)
@given(st.text(alphabet="ab<>&\"'*-# \n{}:/.https", max_size=120))
def test_no_text_brings_a_tag_of_its_own(typed: str) -> None:
    """Whatever is typed, the only tags are those that our marks make, with no attribute but theirs."""
    made = str(as_html(typed)) + str(as_inline(typed))
    left = re.sub(
        r'</?(?:p|ul|li|strong)>|<h2 id="[a-z0-9-]+">|</h2>|<a href="https://[^"<>]+" rel="external">|</a>',
        "",
        made,
    )

    assert "<" not in left
    assert ">" not in left


def test_every_text_has_standard_words_that_fit_it_and_an_example_for_each_placeholder() -> None:
    for text in TEXTS.values():
        assert text.standard.body, text.code
        assert text.faults(text.standard) == [], text.code
        assert bool(text.standard.subject) == (text.sort == MAIL), text.code
        assert all(one.example and one.about for one in text.placeholders), text.code


def test_no_mail_is_written_but_by_its_owned_text() -> None:
    """Each post to the outbox is of a letter, and no template of a mail is left."""
    root = Path(__file__).resolve().parents[2]

    assert sorted(root.glob("templates/**/*.txt")) == []
    for file in sorted((root / "skillsmatch").rglob("*.py")):
        words = file.read_text(encoding="utf-8")
        if "from skillsmatch.mail.outbox import" in words and re.search(r"[ (=]post\(", words):
            assert "from skillsmatch.texts.reading import" in words and "letter" in words, file.name


def test_words_are_shortened_at_the_end_of_a_word() -> None:
    assert shortened("one two three", 10) == "one..."
    assert shortened("one two", 10) == "one two"
