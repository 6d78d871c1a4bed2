"""What joins the open sources for the second stage, and that nothing judged is among it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from skillsmatch.matching.training_links import Account, _join, as_employers_ask, link
from skillsmatch.matching.training_texts import Corpus, judged_texts, sentences_of
from skillsmatch.matching.words import fold

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def account(source: str, title: str, *names: str, text: str = "") -> Account:
    return Account(source, title, (fold(title), *names), (text or f"{source} tells of {title} at length",))


def joined(*sharing: Account, name: str) -> Corpus:
    corpus = Corpus()
    corpus.source("made up for this test", "none")
    _join(corpus, name, list(sharing))
    return corpus


@pytest.fixture(scope="module")
def linked() -> Corpus:
    if not DATA.is_dir():
        pytest.skip(f"the shared data is not at {DATA}")
    corpus = Corpus(judged_texts(DATA / "bench"))
    link(DATA, corpus)
    return corpus


def test_two_sources_that_share_a_title_tell_of_one_job() -> None:
    corpus = joined(
        account("standards", "Bricklayer", "brickwork operative"),
        account("esco", "bricklayer", "brick mason"),
        name="bricklayer",
    )

    pairs = set(corpus.pairs)
    assert ("standards tells of Bricklayer at length", "esco tells of bricklayer at length") in pairs
    assert ("Bricklayer", "esco tells of bricklayer at length") in pairs
    assert ("brick mason", "Bricklayer") in pairs


def test_one_source_is_not_joined_with_itself() -> None:
    assert not joined(account("esco", "fitter"), account("esco", "Fitter"), name="fitter").pairs


def test_a_name_that_is_nobodys_title_joins_nothing() -> None:
    sharing = account("esco", "pipe fitter", "fitter"), account("standards", "Maintenance fitter", "fitter")

    assert not joined(*sharing, name="fitter").pairs


def test_a_name_that_many_jobs_share_joins_nothing() -> None:
    many = [account("standards", f"Engineer {number}", "engineer") for number in range(5)]

    assert not joined(*many, account("esco", "engineer"), name="engineer").pairs


def test_an_employer_asks_for_the_very_text_in_many_ways() -> None:
    chance = random.Random(2)

    asked = {as_employers_ask("food hygiene", chance) for _ in range(200)}

    assert len(asked) > 20
    assert all("food hygiene" in text and "{" not in text for text in asked)


def test_links_hold_no_judged_query(linked: Corpus) -> None:
    judged = {text for text in linked.left_out if text}

    assert not judged.intersection(fold(text) for pair in linked.pairs for text in pair)


def test_no_account_opens_as_a_judged_profile_does(linked: Corpus) -> None:
    openings = {fold(sentences_of(text + " ")[0]) for pair in linked.pairs for text in pair}

    assert not openings.intersection(text for text in linked.left_out if len(text) > 60)


def test_every_kind_of_link_is_found(linked: Corpus) -> None:
    kinds = {pair.kind for pair in linked.pairs.values()}

    assert kinds == {
        "slang and meaning",
        "title and account",
        "title and another source's account",
        "title and another source's name",
        "two accounts of one job",
        "two titles of one job",
        "label and whole description",
    }
