"""Every form makes one need and one set of signals, under gunicorn, from many clients, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from tests.load.exactly_once import REPEATED, Tally, gunicorn, run, words


def check(service: Flask, posts: int) -> None:
    """Sends `posts` posts, and holds what the clients saw and what the tables keep against one another."""
    with service.app_context():
        db.engine.dispose()  # the workers open the database by themselves
    with gunicorn(service) as port:
        tally = run(port, posts)
    print(f"\n{service.config['SQLALCHEMY_DATABASE_URI'].partition(':')[0]}: {tally}")

    forms = posts - posts // REPEATED
    assert tally.faults == []
    assert set(tally.statuses) <= {303, 503}
    assert tally.statuses[303] == posts
    assert all(len(set(places)) == 1 for places in tally.places.values()), "one form led to two needs"
    assert len(tally.facets) == len(tally.places) == forms
    check_tables(service, tally, forms)


def check_tables(service: Flask, tally: Tally, forms: int) -> None:
    """One need for each form, in its words; one standing signal for each need shown on its page, and no other."""
    with service.app_context():
        kept = {need.reference: need for need in db.session.scalars(select(Need))}
        assert len(kept) == forms
        for number, (place, *_) in tally.places.items():
            need = kept[place.rsplit("/", 1)[-1]]
            assert need.text == words(number)
            assert len(need.live_facets) == len(need.facets) == tally.facets[place]
        signals = db.session.scalars(select(DemandSignal.id).where(DemandSignal.withdrawn_at.is_(None))).all()
        pointed_at = db.session.scalars(select(Facet.signal_id)).all()
        assert sorted(signals) == sorted(pointed_at)
        assert db.session.scalar(select(func.count()).select_from(DemandSignal)) == sum(tally.facets.values())
        print(f"in the tables: {len(kept)} needs, {len(pointed_at)} facets, {len(signals)} signals")


def test_60_posts_with_a_fifth_repeated_make_one_need_each(service: Flask) -> None:
    check(service, 60)


@pytest.mark.load
def test_2000_posts_with_a_fifth_repeated_make_one_need_each(service: Flask) -> None:
    check(service, 2_000)
