"""Counting distinct employers by offer and by provider, for the desk's figures of a quarter; exact, so never shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, DateTime, bindparam, text

from skillsmatch.demand.disclosure import RECORD_KEYS, Counted
from skillsmatch.demand.offers_seen import STEPS, Seen, Source
from skillsmatch.demand.periods import Period
from skillsmatch.demand.snapshot import COUNTS, EMPLOYER, UNIT, channel, ended, temporary

Steps = dict[tuple[str, str], Counted]  # by the offer's number or the UKPRN, and the step
SEEN = ("signal", "offer", "ukprn", "step", "place", "moment")
COLUMNS = ", ".join(f"{name} {'TIMESTAMP' if name == 'moment' else 'INTEGER'} NOT NULL" for name in SEEN)
AT_ONCE = 20_000  # rows sent to the database together


def count_offers(
    connection: Connection, period: Period, demonstration: bool, seen: Source, most: int
) -> tuple[Steps, Steps]:
    """Employers by provider and by offer, each with the step they took. Of one provider's offers an employer counts
    for `most` at the most; for the provider itself with every one."""
    _hand_over(connection, seen(connection, period))
    _steps_that_count(connection, period, demonstration)
    providers = _counted(connection, "ukprn")
    _leave_out_beyond(connection, most)
    return providers, _counted(connection, "offer")


def _hand_over(connection: Connection, rows: Iterable[Seen]) -> None:
    temporary(connection, "release_seen", COLUMNS)
    insert = text(
        f"INSERT INTO release_seen ({', '.join(SEEN)}) VALUES ({', '.join(f':{c}' for c in SEEN)})"  # noqa: S608
    ).bindparams(bindparam("moment", type_=DateTime()))
    for some in _in_parts(rows):
        connection.execute(insert, [one._asdict() | {"step": STEPS.index(one.step)} for one in some])


def _in_parts(rows: Iterable[Seen]) -> Iterator[list[Seen]]:
    reading = iter(rows)
    while some := list(islice(reading, AT_ONCE)):
        yield some


def _steps_that_count(connection: Connection, period: Period, demonstration: bool) -> None:
    """One row of `release_step` for each step of an employer that counts with an offer, in the quarter in which it
    was taken, or in which the signal became countable where that came later."""
    later = "CASE WHEN x.moment > s.countable_at THEN x.moment ELSE s.countable_at END"
    query = f"""
        CREATE TEMPORARY TABLE release_step {ended()} AS
        SELECT {UNIT} AS unit, x.offer, x.ukprn, x.step, MIN(x.moment) AS moment, MIN(x.place) AS place
        FROM release_seen x JOIN demand_signal s ON s.id = x.signal {EMPLOYER}
        WHERE {COUNTS} {channel(demonstration)} AND {later} >= :start AND {later} < :end
        GROUP BY k.id, k.record_key, x.offer, x.ukprn, x.step
    """  # noqa: S608
    days = (bindparam(name, type_=DateTime()) for name in ("start", "end"))
    connection.execute(text(query).bindparams(*days), {"start": period.start, "end": period.end})


def _leave_out_beyond(connection: Connection, most: int) -> None:
    """An employer's offers of one provider beyond `most` are left out, with all their steps. Those it went farthest
    with stay, then those that stood highest, then the earliest; the offer's number decides between equals."""
    query = """
        DELETE FROM release_step WHERE (unit, offer) IN (
            SELECT unit, offer FROM (
                SELECT unit, offer, ROW_NUMBER() OVER (
                    PARTITION BY unit, ukprn ORDER BY MAX(step) DESC, MIN(place), MIN(moment), offer
                ) AS standing FROM release_step GROUP BY unit, ukprn, offer
            ) ranked WHERE standing > :most)
    """
    connection.execute(text(query), {"most": most})


def _counted(connection: Connection, column: str) -> Steps:
    query = f"""
        SELECT code, step, COUNT(*) AS employers, SUM(unit % {RECORD_KEYS}) % {RECORD_KEYS} AS ck
        FROM (SELECT DISTINCT {column} AS code, step, unit FROM release_step) one GROUP BY code, step
    """  # noqa: S608
    return {
        (str(row.code), STEPS[row.step]): Counted(int(row.employers), int(row.ck))
        for row in connection.execute(text(query))
    }
