"""Undoing a provider's last upload: exactly, field by field, save what somebody has changed since."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, TypeVar

from sqlalchemy import Date, DateTime, Numeric, Table, bindparam, delete, select, update

from skillsmatch import clock
from skillsmatch.accounts import audit
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.offers.catalogue import hold_catalogue, note_change
from skillsmatch.offers.checking import CheckedFile, chunks
from skillsmatch.offers.comparing import CHANGED, NEW, SAME, Comparison
from skillsmatch.offers.desk.models import Upload
from skillsmatch.offers.loading import BATCH
from skillsmatch.offers.models import Offer, Provider, Venue

OFFERS: Table = Offer.__table__  # type: ignore[assignment]
VENUES: Table = Venue.__table__  # type: ignore[assignment]
CONFIRMATION = ("confirmed_on", "confirmed_by", "desk_at")
T = TypeVar("T")
Row = dict[str, Any]  # a row of a table, its values as JSON has them


class Before:
    """What a file is about to change, as it stands before."""

    def __init__(
        self, provider: Provider, checked: CheckedFile, found: Comparison, gone: Sequence[int]
    ) -> None:
        self._provider, self._checked, self._found = provider.id, checked, found
        makes_courses = checked.form.makes == "course"
        states = enumerate(found.states) if makes_courses else ()
        sorts: dict[int, list[int]] = {CHANGED: [], SAME: [], NEW: []}
        for place, state in states:
            sorts[state].append(found.ids[place])
        self._changed = _rows(OFFERS, sorts[CHANGED])
        self._same = {id: {n: row[n] for n in CONFIRMATION} for id, row in _rows(OFFERS, sorts[SAME]).items()}
        self._gone = _rows(OFFERS, gone)
        self._venues = _venues(self._provider)

    def beside_after(self) -> bytes:
        """The same beside what stands now, packed, as `upload.undo` keeps it."""
        checked = self._checked
        digests = {
            ref: checked.digest(place)
            for place, ref in enumerate(checked.refs())
            if self._found.states[place] == NEW
        }
        new: dict[int, str] = {}
        if checked.form.makes == "course":
            for refs in _some(digests):
                wanted = select(Offer.id, Offer.source_ref).where(Offer.source == checked.form.source)
                for id, ref in db.session.execute(wanted.where(Offer.source_ref.in_(refs))):
                    new[id] = digests[ref]
        venues = _venues(self._provider)
        kept = {
            "new": new,
            "changed": self._changed,
            "after": {
                self._found.ids[place]: checked.digest(place)
                for place, state in enumerate(self._found.states)
                if state == CHANGED
            },
            "same": self._same,
            "gone": self._gone,
            "new_venues": {id: row for id, row in venues.items() if id not in self._venues},
            "venues": {id: [row, venues[id]] for id, row in self._venues.items() if row != venues.get(id)},
            "confirmed_on": clock.today().isoformat(),
        }
        return zlib.compress(json.dumps(kept, ensure_ascii=False).encode())


@dataclass
class Undoing:
    """What undoing an upload would do now, and what it would leave as it is, with the reason."""

    withdraw: dict[int, str] = field(default_factory=dict)  # titles by id: what the upload brought
    change_back: dict[int, str] = field(default_factory=dict)
    bring_back: dict[int, str] = field(default_factory=dict)
    venues: int = 0  # places that it changed or brought
    left_out: list[tuple[str, str]] = field(default_factory=list)  # title and reason
    mark: str = ""  # changes with any of these

    @property
    def does_nothing(self) -> bool:
        """True where all that it could undo has been changed since."""
        return not (self.withdraw or self.change_back or self.bring_back or self.venues)


def _removable(kept: Mapping[str, Any], found: Undoing, now: _Now) -> list[int]:
    """The venues that the upload brought, and that no offer will name once it is undone."""
    back = {
        **{id: kept["changed"][id] for id in found.change_back},
        **{id: kept["gone"][id] for id in found.bring_back},
    }
    new = [id for id, row in kept["new_venues"].items() if now.venues.get(id) == row]
    used = set()
    for some in _some(new):
        for id, venue in db.session.execute(select(Offer.id, Offer.venue_id).where(Offer.venue_id.in_(some))):
            used.add(back[id]["venue_id"] if id in back else venue)
    return [id for id in new if id not in used]


class CannotUndo(Exception):
    """The words say why."""


class UndoChanged(Exception):
    """What an undo would do is no longer what was shown; nothing was undone."""


def undoing(upload: Upload) -> Undoing:
    """What undoing would do. Raises CannotUndo for an upload that is not the provider's last applied one."""
    kept = _kept(upload)
    found = Undoing()
    now = _Now(kept)
    for id, digest in kept["new"].items():
        _sort(found, found.withdraw, now, id, digest, offered=True)
    for id in kept["changed"]:
        _sort(found, found.change_back, now, id, kept["after"][id], offered=True)
    for id, row in kept["gone"].items():
        _sort(found, found.bring_back, now, id, row["digest"], offered=False)
    for wanted, rows in ((found.change_back, kept["changed"]), (found.bring_back, kept["gone"])):
        for id in [id for id in wanted if not now.has_venue(rows[id])]:
            found.left_out.append((wanted.pop(id), "its venue has been removed since"))
    for id, (_, after) in kept["venues"].items():
        if now.venues.get(id) == after:
            found.venues += 1
        elif id in now.venues:
            found.left_out.append((after["name"], "this venue has been changed since"))
    found.venues += len(_removable(kept, found, now))
    parts = (found.withdraw, found.change_back, found.bring_back, found.venues, found.left_out)
    found.mark = blake2b(repr(parts).encode(), digest_size=16).hexdigest()
    return found


