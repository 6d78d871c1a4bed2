"""Unmet needs for the tests, said in a line: who asks, for what, where and when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from skillsmatch.database import keep
from skillsmatch.demand.models import DemandSignal, EmployerKey
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from tests.conftest import NOW

OF_SIGNAL = ("theme", "district", "sic_section", "size_band", "level", "people")


def need(employer: int, text: str, *facets: str, **more: Any) -> Need:
    """An unmet need of this employer in the session, of one facet unless more are named; confirmed unless told."""
    said: dict[str, Any] = {
        **dict.fromkeys(("theme", "district", "sic_section", "size_band", "email", "business_name"), ""),
        "level": None,
        "people": None,
        "made_on": NOW.date() - timedelta(5),
        "confirmed": True,
        "outcome": "nothing-fitted",
        "reasons": ["no-provision"],
        "employer_reasons": [],
        "suspect": False,
        "provider": False,
        "channel": "web",
    } | more
    digest = f"{employer:064d}"
    key = db.session.scalars(select(EmployerKey).where(EmployerKey.digest == digest)).first() or EmployerKey(
        digest=digest, record_key=employer % 4096, basis="email", created_at=NOW, provider=said["provider"]
    )
    number = db.session.query(Need).count() + 1
    asked = Need(
        reference=f"private-{number}",
        token_digest=f"{number:064d}",
        payload_digest="",
        created_at=datetime.combine(said["made_on"], NOW.time()),
        changed_at=NOW,
        kept_until=date(2027, 11, 23),
        text=text,
        email=said["email"],
        email_verified_at=NOW if said["email"] and said["confirmed"] else None,
        business_name=said["business_name"],
        district=said["district"],
        sic_section=said["sic_section"],
        size_band=said["size_band"],
        people=said["people"],
        suspect=said["suspect"],
        channel=said["channel"],
    )
    coded = {name: said[name] for name in OF_SIGNAL}
    for position, words in enumerate(facets or (text,), start=1):
        signal = DemandSignal(
            employer_key=key,
            made_on=said["made_on"],
            countable_at=NOW if said["confirmed"] else None,
            outcome=said["outcome"],
            reasons=said["reasons"],
            suspect=said["suspect"],
            channel=said["channel"],
            **coded,
        )
        facet = Facet(
            need=asked,
            position=position,
            text=words,
            theme=said["theme"],
            outcome=said["outcome"],
            reasons=said["reasons"],
            employer_reasons=said["employer_reasons"],
            signal=signal,
        )
        db.session.add(facet)
    db.session.flush()
    return asked


def say(app: Flask, employer: int, text: str, *facets: str, **more: Any) -> int:
    """The same, committed in a context of its own; returns the need's number."""
    with app.app_context():
        number = keep(lambda: need(employer, text, *facets, **more).id)
        db.session.remove()
        return number
