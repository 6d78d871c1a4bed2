"""`flask demand attack`: every known attack on releases, against our method and against three weak ones."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from skillsmatch.accounts.roles import Role
    from skillsmatch.area.areas import Area
    from skillsmatch.demand.attacks.pages import Ask
    from skillsmatch.demand.attacks.suite import Findings
    from skillsmatch.demand.periods import Period

UKPRNS = (19_999_998, 19_999_999)  # of readers, where the catalogue has no providers for them
PAGES = 0  # in place of a seed: the population whose pages are attacked
SIZES = "400,1500,5000"  # employers in a year: a quiet quarter's worth, a year as expected, a busy one


def _sizes(_context: click.Context, _param: click.Parameter, value: str) -> list[int]:
    try:
        sizes = [int(part) for part in value.split(",")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 50 or max(sizes) > 100_000:
        raise click.BadParameter("write numbers from 50 to 100000 with commas, such as 400,1500,5000")
    return sizes


@click.command(short_help="Attack the releases of invented employers; fails where one gives somebody away.")
@click.option(
    "--seeds", default=2, show_default=True, type=click.IntRange(1, 1000), help="Populations of each size."
)
@click.option(
    "--employers", default=SIZES, show_default=True, callback=_sizes, help="Employers in a year, by size."
)
@click.option(
    "--jobs",
    default=os.cpu_count() or 1,
    type=click.IntRange(1, 64),
    help="Processes that work at once; by default one for each core.",
)
@with_appcontext
def attack(seeds: int, employers: list[int], jobs: int) -> None:
    """Attack the releases of invented employers, in a scratch database, and print what succeeded.

    Nothing that was entered is read or changed. The exit code is 1 where an attack on our method misses its bar,
    and where a weak method withstands them all: then the attacks prove nothing.
    """
    from skillsmatch.demand.attacks.suite import Findings

    began, findings = time.monotonic(), Findings()
    run(findings, employers, seeds, jobs, lambda words: click.echo(words, err=True))
    click.echo(report(findings))
    click.echo(f"\n{len(employers) * seeds} populations in {time.monotonic() - began:.0f} s.")
    failures = findings.failures()
    for failure in failures:
        click.echo(f"MISSED  {failure}", err=True)
    if failures:
        raise SystemExit(1)
    click.echo("Every bar is met, and every weak method falls.")


def run(findings: Findings, sizes: list[int], seeds: int, jobs: int, say: Callable[[str], None]) -> None:
    """All attacks: on tables for each size and seed, and through the pages of one population, which take longest."""
    from skillsmatch.cli.scratch import scratch_folder

    tasks: list[tuple[int, int]] = [(min(sizes), PAGES)]
    tasks += [(size, seed) for seed in range(1, seeds + 1) for size in sorted(sizes, reverse=True)]
    with scratch_folder() as folder:
        if jobs == 1:
            for task in tasks:
                findings.take_in(_attacked(folder, *task))
                say(_told(*task))
            return
        # Forked, so that each has this service's settings; each works on a database of its own.
        with ProcessPoolExecutor(min(jobs, len(tasks)), get_context("fork")) as pool:
            working = {pool.submit(_attacked, folder, *task): task for task in tasks}
            for done in as_completed(working):
                findings.take_in(done.result())
                say(_told(*working[done]))


def _told(size: int, seed: int) -> str:
    what = "every page" if seed == PAGES else f"seed {seed}"
    return f"{size} employers, {what}: done"


def _attacked(folder: Path, size: int, seed: int) -> Findings:
    """What one population gave: its tables, or with PAGES its pages."""
    from flask import current_app

    from skillsmatch.cli.scratch import scratch_service
    from skillsmatch.clock import today
    from skillsmatch.demand.attacks.suite import Findings, attack_tables, year_of_attack
    from skillsmatch.demand.disclosure import rules_of

    area, rules = current_app.extensions["area"], rules_of(current_app.config)
    year, findings = year_of_attack(today(), area.year_start_month), Findings()
    with scratch_service(folder, f"{size}-{seed}") as app:
        if seed == PAGES:
            _through_the_pages(findings, app, area, size, year)
        else:
            attack_tables(findings, area, size, seed, year, rules)
    return findings


def _through_the_pages(findings: Findings, app: Flask, area: Area, size: int, year: Period) -> None:
    """A service with the demonstration's catalogue, so that planner, desk and search have something to give away."""
    from skillsmatch.database import keep
    from skillsmatch.demand import releases
    from skillsmatch.demand.attacks.pages import Ask, attack_pages
    from skillsmatch.demand.attacks.suite import invent

    ukprns = demonstration_catalogue(area)
    invent(area, size, 1, year)
    for period in (*year.quarters, year):
        try:
            drawn = releases.draw_up(period, area)
        except releases.TooFewEmployers:
            continue
        keep(lambda drawn=drawn: releases.publish(releases.store_draft(drawn)))  # type: ignore[misc]
    for period in year.quarters[:1]:
        if made := releases.release_of(period.name):
            keep(lambda made=made: releases.withdraw(made, "an attack"))  # type: ignore[misc]
    asks = [Ask(where) for where in every_table(year)] + drafts()
    attack_pages(findings, app, area, readers(app, ukprns), values_of(year.name), asks)