def undo(upload: Upload, mark: str, by: str) -> Undoing:
    """Afterwards the provider's offers are as before the upload, save those that `left_out` names.

    What it brought is withdrawn, what it changed says what it said, what it withdrew is on offer. Raises
    CannotUndo, or UndoChanged where this is no longer what `mark` stands for; then nothing is changed.
    """
    number = upload.id

    def work() -> Undoing:
        hold_catalogue()
        held = db.session.get_one(Upload, number, with_for_update=True, populate_existing=True)
        found = undoing(held)
        if found.mark != mark:
            raise UndoChanged
        if found.does_nothing:
            raise CannotUndo("Everything in this upload has been changed since, so nothing is left to undo.")
        _undo(_kept(held), found)
        held.state, held.undo = "undone", None
        held.ended_by, held.ended_at = by, clock.now()
        note_change()
        audit.note(
            "upload undone",
            f"upload {number}",
            withdrawn=len(found.withdraw),
            changed_back=len(found.change_back),
            brought_back=len(found.bring_back),
            left_out=len(found.left_out),
        )
        db.session.expire_all()
        return found

    return keep(work)


def _undo(kept: Mapping[str, Any], found: Undoing) -> None:
    moment = clock.now()
    for some in _some(found.withdraw):
        values = {"withdrawn_at": moment, "changed_at": moment, "desk_at": moment}
        db.session.execute(update(OFFERS).where(OFFERS.c.id.in_(some)).values(values))
    back = {id: kept["changed"][id] for id in found.change_back}
    back |= {id: kept["gone"][id] for id in found.bring_back}
    _put_back(back, changed_at=moment)
    # Confirmed again on a later day, it stays confirmed.
    that_day = date.fromisoformat(kept["confirmed_on"])
    still: set[int] = set()
    for some in _some(kept["same"]):
        wanted = select(OFFERS.c.id).where(OFFERS.c.id.in_(some), OFFERS.c.confirmed_on == that_day)
        still |= set(db.session.scalars(wanted))
    _put_back({id: row for id, row in kept["same"].items() if id in still})
    now = _venues_now(kept)
    moved = {id: before for id, (before, after) in kept["venues"].items() if now.get(id) == after}
    _put_back(moved, VENUES)
    # One at which a withdrawn offer was taught stays, because that offer names it.
    for some in _some([id for id, row in kept["new_venues"].items() if now.get(id) == row]):
        used = set(
            db.session.scalars(select(OFFERS.c.venue_id).where(OFFERS.c.venue_id.in_(some)).distinct())
        )
        db.session.execute(delete(VENUES).where(VENUES.c.id.in_([id for id in some if id not in used])))


def _put_back(rows: Mapping[int, Row], table: Table = OFFERS, **more: Any) -> None:
    """Makes the rows of the table with these ids what these say, all by one statement."""
    if not rows:
        return
    names = [*next(iter(rows.values())), *more]
    statement = update(table).where(table.c.id == bindparam("of_id"))
    statement = statement.values({name: bindparam(name) for name in names})
    values = [{**_as_held(table, row), **more, "of_id": id} for id, row in rows.items()]
    db.session.connection().execute(statement, values)


