"""Keeping a need: the need, what was shown and its demand signals stand or fall together.

Everything here changes the session and commits nothing; the caller hands it to `database.keep`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.clock import now, today
from skillsmatch.demand.employers import employer_key, keyed_digest
from skillsmatch.demand.models import DEMONSTRATION, EmployerKey
from skillsmatch.demand.signals import Coded, add_signal, change_signal, withdraw_signal
from skillsmatch.extensions import db
from skillsmatch.matching import FacetReading
from skillsmatch.needs.asked import Asked
from skillsmatch.needs.cards import card, evidence_data
from skillsmatch.needs.models import Correction, Facet, Need, NeedMatch
from skillsmatch.needs.search import Found, FoundFacet

KEPT_DAYS = 365  # days a need's words are kept unless its employer extends them (privacy page)
BY_ITSELF = frozenset({"web", DEMONSTRATION})  # channels of needs that no officer wrote down
ANSWERED = frozenset({"fits", "none-fits", "started"})  # outcomes an employer gave; a new search leaves them


def new_token() -> str:
    """A signed, one-use token for one form. Whoever sends it twice gets the same need."""
    return _signer().dumps(secrets.token_urlsafe(16))


def token_digest(token: str) -> str | None:
    """The digest under which the token's need is kept; None where we did not make this token."""
    try:
        return hashlib.sha256(_signer().loads(token).encode()).hexdigest()
    except (BadSignature, AttributeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="need form")


def payload_digest(answers: Mapping[str, Any]) -> str:
    """A digest of what was answered: equal answers, equal digest."""
    plain = {k: sorted(v) if isinstance(v, list) else str(v or "") for k, v in answers.items()}
    for name in ("token", "csrf_token", "leave_empty"):
        plain.pop(name, None)
    return keyed_digest(
        "answers", json.dumps(plain, sort_keys=True)
    )  # unkeyed, a postcode could be tried out


def need_of_token(digest: str) -> Need | None:
    """The need this token has made, if it has."""
    return db.session.scalar(select(Need).where(Need.token_digest == digest))


def need_of_reference(reference: str) -> Need | None:
    """The need with this reference."""
    return db.session.scalar(select(Need).where(Need.reference == reference))


def store_need(
    found: Found,
    answers: Mapping[str, Any],
    digest: str,
    payload: str,
    area: Area,
    *,
    channel: str = "web",
    key: EmployerKey | None = None,
) -> Need:
    """A new need with its facets, shown matches and signals. Answers as in `NeedForm.data`.

    `channel` is how it reached us, and `key` its employer's where that is known by other means than the e-mail.
    """
    asked, moment = found.asked, now()
    need = Need(
        reference=secrets.token_urlsafe(16),
        token_digest=digest,
        payload_digest=payload,
        created_at=moment,
        changed_at=moment,
        kept_until=today() + timedelta(KEPT_DAYS),
        suspect=bool(answers.get("leave_empty")),
        status="open",
        search_round=0,
        channel=channel,
    )
    set_answers(need, asked, answers)
    db.session.add(need)
    db.session.flush()
    set_facets(need, found, area, key)
    return need


def set_answers(need: Need, asked: Asked, answers: Mapping[str, Any]) -> None:
    """Puts the request and the employer's own particulars on the need. The full postcode is not kept."""
    set_asked(need, asked)
    need.hosts_t_level = bool(answers["hosts_t_level"])
    need.hosts_teacher = bool(answers["hosts_teacher"])
    need.ambassador = bool(answers["ambassador"])
    need.business_name = answers["business_name"] or ""
    email = (answers["email"] or "").strip()
    if email.casefold() != (need.email or "").casefold():
        need.email, need.email_verified_at = email, None
    elif need.email is None:
        need.email = ""


def set_asked(need: Need, asked: Asked) -> None:
    """Puts the request on the need."""
    place = asked.place
    need.text = asked.text
    need.outcode = place.outcode if place else ""
    need.place = place_name(place.outcode, place.text) if place else ""
    need.lat, need.lon = (place.lat, place.lon) if place else (None, None)
    need.outside_area = bool(place and not place.inside)
    need.district = asked.district
    need.who_for, need.people, need.wanted_when = asked.who_for, asked.people, asked.wanted_when
    need.size_band, need.sic_section = asked.size_band, asked.sic_section
    need.max_km, need.level, need.budget, need.strict = asked.max_km, asked.level, asked.budget, asked.strict
    need.modes, need.attendance, need.ages = sorted(asked.modes), sorted(asked.attendance), sorted(asked.ages)
    need.from_words = sorted(asked.from_words)
    need.changed_at = now()


def place_name(outcode: str, text: str) -> str:
    """What the page calls the place: the first half of a postcode, or the town's name."""
    return outcode if outcode and any(c.isdigit() for c in text) else text


