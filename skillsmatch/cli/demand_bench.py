"""`flask demand bench`: how long a year's release takes, and what is left to see in it."""

from __future__ import annotations

import time
from contextvars import Context
from statistics import mean
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from flask.testing import FlaskClient

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
@click.option(
    "--pages",
    default=200,
    show_default=True,
    type=click.IntRange(0),
    help="Times each page is read; 0 leaves it out.",
)
@with_appcontext
def bench(signals: int, employers: int, seeds: int, pages: int) -> None:
    """Time a year's release of invented signals and the pages that show it, and measure what can still be seen.

    All in a scratch database; nothing that was entered is read or changed.
    """
    from flask import current_app

    from skillsmatch.clock import today
    from skillsmatch.demand.attacks.suite import year_of_attack

    area = current_app.extensions["area"]
    year = year_of_attack(today(), area.year_start_month)
    if seeds:
        click.echo(_useful(area, year, employers, seeds))
    if pages:
        click.echo(_read(area, year, employers, pages))
    if signals:
        click.echo(_timed(area, year, signals))


def _useful(area: Area, year: Period, employers: int, seeds: int) -> str:
    from flask import current_app

    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.demand.attacks.suite import invent
    from skillsmatch.demand.counting import count, shown_tables
    from skillsmatch.demand.disclosure import rules_of
    from skillsmatch.demand.leading import told_besides
    from skillsmatch.demand.usefulness import Usefulness, usefulness

    rules, found = rules_of(current_app.config), dict[str, list[Usefulness]]()
    with scratch_folder() as folder:
        for seed in range(1, seeds + 1):
            with scratch_service(folder, str(seed)):
                invent(area, employers, seed, year)
                counts = count(year, area, rules, (), True)
                shown = shown_tables(counts, year, area, rules)
                quarters = [
                    shown_tables(count(q, area, rules, (), True), q, area, rules)["theme"]
                    for q in year.quarters
                ]
                besides = told_besides(quarters, shown["outcome-by-theme"], rules.threshold)
                for name in LOOKED_AT:
                    one = usefulness(counts.tables[name], shown[name], besides if name == "theme" else {})
                    found.setdefault(name, []).append(one)
    lines = [f"{employers:,} employers in a year, mean of {seeds} populations", ""]
    lines.append(f"{'':<22}{'cells shown':>12}{'demand shown':>14}{'RMSE':>8}")
    for name, some in found.items():
        lines.append(
            f"{name:<22}{mean(u.cells_shown for u in some):>12.1%}{mean(u.demand_shown for u in some):>14.1%}"
            f"{mean(u.error for u in some):>8.2f}"
        )
    themes = found["theme"]
    lines += [
        "",
        f"Of the first ten themes shown, as big as the tenth in truth: {mean(u.biggest_found for u in themes):.2f}",
        f"  where the codes decide between equals in truth:           {mean(u.named_found for u in themes):.2f}",
        f"Of the ten biggest, shown no smaller than the tenth shown:   {mean(u.with_equals for u in themes):.2f}",
    ]
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


def _read(area: Area, year: Period, employers: int, times: int) -> str:
    """How long each demand page takes a signed-in college, after the first; with its charts drawn."""
    from skillsmatch.accounts.roles import Role
    from skillsmatch.cli.demand_attack import browser_of, demonstration_catalogue
    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.database import keep
    from skillsmatch.demand import releases
    from skillsmatch.demand.attacks.suite import invent

    lines = [f"\nPages of a release of {employers:,} employers, each read {times} times: milliseconds", ""]
    lines.append(f"{'':<44}{'p50':>8}{'p99':>8}{'p99 of one core':>18}")
    with scratch_folder() as folder, scratch_service(folder, "read") as app:
        ukprns = demonstration_catalogue(area)
        invent(area, employers, 1, year)
        for period in (year, *year.quarters):
            drawn = releases.draw_up(period, area)
            keep(lambda drawn=drawn: releases.publish(releases.store_draft(drawn)))  # type: ignore[misc]
        college = browser_of(app, Role.COLLEGE, ukprns["college"])
        provider = browser_of(app, Role.PROVIDER, ukprns["provider"])
        for page in _pages_of(year.name):
            waited, used = _times(provider if page.startswith("/provider") else college, page, times)
            lines.append(f"{page:<44}{waited[times // 2]:>8.1f}{_p99(waited):>8.1f}{_p99(used):>18.1f}")
    return "\n".join(lines)


def _pages_of(period: str) -> list[str]:
    return [
        "/demand",
        f"/demand?release={period}&table=outcome-by-theme",
        f"/demand/{period}/theme",
        f"/demand/{period}/theme-by-district",
        f"/demand/{period}/by/theme/CON-BRICK",
        f"/demand/{period}/theme.svg",
        f"/demand/{period}/theme.xlsx",
        f"/api/v1/demand/{period}/theme-by-district",
        "/demand/mine",
        "/demand/mine?reach=catchment",
        "/demand/planner",
        "/provider/figures",
    ]


def _times(browser: FlaskClient, page: str, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds by the clock and of this process's own work, each in order."""
    waited, used = [], []
    for number in range(times + 1):
        began, worked = time.perf_counter(), time.process_time()
        answer = Context().run(
            browser.get, page, buffered=True
        )  # as from another machine: nothing is remembered
        if answer.status_code != 200:
            raise click.ClickException(f"{page} answered {answer.status_code}")
        if number:  # the first draws charts and fills memories
            waited.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - worked) * 1000)
    return sorted(waited), sorted(used)


def _p99(sorted_times: list[float]) -> float:
    return sorted_times[min(len(sorted_times) - 1, round(0.99 * len(sorted_times)))]
