"""Keeping a need: the need, what was shown and its demand signals stand or fall together.

Everything here changes the session and commits nothing; the caller hands it to `database.keep`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import insert, select

from skillsmatch.area.areas import Area
from skillsmatch.clock import now, today
from skillsmatch.demand.demonstration import check_demonstration
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
Cards = Sequence[Sequence[Mapping[str, Any]]]  # for each facet that was found, its offers as they are kept
Shown = list[tuple[Facet, Sequence[Mapping[str, Any]]]]
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
    """A new need with its facets, shown matches and signals, all of them flushed. Answers as in `NeedForm.data`.

    `channel` is how it reached us, and `key` its employer's where that is known by other means than the e-mail.
    Refused (NotADemonstration): an invented need on a service that is no demonstration.
    """
    if channel == DEMONSTRATION:
        check_demonstration()
    need, shown = add_need(found, cards_of(found, area), answers, digest, payload, channel=channel, key=key)
    keep_shown(shown)
    return need


def add_need(
    found: Found,
    cards: Cards,
    answers: Mapping[str, Any],
    digest: str,
    payload: str,
    *,
    channel: str = "web",
    key: EmployerKey | None = None,
) -> tuple[Need, Shown]:
    """The same in the session only, and what is to go to `keep_shown`: of many needs together, in a few statements.

    `cards` are those of `cards_of`.
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
    key = key or employer_key(need.email, need.reference)
    db.session.add(need)
    with db.session.no_autoflush:  # a facet that has no signal yet cannot be stored
        shown = _set_facets(need, found, cards, key)
    return need, shown


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
    keep_shown(_set_facets(need, found, cards_of(found, area), key or _key_of(need)))


def cards_of(found: Found, area: Area) -> Cards:
    """For each facet that was found its offers as they are shown and kept, best first."""
    day = today()
    return [
        [
            {
                "offer_id": hit.offer.id,
                "position": position,
                "score": hit.match.score,
                "strength": hit.match.strength,
                "evidence": evidence_data(hit.match.evidence),
                "shown": card(hit, result, found.asked, area, day),
                "offer_digest": hit.offer.digest,
                "matcher_version": found.version,
            }
            for position, hit in enumerate(result.hits, start=1)
        ]
        for result in found.facets
    ]


def keep_shown(shown: Shown) -> None:
    """What was shown for each facet is on record, after the facets themselves."""
    db.session.flush()
    rows = [
        {**one, "facet_id": facet.id, "search_round": facet.need.search_round, "shown_at": now()}
        for facet, cards in shown
        for one in cards
    ]
    if rows:
        db.session.execute(insert(NeedMatch), rows)


def _set_facets(need: Need, found: Found, cards: Cards, key: EmployerKey) -> Shown:
    shown: Shown = []
    need.search_round += 1
    need.searched_at, need.matcher_version = now(), found.version
    standing: dict[str, list[Facet]] = {}
    for facet in need.live_facets:
        standing.setdefault(facet.text.casefold(), []).append(facet)
    said: set[str] = set()
    next_position = max((f.position for f in need.facets), default=0) + 1
    for result, of_result in zip(found.facets, cards, strict=True):
        name = result.reading.text.casefold()
        if name in said:  # the same need said twice is one need
            continue
        said.add(name)
        if waiting := standing.get(name):
            facet = waiting.pop(0)
        else:
            facet = Facet(need=need, position=next_position, text=result.reading.text, outcome="offers-shown")
            next_position += 1
        _set_result(facet, result, key)
        shown.append((facet, of_result))
    for left in standing.values():
        for facet in left:
            remove_facet(facet)
    return shown


def _key_of(need: Need) -> EmployerKey:
    """Its employer's key: by its e-mail, or, of a need that an officer wrote down, the one it was given."""
    if need.channel not in BY_ITSELF and need.facets and need.email_verified_at is None:
        return need.facets[0].signal.employer_key
    return employer_key(need.email, need.reference)


def _set_result(facet: Facet, result: FoundFacet, key: EmployerKey) -> None:
    """Puts one facet's result on it: codes, outcome and signal."""
    reading = result.reading
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
    with db.session.no_autoflush:  # a facet without a signal cannot be stored
        _keep_signal(facet, key)
    db.session.add(facet)


def _keep_signal(facet: Facet, key: EmployerKey) -> None:
    need = facet.need
    if facet.signal_id is not None:
        change_signal(facet.signal, coded(facet))
        return
    facet.signal = add_signal(key, coded(facet), today(), need.channel, need.suspect)
    if need.email_verified_at is not None or _is_confirmed(
        need
    ):  # a facet added to a need that already counts
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
