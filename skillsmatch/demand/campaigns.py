"""Signs of a campaign, for the officer who looks at a draft: a theme that jumps, that free mailboxes fill, or that
many asked for without confirming an e-mail. Exact counts, for officers alone; a sign changes no number by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

from flask import current_app
from sqlalchemy import Date, DateTime, bindparam, text

from skillsmatch.demand.employers import provider_digests
from skillsmatch.demand.periods import Period
from skillsmatch.demand.snapshot import COUNTS, EMPLOYER, channel, snapshot

SIGMAS = 3  # of a Poisson number as large as the one before, which is chance too: 1 honest theme in 27 jumps
LEAST = 10  # employers; a smaller theme shows nothing, so there is nothing to gain in it
FREE = 0.6  # share of a theme's employers with a free mailbox; among honest ones about three in ten
UNCONFIRMED = 0.4  # share of those who asked and have no confirmed e-mail, or were set aside


@dataclass(frozen=True, slots=True)
class Asked:
    """Employers who asked for one theme in a period."""

    counted: int = 0
    free: int = 0  # of those counted, with a free mailbox
    left_out: int = 0  # who do not count


@dataclass(frozen=True, slots=True)
class Sign:
    """One theme with what is unusual about it, in words."""

    theme: str
    asked: Asked
    before: int  # employers counted in the period before
    words: tuple[str, ...]


def signs(now: Mapping[str, Asked], before: Mapping[str, Asked]) -> list[Sign]:
    """The themes that look like a campaign, the largest first. Without a period before there is no jump."""
    found = []
    for theme, asked in now.items():
        earlier = before.get(theme, Asked()).counted
        words = tuple(_words(asked, earlier, bool(before)))
        if words:
            found.append(Sign(theme, asked, earlier, words))
    return sorted(found, key=lambda sign: (-sign.asked.counted, sign.theme))


def _words(asked: Asked, before: int, compared: bool) -> Iterable[str]:
    if compared and asked.counted >= LEAST and asked.counted > before + SIGMAS * math.sqrt(max(before, 1)):
        yield f"{asked.counted} employers, after {before} in the period before"
    if asked.counted >= LEAST and asked.free > FREE * asked.counted:
        yield f"{asked.free} of {asked.counted} employers have a free mailbox"
    everybody = asked.counted + asked.left_out
    if everybody >= LEAST and asked.left_out > UNCONFIRMED * everybody:
        yield f"{asked.left_out} of {everybody} employers have no confirmed e-mail, or were set aside"


def signs_in(period: Period) -> list[Sign]:
    """The signs in a period, against the period of the same kind before it. Reads employers' rows."""
    back = period.year if period.quarter and period.quarter > 1 else period.year - 1
    quarter = None if period.quarter is None else (period.quarter - 2) % 4 + 1
    return signs(asked_in(period), asked_in(Period(back, quarter, period.start_month)))


def asked_in(period: Period) -> dict[str, Asked]:
    """By theme, the employers who asked in a period."""
    query = f"""
        SELECT theme, SUM(counts) AS counted, SUM(CASE WHEN counts = 1 AND basis = 'email' THEN 1 ELSE 0 END) AS free,
               SUM(1 - counts) AS left_out
        FROM (
            SELECT s.theme, COALESCE(m.root_id, k.id) AS id, MIN(k.basis) AS basis,
                   MAX(CASE WHEN {COUNTS} THEN 1 ELSE 0 END) AS counts
            FROM demand_signal s {EMPLOYER}
            WHERE s.withdrawn_at IS NULL AND s.theme <> '' {channel(bool(current_app.config["DEMO"]))}
                  AND ((s.countable_at >= :start AND s.countable_at < :end)
                       OR (NOT ({COUNTS}) AND s.made_on >= :first_day AND s.made_on <= :last_day))
            GROUP BY s.theme, COALESCE(m.root_id, k.id)
        ) one GROUP BY theme
    """  # noqa: S608
    asked = text(query).bindparams(
        *(bindparam(name, type_=DateTime()) for name in ("start", "end")),
        *(bindparam(name, type_=Date()) for name in ("first_day", "last_day")),
    )
    days = {"start": period.start, "end": period.end, "first_day": period.first_day, "last_day": period.last_day}
    with snapshot(provider_digests()) as connection:
        return {
            row.theme: Asked(int(row.counted), int(row.free), int(row.left_out))
            for row in connection.execute(asked, days)
        }


# --- how well they tell ---------------------------------------------------------------------------


def campaign_told(employers: int, usual: float, seed: int, free: float = 0.3) -> tuple[bool, bool]:
    """Whether a campaign of so many free mailboxes in one theme has a sign, and whether the theme has one without it.
    `usual` honest employers ask for the theme in a period, by chance more or fewer; `free`: the share of them with
    free mailboxes."""
    chance = Random(f"campaign {employers} {usual} {seed}")
    before, honest = (_poisson(chance, usual) for _ in range(2))
    own = sum(chance.random() < free for _ in range(honest))
    earlier = {"": Asked(before), "another": Asked(LEAST)}
    with_it = signs({"": Asked(honest + employers, own + employers)}, earlier)
    return bool(with_it), bool(signs({"": Asked(honest, own)}, earlier))


def _poisson(chance: Random, mean: float) -> int:
    """Near enough to a Poisson number for means from 4."""
    return max(0, round(NormalDist(mean, math.sqrt(mean)).inv_cdf(min(max(chance.random(), 1e-9), 1 - 1e-9))))
