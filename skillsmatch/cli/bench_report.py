"""What the bench measured, for a program and for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from skillsmatch.cli.bench_peers import OURS

MEASURED = (
    "one thread; a process for each fit and round; each query asked once before, whole texts then forgotten; "
    "every pass begins with another query"
)


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
    for run in [run for run in runs if run.matcher == OURS]:
        at = f"{OURS} at {run.offers:,}:"
        for words, name in (
            ("with place, level and dates", "constrained_ms"),
            ("split into needs and interleaved", "pages_ms"),
            ("asked for the first time in a fresh process", "firsts_ms"),
        ):
            lines.append(f"{at} {words} p50 {run.at(0.50, name):.2f}, p99 {run.at(0.99, name):.2f} ms")
        opens, reads = run.told("encoder_ms") or 0, run.told("encoder_first_ms") or 0
        lines += [
            f"{at} one changed offer searchable in {run.told('change_ms') or 0:.0f} ms",
            f"{at} the encoder opens in {opens:.1f} ms after imports and reads its first text in {reads:.1f} ms",
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
