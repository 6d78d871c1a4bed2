"""The command that times the matcher beside its peers; it needs no database and no settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click

from skillsmatch.cli import bench_texts
from skillsmatch.cli.bench_peers import CONTENDERS, OURS, absent

ROOT = Path(__file__).resolve().parents[2]
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Peers and ours alike get one thread; a library that is not told takes every core.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMBA_NUM_THREADS",
     "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS"),
    "1",
)  # fmt: skip
MEASURED = "one thread; a process for each fit and each round; every query asked once before, caches of texts emptied"


@dataclass(slots=True)
class Run:
    """One contender at one size, over all rounds."""

    matcher: str
    offers: int
    fit: dict[str, Any] = field(default_factory=dict)
    served: list[dict[str, Any]] = field(default_factory=list)

    def per_query(self, name: str = "rank_ms") -> list[float]:
        """The median of each query's timings, in milliseconds."""
        rounds = [each[name] for each in self.served]
        return [median([t for times in query for t in times]) for query in zip(*rounds, strict=True)]

    def at(self, share: float, name: str = "rank_ms") -> float:
        """The percentile over the queries."""
        from skillsmatch.matching.metrics import percentile

        return percentile(self.per_query(name), share) or 0.0

    def slowest(self) -> float:
        """The percentile 99 over every single timing, hiccups of the machine included."""
        from skillsmatch.matching.metrics import percentile

        return percentile([t for each in self.served for q in each["rank_ms"] for t in q], 0.99) or 0.0

    def told(self, name: str) -> float | None:
        """The median over the rounds, or None where there is nothing to measure."""
        values = [each[name] for each in self.served]
        return None if None in values else median(values)

    def as_data(self) -> dict[str, Any]:
        """The run as MATCHING wants it; every key is present."""

        def short(value: float | None) -> float | None:
            return None if value is None else round(value, 3)

        return {
            "matcher": self.matcher,
            "offers": self.offers,
            "fit_s": short(self.fit.get("fit_s")),
            "load_ms": short(self.told("load_ms")),
            "rank_ms": {"p50": short(self.at(0.50)), "p99": short(self.at(0.99))},
            "rss_mb": short(self.told("rss_mb")),
        }


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
                _in_its_own_process({"do": "serve", **told(run), "queries": queries, "repeats": repeats})
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


def report(runs: Sequence[Run], missing: dict[str, str], queries: int, timings: int) -> list[str]:
    """The runs for a reader: a table, what is told of ours alone, ratios, growth, and who was absent."""
    lines = [
        f"{queries} queries, {timings} timings of each, their median; {MEASURED}",
        "p50 and p99 over the queries; cpu: the processor's own time for them; all: p99 over every single timing",
        f"{'matcher':<12} {'offers':>8} {'fit s':>8} {'load ms':>8} {'p50 ms':>8} {'p99 ms':>8} {'p50 cpu':>8} "
        f"{'p99 cpu':>8} {'p99 all':>8} {'rss MB':>8} {'fit MB':>8} {'disk MB':>8} {'full page':>9}",
    ]
    for run in runs:
        data = run.as_data()
        cells = [
            *(data["fit_s"], data["load_ms"], data["rank_ms"]["p50"], data["rank_ms"]["p99"]),
            *(run.at(0.50, "work_ms"), run.at(0.99, "work_ms"), run.slowest()),
            *(data["rss_mb"], run.fit.get("peak_mb"), run.fit.get("disk_mb")),
        ]
        told = " ".join(f"{'-' if cell is None else format(cell, '.2f'):>8}" for cell in cells)
        lines.append(f"{run.matcher:<12} {run.offers:>8} {told} {run.told('full_pages') or 0:>9.0%}")
    lines += _ours_alone(runs) + _ratios(runs) + _growth(runs)
    return lines + [f"not measured: {name}: {why}" for name, why in missing.items()]


def _ours_alone(runs: Sequence[Run]) -> list[str]:
    lines = []
    for run in runs:
        if run.matcher == OURS:
            lines += [
                f"{OURS} at {run.offers:,}: with place, level and dates p50 {run.at(0.5, 'constrained_ms'):.2f}, "
                f"p99 {run.at(0.99, 'constrained_ms'):.2f} ms; split into needs and interleaved p50 "
                f"{run.at(0.5, 'pages_ms'):.2f}, p99 {run.at(0.99, 'pages_ms'):.2f} ms",
                f"{OURS} at {run.offers:,}: first query after opening {run.told('first_ms') or 0:.0f} ms; one changed "
                f"offer searchable in {run.told('change_ms') or 0:.0f} ms; the encoder opens in "
                f"{run.told('encoder_ms') or 0:.1f} ms and reads its first text in "
                f"{run.told('encoder_first_ms') or 0:.1f} ms, after imports",
            ]
    return lines


def _ratios(runs: Sequence[Run]) -> list[str]:
    """Ours against each peer, and against bm25s and the dense product together, by the clock and the processor."""
    lines = []
    for count in sorted({run.offers for run in runs}):
        at = {run.matcher: run for run in runs if run.offers == count}
        if OURS not in at:
            continue
        bars = {name: [run] for name, run in at.items() if name != OURS}
        if "bm25s" in at and "dense" in at:
            bars["bm25s + dense"] = [at["bm25s"], at["dense"]]
        for clock, name in (("", "rank_ms"), (", cpu", "work_ms")):
            told = [
                f"{peer} {_ratio(at[OURS], bar, 0.5, name):.2f} / {_ratio(at[OURS], bar, 0.99, name):.2f}"
                for peer, bar in bars.items()
            ]
            if told:
                lines.append(f"ratio at {count:,} offers, ours / peer, p50 / p99{clock}: {', '.join(told)}")
    return lines


def _ratio(ours: Run, bar: Sequence[Run], share: float, name: str) -> float:
    return ours.at(share, name) / max(sum(run.at(share, name) for run in bar), 1e-9)


def _growth(runs: Sequence[Run]) -> list[str]:
    """How much slower each becomes from the smallest size to the largest, beside how much larger that is."""
    counts = sorted({run.offers for run in runs})
    if len(counts) < 2:
        return []
    least, most = counts[0], counts[-1]
    at = {(run.matcher, run.offers): run for run in runs}
    lines = []
    for clock, name in (("", "rank_ms"), (", cpu", "work_ms")):
        told = []
        for matcher in dict.fromkeys(run.matcher for run in runs):
            small, large = at[matcher, least], at[matcher, most]
            times = (_ratio(large, [small], share, name) for share in (0.50, 0.99))
            told.append(f"{matcher} " + " / ".join(format(each, ".1f") for each in times))
        lines.append(
            f"growth from {least:,} to {most:,} offers ({most / least:.1f} times), p50 / p99{clock}: {', '.join(told)}"
        )
    return lines