def _kept(upload: Upload) -> dict[str, Any]:
    if upload.state == "undone":
        raise CannotUndo("This upload has been undone already.")
    if upload.state != "applied":
        raise CannotUndo("This upload was not published, so there is nothing to undo.")
    if upload.undo is None:
        raise CannotUndo("Another upload was published after this one. Only the last can be undone.")
    kept: dict[str, Any] = json.loads(zlib.decompress(upload.undo))
    for name, part in kept.items():
        if isinstance(part, dict):
            kept[name] = {int(id): value for id, value in part.items()}
    # The tables may have lost columns since: what those held cannot be put back, and is not asked for.
    for name, table in (("changed", OFFERS), ("gone", OFFERS), ("same", OFFERS), ("new_venues", VENUES)):
        kept[name] = {id: _still_held(table, row) for id, row in kept[name].items()}
    pairs = kept["venues"].items()
    kept["venues"] = {id: [_still_held(VENUES, row) for row in pair] for id, pair in pairs}
    return kept


def _still_held(table: Table, row: Row) -> Row:
    return {name: value for name, value in row.items() if name in table.c}


class _Now:
    """How things stand at this moment with what an upload has touched."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        ids = [*kept["new"], *kept["changed"], *kept["gone"]]
        self.offers: dict[int, tuple[str, str, bool]] = {}
        for some in _some(ids):
            wanted = select(Offer.id, Offer.title, Offer.digest, Offer.withdrawn_at.is_(None))
            for id, *rest in db.session.execute(wanted.where(Offer.id.in_(some))):
                self.offers[id] = (rest[0], rest[1], rest[2])
        self.venues = _venues_now(kept)
        named = {row["venue_id"] for part in ("changed", "gone") for row in kept[part].values()} - {None}
        self._there: set[int] = set()
        for some in _some(list(named)):
            self._there |= set(db.session.scalars(select(Venue.id).where(Venue.id.in_(some))))

    def has_venue(self, row: Row) -> bool:
        """True where the offer as it was could stand again."""
        return row["venue_id"] is None or row["venue_id"] in self._there


def _sort(found: Undoing, into: dict[int, str], now: _Now, id: int, digest: str, *, offered: bool) -> None:
    title, now_digest, now_offered = now.offers.get(id, ("", "", False))
    if now_digest != digest:
        found.left_out.append((title, "it has been changed since"))
    elif now_offered != offered:
        words = "it has been brought back since" if now_offered else "it has been withdrawn since"
        found.left_out.append((title, words))
    else:
        into[id] = title


def _venues_now(kept: Mapping[str, Any]) -> dict[int, Row]:
    """The venues as they stand, in the columns that were kept: one added since is none that the upload changed."""
    known = kept["new_venues"] | {id: after for id, (_, after) in kept["venues"].items()}
    found = _rows(VENUES, list(known)).items()
    return {id: {name: row[name] for name in known[id]} for id, row in found}


def _venues(provider: int) -> dict[int, Row]:
    ids = db.session.scalars(select(Venue.id).where(Venue.provider_id == provider)).all()
    return _rows(VENUES, ids)


def _rows(table: Table, ids: Sequence[int]) -> dict[int, Row]:
    """The rows with these ids, but for the id, their values as JSON has them."""
    found: dict[int, Row] = {}
    for some in _some(ids):
        for row in db.session.execute(
            select(table).where(table.c.id.in_(some)).order_by(table.c.id)
        ).mappings():
            found[row["id"]] = {name: _as_json(row[name]) for name in row if name != "id"}
    return found


def _as_json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _as_held(table: Table, row: Row) -> Row:
    """The row with its dates and decimals as the table takes them."""
    values = dict(row)
    for name, value in row.items():
        kind = table.c[name].type
        if value is None:
            continue
        if isinstance(kind, DateTime):
            values[name] = datetime.fromisoformat(value)
        elif isinstance(kind, Date):
            values[name] = date.fromisoformat(value)
        elif isinstance(kind, Numeric) and isinstance(value, str):
            values[name] = Decimal(value)
    return values


def _some(keys: Iterable[T]) -> Iterator[Sequence[T]]:
    every = list(keys)
    for places in chunks(range(len(every)), BATCH):
        yield [every[place] for place in places]
