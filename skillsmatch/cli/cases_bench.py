"""`flask cases bench`: how long grouping takes, how stable and how good it is, and how much personal data is found."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy import insert, select

from skillsmatch.cli.cases_rematch_bench import rematch_bench
from skillsmatch.cli.cases_texts import Said, own_facets, sentences

MORE = 0.01  # of the facets, added to see what moves
SHORTEST_RUN = 100  # facets; fewer tell nothing
KINDS_FOUND = {"name, not listed": "name", "name, in passing": "name"}  # under what a made-up kind is hidden
T = TypeVar("T")


@click.command(short_help="Measure grouping, or with --redaction the hiding of personal data.")
@click.option(
    "--facets",
    default=20_000,
    show_default=True,
    type=click.IntRange(SHORTEST_RUN),
    help="Unmet needs to group.",
)
@click.option(
    "--standards",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Apprenticeship standards (JSON lines, gzip) with job titles and routes, to judge the groups by.",
)
@click.option("--redaction", is_flag=True, help="Measure the hiding of personal data instead.")
@click.option(
    "--sentences", "count", default=6_000, show_default=True, type=click.IntRange(100), help="To hide it in."
)
@click.option(
    "--rematch",
    metavar="FACETSxOFFERS",
    help="Match so many past needs again with so many new offers instead.",
)
@with_appcontext
def bench(facets: int, standards: Path | None, redaction: bool, count: int, rematch: str | None) -> None:
    """Measure grouping on made-up needs: time, stability and quality. With --redaction, recall and precision of hiding.
    With --rematch 100000x1000, how long past needs take against new offers.

    All in a scratch database; nothing that was entered is read or changed.
    """
    if rematch:
        rematch_bench(rematch)
        return
    if redaction:
        _redaction(count)
        return
    _grouping(facets)
    _quality(standards)


# --- grouping --------------------------------------------------------------------------------------


def _grouping(count: int) -> None:
    from skillsmatch.cases.filters import Filters
    from skillsmatch.cases.grouping import group_new
    from skillsmatch.cases.register import register
    from skillsmatch.cli.scratch import scratch_folder, scratch_service

    more = max(1, round(count * MORE))
    said = own_facets(count + more)
    with scratch_folder() as folder:
        with scratch_service(folder, "first") as app:
            _enter(said[:count])
            done = _timed(f"{count:,} unmet facets grouped", group_new)
            first = _labels()
            click.echo(f"{done.groups:,} groups; the largest hold {_largest(first)} facets")
            _timed("the register read", lambda: register(Filters(), app.extensions["area"]))
            _enter(said[count:], start=count)
            grown = _timed(f"{more:,} more grouped", group_new)
            after = _labels()
            moved = sum(first[facet] != after[facet] for facet in first)
            click.echo(f"{grown.joined:,} of them joined a group that stood")
            click.echo(
                f"with 1% more: {moved:,} of {count:,} facets moved ({100 * moved / count:.2f}%), "
                f"adjusted Rand index {_rand(first, after):.4f}"
            )
        with scratch_service(folder, "second"):
            _enter(said[:count])
            group_new()
            click.echo(f"the same data twice: adjusted Rand index {_rand(first, _labels()):.4f}")
        with scratch_service(folder, "third"):
            _enter(said)
            group_new()
            click.echo(
                f"all of them from nothing, with 1% more: adjusted Rand index {_rand(first, _labels()):.4f}"
            )
    held: dict[int, list[int]] = {}
    for facet, group in first.items():
        held.setdefault(group, []).append(facet - 1)
    groups = list(held.values())
    click.echo(
        _cubed_words("groups against the themes they were made from", groups, [s.theme for s in said[:count]])
    )
    click.echo(
        _cubed_words("groups against the names they were made from", groups, [s.name for s in said[:count]])
    )


def _timed(words: str, work: Callable[[], T]) -> T:
    wall, own = time.perf_counter(), time.process_time()
    result = work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    click.echo(f"{words} in {wall:.1f} s ({own:.1f} s of processor time)")
    return result


def _enter(said: Sequence[Said], start: int = 0) -> None:
    """The facets as unmet needs of as many employers, in the database of the service that is running."""
    from skillsmatch.clock import now, today
    from skillsmatch.database import keep
    from skillsmatch.demand.models import DemandSignal, EmployerKey
    from skillsmatch.extensions import db
    from skillsmatch.needs.models import Facet, Need

    numbers = range(start + 1, start + len(said) + 1)
    rows: dict[type, list[dict[str, Any]]] = {EmployerKey: [], DemandSignal: [], Need: [], Facet: []}
    unmet = {"outcome": "nothing-fitted", "reasons": ["no-provision"]}
    for number, each in zip(numbers, said, strict=True):
        name = f"{number:064d}"
        coded = {"id": number, "theme": each.theme}
        rows[EmployerKey].append(
            {"id": number, "digest": name, "record_key": 0, "basis": "need", "created_at": now()}
        )
        rows[DemandSignal].append({**coded, **unmet, "employer_key_id": number, "made_on": today()})
        rows[Need].append(
            {
                "id": number,
                "reference": f"bench-{number}",
                "token_digest": name,
                "payload_digest": "",
                "created_at": now(),
                "changed_at": now(),
                "kept_until": date.max,
                "text": each.text,
            }
        )
        rows[Facet].append(
            {**coded, **unmet, "need_id": number, "position": 1, "text": each.text, "signal_id": number}
        )

    def put() -> None:
        for kind, lines in rows.items():
            db.session.execute(insert(kind), lines)

    keep(put)


def _labels() -> dict[int, int]:
    """The group of each facet."""
    from skillsmatch.cases.models import GroupedFacet
    from skillsmatch.extensions import db

    asked = select(GroupedFacet.facet_id, GroupedFacet.group_id).order_by(GroupedFacet.facet_id)
    return dict(db.session.execute(asked).tuples().all())


def _largest(labels: dict[int, int]) -> str:
    return ", ".join(f"{number:,}" for _, number in Counter(labels.values()).most_common(5))


def _rand(before: dict[int, int], after: dict[int, int]) -> float:
    """The adjusted Rand index over the facets that both know."""
    from sklearn.metrics import adjusted_rand_score

    both = sorted(before.keys() & after.keys())
    return float(adjusted_rand_score([before[f] for f in both], [after[f] for f in both]))


# --- how good the groups are -----------------------------------------------------------------------


def _quality(standards: Path | None) -> None:
    if standards is None or not standards.exists():
        missing = "no file was named with --standards" if standards is None else f"{standards} is not there"
        click.echo(f"groups against the 15 routes: left out, {missing}")
        return
    from skillsmatch.area.national import load_routes
    from skillsmatch.area.themes import load_themes
    from skillsmatch.cases.clustering import gather
    from skillsmatch.cases.grouping import encode
    from skillsmatch.matching import Labeller

    titles = _job_titles(standards, {route.name for route in load_routes().values()})
    groups = gather(encode([title for title, _, _ in titles]))
    routes, ids = [route for _, route, _ in titles], [standard for _, _, standard in titles]
    click.echo(
        f"{len(titles):,} job titles of {len(set(ids))} standards in {len(groups):,} groups, alone by meaning"
    )
    click.echo(_cubed_words("groups against the 15 routes", groups, routes))
    click.echo(_cubed_words("groups against the standards", groups, ids))
    themes = load_themes()
    labeller = Labeller.fit(themes.documents())
    told = [[code for code, _ in themes.label(labeller, title, 1)] for title, _, _ in titles]
    put_together: dict[str, list[int]] = {}
    for number, rows in enumerate(groups):
        votes = Counter(code for row in rows for code in told[row])
        theme = min(votes, key=lambda code: (-votes[code], code)) if votes else ""
        route = themes.groups[themes.themes[theme].group].route if theme else None
        put_together.setdefault(route or f"alone {number}", []).extend(rows)
    by_route = list(put_together.values())
    click.echo(
        _cubed_words("groups put together by their theme's route, against the 15 routes", by_route, routes)
    )


def _job_titles(path: Path, routes: set[str]) -> list[tuple[str, str, str]]:
    """Each job title with its route and its standard; standards of no route, or of one by an old name, left out."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            standard = json.loads(line)
            if standard.get("route") in routes:
                titles = standard.get("typical_job_titles") or []
                found += [(title, standard["route"], standard["id"]) for title in titles]
    return found


