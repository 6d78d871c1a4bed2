"""The theme of each offer: told from its words when the index is built, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch.area.themes import load_themes
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers import offer_themes, provision
from skillsmatch.offers.indexing import build_index, open_index
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.models import Catalogue, Offer
from tests.offers.course_files import course, write_file

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAMES = ("MIG welding", "Level 1 Award in Dog Grooming", "Zzyzx quux")


@pytest.fixture
def catalogue(in_app: Flask, tmp_path: Path) -> Flask:
    """Three offers and their index: of two themes, and of none."""
    rows = [
        course(COURSE_ID=f"C{n}", COURSE_NAME=name, WHO_THIS_COURSE_IS_FOR="Anyone.", WHAT_YOU_WILL_LEARN="")
        for n, name in enumerate(NAMES)
    ]
    assert load_offers(write_file(tmp_path, *rows)).taken == 3
    return in_app


def by_title() -> dict[str, str]:
    index = open_index()
    assert index is not None
    titles = dict(db.session.execute(select(Offer.id, Offer.title)).tuples().all())
    return {titles[id]: theme for id, theme in index.offer_themes.items()}


def test_the_index_knows_the_theme_of_every_offer_and_says_where_it_is_not_clear(catalogue: Flask) -> None:
    assert by_title() == {NAMES[0]: "ENG-WELD", NAMES[1]: "AGR-ANIMAL", NAMES[2]: ""}


@only_sqlite
def test_only_an_offer_that_changed_is_told_again(catalogue: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    tell = offer_themes.Teller.themes

    def noting(teller: offer_themes.Teller, texts: Sequence[tuple[str, str]]) -> list[str]:
        read.extend(title for title, _ in texts)
        return tell(teller, texts)

    monkeypatch.setattr(offer_themes.Teller, "themes", noting)

    def change() -> None:
        offer = db.session.scalars(select(Offer).where(Offer.title == NAMES[2])).one()
        offer.title, offer.digest = "Bricklaying", offer.digest[::-1]
        db.session.scalars(select(Catalogue)).one().number += 1

    keep(change)
    monkeypatch.setattr("skillsmatch.offers.indexing.FEW", 1.0)
    build_index()

    assert read == ["Bricklaying"]
    assert by_title() == {NAMES[0]: "ENG-WELD", NAMES[1]: "AGR-ANIMAL", "Bricklaying": "CON-BRICK"}


@only_sqlite
def test_what_is_taught_is_read_once_for_each_state_of_the_catalogue(catalogue: Flask) -> None:
    first = provision.all_taught()
    assert provision.all_taught() is first
    assert {t.title: t.theme for t in first}[NAMES[0]] == "ENG-WELD"

    def withdraw() -> None:
        offer = db.session.scalars(select(Offer).where(Offer.title == NAMES[0])).one()
        offer.withdrawn_at = offer.changed_at
        db.session.scalars(select(Catalogue)).one().number += 1

    keep(withdraw)

    assert {t.title for t in provision.all_taught()} == set(NAMES[1:])


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("T Level in Hairdressing", "HAI-HAIR"),
        ("NVQ Diploma Level 3 Bricklaying", "CON-BRICK"),
        ("Level 2", ""),
        ("", ""),
        ("A-Level English Language", "ESS-ENGLISH"),
        ("English Language and Literature - A level", "ESS-ENGLISH"),
        ("GCSE English", "ESS-ENGLISH"),
        ("English lessons", "ESS-ESOL"),
        ("GCSE Spanish", "ESS-LANG"),
        ("A Level Maths", "ESS-MATHS"),
        ("GCSE Law", "FIN-LEGAL"),
        ("GCSE Sociology", ""),
    ],
)
def test_the_name_of_the_award_does_not_hide_the_subject(catalogue: Flask, title: str, theme: str) -> None:
    index = open_index()
    assert index is not None
    assert offer_themes.Teller(index.themes).themes([(title, "")]) == [theme]
    assert theme in {"", *load_themes().themes}
