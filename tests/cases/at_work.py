"""What an officer's tests start from: needs that nothing fits, in one group, and an offer that comes later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.accounts.models import Account
from skillsmatch.accounts.roles import Role
from skillsmatch.cases.case_keeping import open_case
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.models import FiledNeed, GroupedFacet, NeedGroup
from skillsmatch.clock import now, today
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from skillsmatch.offers.catalogue import note_change
from skillsmatch.offers.indexing import refresh_index
from skillsmatch.offers.models import Offer, Provider
from tests.accounts.signing import sign_in
from tests.conftest import NOW

FALCONRY = "falconry for hospital kitchens"


def as_officer(app: Flask, name: str = "Olu Officer", *roles: Role) -> tuple[FlaskClient, int]:
    """A Chamber officer's browser, signed in, and the account's number."""
    client = app.test_client()
    number = sign_in(client, app, *(roles or (Role.CHAMBER,)), organisation="The Chamber", name=name)
    return client, number


def group_of(app: Flask, *references: str, name: str = "Falconry", theme: str = "") -> int:
    """A need group of these needs' facets; returns its number."""

    def make() -> int:
        group = NeedGroup(name=name, theme=theme, created_at=now())
        db.session.add(group)
        db.session.flush()
        facets = db.session.scalars(select(Facet).join(Facet.need).where(Need.reference.in_(references)))
        for facet in facets.all():
            db.session.add(GroupedFacet(facet_id=facet.id, group_id=group.id, grouped_at=now()))
        return group.id

    with app.app_context():
        number = keep(make)
        db.session.remove()
        return number


def filed(app: Flask, reference: str, name: str = "filed-as-one") -> str:
    """Files the need under a name for officers."""

    def make() -> None:
        need = db.session.scalars(select(Need).where(Need.reference == reference)).one()
        db.session.add(FiledNeed(need_id=need.id, name=name, filed_at=now()))

    with app.app_context():
        keep(make)
        db.session.remove()
    return name


def case_about(app: Flask, group: int, by: int, **plan: Any) -> int:
    """An open case about the group, owned by this account; returns its number."""

    def make() -> int:
        about = db.session.get_one(NeedGroup, group)
        return open_case(db.session.get_one(Account, by), group=about, **plan).id

    with app.app_context():
        number = keep(make)
        db.session.remove()
        return number


def the_case(number: int) -> Case:
    """The case as it stands. Inside an app context."""
    db.session.expire_all()
    return db.session.get_one(Case, number)


def add_offer(app: Flask, title: str = "Falconry for hospital kitchens", ukprn: int = 0, **more: Any) -> int:
    """A new offer, in the index; returns its number."""

    def make() -> int:
        asked = select(Provider).order_by(Provider.id)
        provider = db.session.scalars(asked.where(Provider.ukprn == ukprn) if ukprn else asked).first()
        assert provider is not None
        offer = Offer(
            provider=provider,
            source="desk",
            source_ref=f"test-{title}",
            kind="short-course",
            title=title,
            what_learned="Flying falcons safely in hospital kitchens.",
            start_dates=[(today() + timedelta(days=60)).isoformat()],
            confirmed_on=today(),
            digest=f"digest of {title}"[:32],
            created_at=now(),
            changed_at=now(),
        )
        for name, value in more.items():
            setattr(offer, name, value)
        db.session.add(offer)
        db.session.flush()
        note_change()
        return offer.id

    with app.app_context():
        number = keep(make)
        refresh_index()
        db.session.remove()
        return number


def at(app: Flask, **by: float) -> None:
    """Moves the clock so far past the test's beginning."""
    app.config["CLOCK"] = lambda: NOW + timedelta(**by)
