"""Searching goes on while a file is loaded: another process sees the old catalogue or the new one, never a mixture."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers import staging
from skillsmatch.offers.loading import load_offers
from skillsmatch.offers.models import Offer
from tests.offers.course_files import courses, write_file

ROOT = Path(__file__).resolve().parents[2]

# Searches and lists until the file `stop` is there, and says what it saw; `went` tells how often it has.
SEARCHER = textwrap.dedent("""
    import json, sys
    from pathlib import Path
    from tests.conftest import settings
    from skillsmatch import create_app

    url, data, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    app = create_app(settings(url, data))
    from skillsmatch.extensions import db
    from skillsmatch.offers.models import Offer
    from sqlalchemy import select, func

    seen, codes, turns = set(), set(), 0
    browser = app.test_client()
    while True:
        last = (folder / "stop").exists()
        with app.app_context():
            rows = db.session.execute(select(Offer.cost, func.count()).group_by(Offer.cost)).all()
            seen.add(tuple(sorted((str(cost), count) for cost, count in rows)))
        codes.add(browser.get("/offers").status_code)
        answers = {"text": "welding", "place": "LE1 1AA"}
        codes.add(browser.post("/needs/new", data=answers).status_code)
        turns += 1
        (folder / "went").write_text(str(turns))
        if last:
            break
    print(json.dumps([sorted(seen), sorted(codes), turns]))
""")


def turns_of(folder: Path) -> int:
    try:
        return int((folder / "went").read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_search_during_a_load_sees_all_of_it_or_nothing(
    in_app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a catalogue with its index, and another process that searches it again and again
    load_offers(write_file(tmp_path, *courses(60)))
    command = [sys.executable, "-c", SEARCHER, database_url, str(tmp_path / "data"), str(tmp_path)]
    searcher = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for_turns(more: int = 2) -> None:
        wanted = turns_of(tmp_path) + more
        while turns_of(tmp_path) < wanted:
            assert searcher.poll() is None, searcher.communicate()[1]

    try:
        wait_for_turns()
        during: list[int] = []
        confirm = staging.Staging.confirm

        def slowly(self: staging.Staging, days: list[tuple[int, object]]) -> None:
            confirm(self, days)  # type: ignore[arg-type]
            wait_for_turns()  # it goes on searching while the load is made ready
            during.append(turns_of(tmp_path))

        monkeypatch.setattr(staging.Staging, "confirm", slowly)

        # when a load changes every offer
        load_offers(write_file(tmp_path, *courses(60, COST="1")))
        wait_for_turns()
    finally:
        (tmp_path / "stop").touch()
        out, errors = searcher.communicate()

    # then it saw the old prices and the new ones, sixty of each, and nothing else; and every page answered
    assert searcher.returncode == 0, errors
    seen, codes, _ = json.loads(out.splitlines()[-1])
    assert seen == [[["1.00", 60]], [["420.50", 60]]]
    assert all(code < 500 for code in codes), codes
    assert during


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_others_can_write_until_the_very_end_of_a_load(
    in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_offers(write_file(tmp_path, *courses(5)))
    wrote: list[str] = []
    confirm = staging.Staging.confirm

    def another(self: staging.Staging, days: list[tuple[int, object]]) -> None:
        confirm(self, days)  # type: ignore[arg-type]
        offer = db.session.scalars(select(Offer).where(Offer.source_ref == "C1/R1")).one()
        number = offer.id
        keep(lambda: wrote.append(db.session.get_one(Offer, number).title))

    monkeypatch.setattr(staging.Staging, "confirm", another)

    load_offers(write_file(tmp_path, *courses(5, COST="1")))

    assert wrote == ["Welding, part 1"]