def set_facets(need: Need, found: Found, area: Area, key: EmployerKey | None = None) -> None:
    """Makes the need's facets those of `found`: the same words keep their facet and signal, others come and go."""
    key = key or _key_of(need)
    need.search_round += 1
    need.searched_at, need.matcher_version = now(), found.version
    standing: dict[str, list[Facet]] = {}
    for facet in need.live_facets:
        standing.setdefault(facet.text.casefold(), []).append(facet)
    said: set[str] = set()
    next_position = max((f.position for f in need.facets), default=0) + 1
    for result in found.facets:
        name = result.reading.text.casefold()
        if name in said:  # the same need said twice is one need
            continue
        said.add(name)
        if waiting := standing.get(name):
            facet = waiting.pop(0)
        else:
            facet = Facet(need=need, position=next_position, text=result.reading.text, outcome="offers-shown")
            next_position += 1
        set_result(facet, result, found, area, key)
    for left in standing.values():
        for facet in left:
            remove_facet(facet)


def _key_of(need: Need) -> EmployerKey:
    """Its employer's key: by its e-mail, or, of a need that an officer wrote down, the one it was given."""
    if need.channel not in BY_ITSELF and need.facets and need.email_verified_at is None:
        return need.facets[0].signal.employer_key
    return employer_key(need.email, need.reference)


def set_result(facet: Facet, result: FoundFacet, found: Found, area: Area, key: EmployerKey) -> None:
    """Puts one facet's result on it: codes, outcome, shown matches and signal."""
    need, reading = facet.need, result.reading
    facet.text, facet.people, facet.level = reading.text, reading.people, reading.level
    facet.kind_hint = reading.kind_hint or ""
    facet.strength = result.strength
    facet.choices = {"themes": [list(t) for t in result.themes], "soc": [list(s) for s in result.occupations]}
    if not facet.theme_confirmed:
        facet.theme = result.theme
    if not facet.soc_confirmed:
        facet.soc = result.occupation
    if facet.outcome not in ANSWERED:
        facet.outcome = "offers-shown" if result.fits else "nothing-fitted"
    facet.reasons = list(result.reasons)
    _keep_signal(facet, key)
    db.session.add(facet)  # with its signal: a facet without one cannot be stored
    db.session.flush()
    day = today()
    for position, hit in enumerate(result.hits, start=1):
        db.session.add(
            NeedMatch(
                facet_id=facet.id,
                offer_id=hit.offer.id,
                search_round=need.search_round,
                position=position,
                score=hit.match.score,
                strength=hit.match.strength,
                evidence=evidence_data(hit.match.evidence),
                shown=card(hit, result, found.asked, area, day),
                offer_digest=hit.offer.digest,
                matcher_version=found.version,
                shown_at=now(),
            )
        )


def _keep_signal(facet: Facet, key: EmployerKey) -> None:
    need = facet.need
    if facet.signal_id is not None:
        change_signal(facet.signal, coded(facet))
        return
    facet.signal = add_signal(key, coded(facet), today(), need.channel, need.suspect)
    if need.email_verified_at is not None or _is_confirmed(need):  # a facet added to a need that already counts
        facet.signal.countable_at = now()


def _is_confirmed(need: Need) -> bool:
    """Whether an officer wrote the need down and said that it counts."""
    if need.channel in BY_ITSELF:
        return False
    with db.session.no_autoflush:  # a facet that is new has no signal yet, and cannot be saved
        return any(f.signal.countable_at is not None for f in need.live_facets if f.signal_id is not None)


def coded(facet: Facet) -> Coded:
    """The facet as its signal says it."""
    need = facet.need
    return Coded(
        theme=facet.theme,
        theme_confirmed=bool(facet.theme_confirmed),
        soc_guessed=_guessed(facet),
        soc_confirmed=facet.soc if facet.soc_confirmed else "",
        sic_section=need.sic_section,
        district=need.district,
        level=facet.level if facet.level is not None else need.level,
        need_kind=facet.kind_hint,
        who_for=need.who_for,
        size_band=need.size_band,
        people=facet.people or need.people,
        outcome=facet.outcome,
        reasons=sorted({*facet.reasons, *(facet.employer_reasons or [])}),
    )


def _guessed(facet: Facet) -> str:
    if not facet.soc_confirmed:
        return facet.soc
    first = (facet.choices or {}).get("soc") or [[""]]
    return first[0][0]


def remove_facet(facet: Facet) -> None:
    """The employer no longer asks for this: it leaves the page, and its signal no longer counts."""
    facet.removed_at = now()
    withdraw_signal(facet.signal)


def note_correction(need: Need, field: str, before: Any, after: Any, facet: Facet | None = None) -> None:
    """Keeps what we had understood beside what is right, where the two differ."""
    if before != after:
        db.session.add(
            Correction(
                need_id=need.id,
                facet_id=facet.id if facet else None,
                field=field,
                before=before,
                after=after,
                made_at=now(),
            )
        )


def readings_of(need: Need) -> tuple[FacetReading, ...]:
    """The need's standing facets as the search takes them."""
    return tuple(
        FacetReading(text=f.text, people=f.people, level=f.level, kind_hint=f.kind_hint or None)
        for f in need.live_facets
    )
