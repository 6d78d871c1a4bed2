"""The table of a large catalogue: kept as a file, because to tell it row by row takes longer than an answer may."""

from __future__ import annotations

import gzip
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from skillsmatch import clock
from skillsmatch.offers import open_table, open_views
from skillsmatch.offers.loading import load_offers
from tests.offers.course_files import courses, write_file

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def large(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Three offers, where two are many."""
    monkeypatch.setattr(open_table, "KEPT_FROM", 2)
    monkeypatch.setattr(open_views, "MOST_TOLD", 2)
    app.config["BASE_URL"] = "http://localhost"
    with app.app_context():
        load_offers(write_file(tmp_path, *courses(3)), index=False)
    return app


def keep(app: Flask, hours_ago: float = 0.0) -> bool:
    """Makes the table, as if so many hours ago."""
    with app.app_context():
        made = open_table.keep_table()
        path = open_table._newest()
        assert path is not None
        moment = (clock.now() - timedelta(hours=hours_ago)).timestamp()
        os.utime(path[0], (moment, moment))
        return made


def test_the_kept_table_is_what_would_be_told_packed_or_not(
    large: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = large.test_client()
    monkeypatch.setattr(open_views, "MOST_TOLD", 1_000)
    told = client.get("/offers.csv", buffered=True)
    assert "Last-Modified" not in told.headers

    assert keep(large)
    plain = client.get("/offers.csv", buffered=True)
    packed = client.get("/offers.csv", headers={"Accept-Encoding": "gzip"}, buffered=True)

    assert plain.get_data() == told.get_data()
    assert gzip.decompress(packed.get_data()) == told.get_data()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert {plain.mimetype, packed.mimetype} == {"text/csv"}
    assert 'filename="offers.csv"' in packed.headers["Content-Disposition"]
    assert not keep(large)  # nothing has changed


def test_a_table_that_is_behind_is_given_for_two_hours_and_then_no_more(large: Flask, tmp_path: Path) -> None:
    client = large.test_client()
    keep(large, hours_ago=1)
    with large.app_context():
        load_offers(write_file(tmp_path, *courses(4)), index=False)
        behind = client.get("/offers.csv", buffered=True)
        path = open_table._newest()
        assert path is not None
        old = path[0].stat().st_mtime - 7_200
        os.utime(path[0], (old, old))

    assert behind.get_data(as_text=True).count("\n") == 4
    assert client.get("/offers.csv").status_code == 503

    assert keep(large)
    assert client.get("/offers.csv", buffered=True).get_data(as_text=True).count("\n") == 5
    with large.app_context():
        assert len(list(open_table._folder().iterdir())) == 1


def test_too_many_to_be_told_are_refused_in_words(large: Flask, client: FlaskClient) -> None:
    whole, narrowed = client.get("/offers.csv"), client.get("/offers.csv?kind=short-course")

    assert (whole.status_code, whole.headers["Retry-After"]) == (503, "3600")
    assert "The table of all 3 offers is not made yet" in whole.get_data(as_text=True)
    assert narrowed.status_code == 400
    assert "These are 3 offers; a table with filters holds 2" in narrowed.get_data(as_text=True)


def test_a_small_catalogue_keeps_no_table(large: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(large)
    monkeypatch.setattr(open_table, "KEPT_FROM", 4)

    with large.app_context():
        assert not open_table.keep_table()
        assert open_table.kept_table() is None