def cubed(groups: Sequence[Sequence[int]], gold: Sequence[str]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of groups of row numbers against the gold label of each row.

    Amigó et al. 2009: for each row the share of its group with its label, and of its label in its group; the means.
    """
    sizes, precision, recall = Counter(gold), 0.0, 0.0
    for rows in groups:
        for label, number in Counter(gold[row] for row in rows).items():
            precision += number * number / len(rows)
            recall += number * number / sizes[label]
    precision, recall = precision / len(gold), recall / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _cubed_words(words: str, groups: Sequence[Sequence[int]], gold: Sequence[str]) -> str:
    precision, recall, both = cubed(groups, gold)
    return f"{words}: B-cubed F1 {both:.3f} (precision {precision:.3f}, recall {recall:.3f})"


# --- hiding personal data --------------------------------------------------------------------------


def _redaction(count: int) -> None:
    from skillsmatch.cases.redaction import find_personal

    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    right: Counter[str] = Counter()
    said = sentences(count)
    own = time.process_time()
    spans = [find_personal(each.text) for each in said]
    own = time.process_time() - own
    for each, told in zip(said, spans, strict=True):
        for start, end, kind in each.pieces:
            wanted[kind] += 1
            found[kind] += all(any(a <= at < b for a, b, _ in told) for at in range(start, end))
        for start, end, kind in told:
            hidden[kind] += 1
            right[kind] += any(start < b and a < end for a, b, _ in each.pieces)
    click.echo(
        f"{count:,} seeded sentences, {sum(1 for s in said if not s.pieces):,} with nothing personal; {own:.1f} s"
    )
    click.echo(f"{'':22}{'pieces':>8}{'recall':>9}{'hidden':>9}{'precision':>11}")
    for kind in sorted(wanted):
        known = KINDS_FOUND.get(kind, kind)
        precision = f"{right[known] / hidden[known]:>11.1%}" if hidden[known] else f"{'':>11}"
        click.echo(
            f"{kind:22}{wanted[kind]:>8,}{found[kind] / wanted[kind]:>9.1%}{hidden[known]:>9,}{precision}"
        )
    click.echo(
        "recall: the whole piece is hidden, as whatever; precision: what is hidden touches personal data"
    )
