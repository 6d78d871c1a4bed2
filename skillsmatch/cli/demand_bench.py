"""`flask demand bench`: how long a year's release takes, and what is left to see in it."""

from __future__ import annotations

import time
from statistics import mean
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from skillsmatch.area.areas import Area
    from skillsmatch.demand.periods import Period

SIGNALS_OF_ONE = 1.69  # an invented employer's signals in a year, on average
LOOKED_AT = ("theme", "theme-group", "theme-by-district", "theme-by-sector", "sector-by-district")


@click.command(short_help="Time a year's release, and measure what can still be seen in it.")
@click.option(
    "--signals",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(0),
    help="To time; 0 leaves it out.",
)
@click.option(
    "--employers",
    default=1500,
    show_default=True,
    type=click.IntRange(50),
    help="In a year, to be useful to.",
)
@click.option(
    "--seeds",
    default=20,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="Years measured; 0 leaves it out.",
)
@with_appcontext
def bench(signals: int, employers: int, seeds: int) -> None:
    """Time a year's release of invented signals, and measure what can still be seen of invented years.

    All in a scratch database; nothing that was entered is read or changed.
    """
    from flask import current_app

    from skillsmatch.clock import today
    from skillsmatch.demand.attacks.suite import year_of_attack

    area = current_app.extensions["area"]
    year = year_of_attack(today(), area.year_start_month)
    if seeds:
        click.echo(_useful(area, year, employers, seeds))
    if signals:
        click.echo(_timed(area, year, signals))


def _useful(area: Area, year: Period, employers: int, seeds: int) -> str:
    from flask import current_app

    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.demand.attacks.suite import invent
    from skillsmatch.demand.counting import count, shown_tables
    from skillsmatch.demand.disclosure import rules_of
    from skillsmatch.demand.usefulness import Usefulness, usefulness

    rules, found = rules_of(current_app.config), dict[str, list[Usefulness]]()
    with scratch_folder() as folder:
        for seed in range(1, seeds + 1):
            with scratch_service(folder, str(seed)):
                invent(area, employers, seed, year)
                counts = count(year, area, rules, (), True)
                shown = shown_tables(counts, year, area, rules)
                for name in LOOKED_AT:
                    found.setdefault(name, []).append(usefulness(counts.tables[name], shown[name]))
    lines = [f"{employers:,} employers in a year, mean of {seeds} populations", ""]
    lines.append(
        f"{'':<22}{'cells shown':>12}{'demand shown':>14}{'RMSE':>8}{'of the ten biggest':>20}{'equals share':>14}"
    )
    for name, one in found.items():
        ten, shared = (
            (f"{mean(u.biggest_found for u in one):.2f}", f"{mean(u.with_equals for u in one):.2f}")
            if name == "theme"
            else ("", "")
        )
        lines.append(
            f"{name:<22}{mean(u.cells_shown for u in one):>12.1%}{mean(u.demand_shown for u in one):>14.1%}"
            f"{mean(u.error for u in one):>8.2f}{ten:>20}{shared:>14}"
        )
    return "\n".join(lines)


def _timed(area: Area, year: Period, signals: int) -> str:
    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.database import keep
    from skillsmatch.demand import releases
    from skillsmatch.demand.attacks.suite import invent

    with scratch_folder() as folder, scratch_service(folder, "timed"):
        people = invent(area, max(50, round(signals / SIGNALS_OF_ONE)), 1, year)
        began, used = time.monotonic(), time.process_time()
        drawn = releases.draw_up(year, area)
        counted, counting = time.monotonic() - began, time.process_time() - used
        began = time.monotonic()
        keep(lambda: releases.publish(releases.store_draft(drawn)))
        stored = time.monotonic() - began
    cells = sum(len(table) for table in drawn.tables.values())
    return (
        f"\nA year's release of {len(people.asked):,} signals of {len(people.record_keys):,} employers: "
        f"{counted:.1f} s to count ({counting:.1f} s of one core), {stored:.2f} s to store and publish {cells:,} cells."
    )