def demonstration_catalogue(area: Area) -> dict[str, int]:
    """Loads the area's demonstration catalogue where it has one; the providers that the readers are of."""
    from sqlalchemy import func, select

    from skillsmatch.extensions import db
    from skillsmatch.offers.loading import load_offers
    from skillsmatch.offers.models import Provider

    file = area.demonstration_catalogue
    if file.is_file():
        load_offers(file)
    largest = select(Provider.ukprn).join(Provider.offers).group_by(Provider.ukprn)
    found = db.session.scalars(largest.order_by(func.count().desc(), Provider.ukprn).limit(2)).all()
    return dict(zip(("provider", "college"), (*found, *UKPRNS)[:2], strict=True))


def drafts() -> list[Ask]:
    """What a reader sends to the planner: a draft of what the known search asks for, and two beside each other."""
    from skillsmatch.area.themes import load_themes
    from skillsmatch.demand.attacks.pages import Ask

    names = [theme.name for theme in load_themes().themes.values()]
    one = (("title", names[-1]), ("learned", f"{names[0]}.\n{names[-2]}."), ("level", "2"))
    return [Ask("/demand/planner", one), Ask("/demand/planner", (*one, ("title_2", "Bricklaying level 2")))]


def values_of(period: str) -> dict[str, str]:
    """What the parameters of the demand routes may be: one table, and one theme, of a published release."""
    from skillsmatch.demand.lattice import theme_groups

    first = next(iter(theme_groups()))
    return {"period": period, "name": "theme", "form": "csv", "dimension": "theme", "code": first}


def every_table(year: Period) -> list[str]:
    """Page, chart, files and JSON of every table of the year and of its last quarter, and the choices of a page."""
    from skillsmatch.demand.lattice import TWO_WAY, specs_for

    found = [f"/demand?release={year.name}&table={spec.name}" for spec in TWO_WAY]
    for period in (year, year.quarters[-1]):
        found.append(f"/demand?release={period.name}")
        found += [f"/demand/{page}?release={period.name}" for page in ("mine", "mine.csv", "mine.xlsx")]
        found += [f"/provider/figures{form}?release={period.name}" for form in ("", ".csv", ".xlsx")]
        for spec in specs_for(period.kind):
            forms = ("", ".csv", ".svg") if period.quarter else ("", ".csv", ".xlsx", ".svg")
            found += [f"/demand/{period.name}/{spec.name}{form}" for form in forms]
            found.append(f"/api/v1/demand/{period.name}/{spec.name}")
    return found


def readers(app: Flask, ukprns: Mapping[str, int]) -> dict[str, FlaskClient]:
    """A browser for each kind of reader there is. The attacks go through every route as each of them.

    Officers of the Chamber are not among them: they may see exact counts, and their pages say so. Administrators are,
    save on those pages.
    """
    from skillsmatch.accounts.roles import Role

    found = {"nobody signed in": app.test_client()}
    for role in (Role.PROVIDER, Role.COLLEGE, Role.ADMIN):
        found[role.words] = browser_of(app, role, ukprns.get(role))
    return found


def browser_of(app: Flask, role: Role, ukprn: int | None = None) -> FlaskClient:
    """A browser signed in to a new account of the scratch service, of the provider with this number."""
    from skillsmatch.accounts.keys import digest_of, new_secret
    from skillsmatch.accounts.models import Account, Organisation, SignIn
    from skillsmatch.accounts.roles import KIND_OF_ROLE, NEEDS_SECOND_STEP
    from skillsmatch.clock import now
    from skillsmatch.database import keep
    from skillsmatch.extensions import db

    secret = new_secret()

    def make() -> None:
        home = Organisation(
            kind=KIND_OF_ROLE[role], name=f"{role} of the attack", ukprn=ukprn, created_at=now()
        )
        account = Account(
            organisation=home,
            email=f"{role}@attack.example",
            name="Attacker",
            roles=[role],
            owner=True,
            demonstration=bool(app.config["DEMO"]),
            password_hash="",
            password_changed_at=now(),
            totp_sealed="sealed" if role in NEEDS_SECOND_STEP else "",
            created_at=now(),
        )
        db.session.add(account)
        db.session.flush()
        db.session.add(
            SignIn(
                account_id=account.id,
                secret_digest=digest_of(secret),
                browser="attack",
                created_at=now(),
                last_seen_at=now(),
            )
        )

    keep(make)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = secret, True
    return client


def report(findings: Findings) -> str:
    """The findings as a table: tried, certain, and guesses that were right, by class and method."""
    from skillsmatch.demand.attacks.suite import BESIDE, BESIDE_OFFERS, CLASSES

    methods = list(findings.scores)
    lines = ["Succeeded with certainty / tried, and the share of guesses that were right (a coin: 50%)", ""]
    lines.append(f"{'':<36}" + "".join(f"{method:>26}" for method in methods))
    beside = {BESIDE: "a whole need, others known: no bar", BESIDE_OFFERS: "many offers, planted: no bar"}
    for name, words in {**CLASSES, **beside}.items():
        cells = [_cell(findings, method, name) for method in methods]
        if any(cells):
            title = f"{name}  {words}" if name in CLASSES else words
            lines.append(f"{title:<36.36}" + "".join(f"{cell or '-':>26}" for cell in cells))
    lines += ["", f"Pages, files and API: {len(findings.routes)} routes, each as every reader"]
    lines += [f"  {where}" for where in findings.routes]
    return "\n".join(lines + findings.said[:20])


def _cell(findings: Findings, method: str, name: str) -> str:
    score = findings.scores[method].get(name)
    if score is None or not score.tried:
        return ""
    right = "" if score.accuracy is None else f"  {score.accuracy:.1%}"
    return f"{score.certain:,} / {score.tried:,}{right}"
