"""The command that times the matcher beside its peers; it needs no database and no settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from skillsmatch.cli import bench_texts
from skillsmatch.cli.bench_peers import CONTENDERS, OURS, absent
from skillsmatch.cli.bench_report import Run, report

ROOT = Path(__file__).resolve().parents[2]
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Peers and ours alike get one thread; a library that is not told takes every core.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMBA_NUM_THREADS",
     "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS"),
    "1",
)  # fmt: skip


@click.command("bench", short_help="Time the matcher beside its peers.")
@click.option(
    "--offers",
    "sizes",
    type=click.IntRange(min=1),
    multiple=True,
    default=(10_000, 100_000),
    show_default=True,
    help="How many offers; may come again.",
)
@click.option(
    "--catalogue",
    type=_FILE,
    help="A live-courses file to take them from; else they are made up, always alike.",
)
@click.option(
    "--queries", "asked", type=_FILE, help="Needs, JSON Lines with a query each; else ninety of ours."
)
@click.option(
    "--matcher",
    "only",
    type=click.Choice(list(CONTENDERS)),
    multiple=True,
    help="Measure only this one; may come again.",
)
@click.option(
    "--rounds", type=click.IntRange(1, 20), default=3, show_default=True, help="How often all take turns."
)
@click.option(
    "--repeats",
    type=click.IntRange(1, 20),
    default=2,
    show_default=True,
    help="Timings of a query in a round.",
)
@click.option(
    "--reverse",
    "facets",
    type=click.IntRange(min=1),
    help="Also match so many past needs with 1,000 new offers.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="End with one line of JSON; the report goes to the side."
)
def bench(
    sizes: tuple[int, ...],
    catalogue: Path | None,
    asked: Path | None,
    only: tuple[str, ...],
    rounds: int,
    repeats: int,
    facets: int | None,
    as_json: bool,
) -> None:
    """Time the matcher beside its peers, on the same texts in one run.

    Each matcher at each size is fitted in a process of its own, with one thread, and its saved index opened in
    another. All take turns, round by round, so that a busy machine slows all alike. The time of a query is the
    median of its timings; p50 and p99 are over the queries.
    """
    from skillsmatch.matching.evaluating import EvaluationError, read_queries

    try:
        queries = [each.text for each in read_queries(asked)] if asked else bench_texts.own_queries()
    except (EvaluationError, OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(str(problem)) from problem
    if not queries:
        raise click.ClickException("there is no query to ask")
    lacking = absent()
    names = [name for name in only or CONTENDERS if name not in lacking]
    counts = sorted(set(sizes))
    with tempfile.TemporaryDirectory(prefix="skillsmatch-bench-") as folder:
        try:
            runs = _measured(Path(folder), names, counts, catalogue, queries, rounds, repeats)
            turned = _turned_round(Path(folder), runs, facets) if facets else []
        except (bench_texts.NotEnough, OSError) as problem:
            raise click.ClickException(str(problem)) from problem
    missing = {name: why for name, why in lacking.items() if not only or name in only}
    for line in [*report(runs, missing, len(queries), rounds * repeats), *turned]:
        click.echo(line, err=as_json)
    if as_json:
        click.echo(json.dumps({"runs": [run.as_data() for run in runs]}))


def _measured(
    folder: Path,
    names: Sequence[str],
    counts: Sequence[int],
    catalogue: Path | None,
    queries: list[str],
    rounds: int,
    repeats: int,
) -> list[Run]:
    """Every contender at every size: all are fitted, then all are asked in turns."""
    texts = folder / "offers.jsonl"
    most = counts[-1]
    bench_texts.keep_offers(
        bench_texts.file_offers(catalogue, most) if catalogue else bench_texts.own_offers(most), texts
    )
    runs = [Run(name, count) for count in counts for name in names]

    def told(run: Run) -> dict[str, Any]:
        index = folder / f"{run.matcher}-{run.offers}"
        return {"matcher": run.matcher, "count": run.offers, "offers": str(texts), "folder": str(index)}

    for run in runs:
        click.echo(f"fitting {run.matcher} on {run.offers:,} offers", err=True)
        if CONTENDERS[run.matcher].fits:
            run.fit = _in_its_own_process({"do": "fit", **told(run)})
    for turn in range(rounds):
        click.echo(f"asking, round {turn + 1} of {rounds}", err=True)
        # Every round begins with another, so that none always has the machine at its coolest.
        for run in runs[turn % len(runs) :] + runs[: turn % len(runs)]:
            run.served.append(
                _in_its_own_process(
                    {"do": "serve", **told(run), "queries": queries, "repeats": repeats, "turn": turn}
                )
            )
    return runs


def _turned_round(folder: Path, runs: Sequence[Run], facets: int) -> list[str]:
    """How long past needs take against new offers, on the smallest catalogue that ours was fitted on."""
    fitted = next((run for run in runs if run.matcher == OURS), None)
    if fitted is None:
        return [f"--reverse needs {OURS} among the matchers"]
    click.echo(f"turning round: {facets:,} past needs", err=True)
    told = _in_its_own_process(
        {
            "do": "reverse",
            "matcher": OURS,
            "count": fitted.offers,
            "folder": str(folder / f"{OURS}-{fitted.offers}"),
            "facets": facets,
        }
    )
    return [
        f"turned round: {facets:,} past needs read in {told['read_s']:.0f} s and held against {told['new']:,} new "
        f"offers in {told['met_s']:.0f} s, in {told['jobs']} processes; {told['met']:,} pairs met; "
        f"{told['cpu_s']:.0f} s of the processor; memory {told['peak_mb']:.0f} MB, largest helper "
        f"{told['child_mb']:.0f} MB"
    ]


def _in_its_own_process(told: dict[str, Any]) -> dict[str, Any]:
    """What the worker measured. Raises ClickException with its last words where it failed."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-m", "skillsmatch.cli.bench_worker"],
        input=json.dumps(told),
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        words = (ran.stderr.strip().splitlines() or [f"it ended with {ran.returncode}"])[-1]
        raise click.ClickException(f"{told['matcher']} at {told['count']:,} offers: {words}")
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer
