"""One contender at one size in a process of its own: `python -m skillsmatch.cli.bench_worker`, told what on stdin.

It prints one JSON object. Nothing that another contender imported or left in memory can count here.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

from skillsmatch.cli.bench_peers import CONTENDERS, FIRST_PAGE, OURS
from skillsmatch.cli.bench_texts import kept_offers

Times = list[list[float]]

MB = 2**20
RSS_UNITS = (
    MB if sys.platform == "darwin" else 1024
)  # in a megabyte of ru_maxrss: macOS counts bytes, Linux KiB
APART = 7  # queries between those that two passes begin with
NEW_OFFERS = 1_000  # that past needs are held against
LEICESTER = 52.634, -1.133
# What these keep is of single words, which any server has met; other caches may hold answers to whole texts.
WORD_BY_WORD = {  # any server has these warm
    f"skillsmatch.matching.{home}" for home in ("words", "grams", "understanding")
}


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the seconds it took."""
    began = time.perf_counter()
    given = what()
    return given, time.perf_counter() - began


def resident_mb() -> float:
    """This process's memory now, what it maps and has read included; where it cannot be told, the most it had."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_mb()
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def peak_mb() -> float:
    """The most memory this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / RSS_UNITS


def forget_texts() -> None:
    """Empty every cache of the engine that may hold an answer to a text asked before: an employer asks once."""
    for each in gc.get_objects():
        if isinstance(each, _lru_cache_wrapper) and _holds_answers(each):
            each.cache_clear()


def _holds_answers(cache: Any) -> bool:
    home = cache.__module__ or ""
    if home in WORD_BY_WORD or not home.startswith("skillsmatch.matching"):
        return False
    return bool(cache.cache_info().maxsize != 1)  # those hold the engine's own data, not answers


def measure(
    rank: Callable[[str], Any], queries: list[str], repeats: int, turn: int = 0
) -> tuple[Times, Times, Times]:
    """Milliseconds for each query, so many times over; those of the processor; and when it was first asked.

    What the processor spent on this process is free of whatever else the machine did meanwhile. Whatever is asked
    first after the emptying finds the processor's own memory cold, so each pass of each turn begins with another.
    """
    firsts: Times = [[1000 * timed(lambda asked=text: rank(asked))[1]] for text in queries]  # type: ignore[misc]
    wall: Times = [[] for _ in queries]
    work: Times = [[] for _ in queries]
    for again in range(repeats):
        forget_texts()
        gc.collect()
        first = APART * (turn * repeats + again)
        for place in (number % len(queries) for number in range(first, first + len(queries))):
            text = queries[place]
            began, worked = time.perf_counter(), time.process_time()
            rank(text)
            ended, done = time.perf_counter(), time.process_time()
            wall[place].append(1000 * (ended - began))
            work[place].append(1000 * (done - worked))
    return wall, work, firsts


def fit(told: dict[str, Any]) -> dict[str, Any]:
    """Fit and save; the offers are read before the clock starts."""
    folder = Path(told["folder"])
    contender = CONTENDERS[told["matcher"]](folder)
    offers = list(kept_offers(Path(told["offers"]), told["count"]))
    _, seconds = timed(lambda: contender.fit(offers))
    contender.save(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {"fit_s": seconds, "peak_mb": peak_mb(), "disk_mb": size / MB}


def serve(told: dict[str, Any]) -> dict[str, Any]:
    """Open the saved index and ask the queries."""
    folder, queries = Path(told["folder"]), told["queries"]
    contender = CONTENDERS[told["matcher"]](folder)
    _, seconds = timed(lambda: contender.open(folder, told["count"]))
    if hasattr(contender, "prepare"):
        contender.prepare(queries)
    wall, work, firsts = measure(contender.rank, queries, told["repeats"], told["turn"])
    answer: dict[str, Any] = {"rank_ms": wall, "work_ms": work, "firsts_ms": firsts}
    answer |= {"load_ms": 1000 * seconds if contender.fits else None, "rss_mb": resident_mb()}
    found = [len(contender.rank(text)) for text in queries]
    answer["full_pages"] = sum(count == min(FIRST_PAGE, told["count"]) for count in found) / len(found)
    return answer | (_ours_beside(contender, told) if told["matcher"] == OURS else {})


def _ours_beside(contender: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What is told of ours alone: with an employer's constraints, whole pages, one changed offer, the encoder."""
    from datetime import UTC, datetime

    from skillsmatch.matching import Query
    from skillsmatch.matching.encoder import Encoder
    from skillsmatch.matching.ranking import find

    matcher, queries = contender.matcher, told["queries"]
    lat, lon = LEICESTER
    bound = Query("", lat=lat, lon=lon, level=3, today=datetime.now(UTC).date().toordinal())
    constrained = measure(
        lambda text: matcher.rank(replace(bound, text=text), FIRST_PAGE), queries, 1, told["turn"]
    )[0]
    pages = measure(lambda text: find(matcher, text, FIRST_PAGE), queries, 1, told["turn"])[0]
    loads = [timed(Encoder.load)[1] for _ in range(3)]
    encoder = Encoder.load()
    _, first = timed(lambda: encoder.encode(["someone to mend the machines"]))
    return {
        "constrained_ms": constrained,
        "pages_ms": pages,
        "encoder_ms": 1000 * max(loads),
        "encoder_first_ms": 1000 * first,
        "change_ms": 1000 * _one_change(matcher, Path(told["offers"])),
    }


def _one_change(matcher: Any, offers: Path) -> float:
    """Seconds until an offer with a new title is in the index and found by it."""
    from skillsmatch.matching import Query

    changed = replace(next(kept_offers(offers, 1)), title="Falconry for hospital kitchens")

    def change() -> Any:
        return matcher.updated([changed], []).rank(Query("falconry for hospital kitchens"), 1)

    found, seconds = timed(change)
    if not found or found[0].id != changed.id:
        raise RuntimeError("the changed offer was not found")
    return seconds


def reverse(told: dict[str, Any]) -> dict[str, Any]:
    """Past needs against new offers, on every core: seconds to read them, seconds to match them, what was met."""
    from joblib.externals.loky import get_reusable_executor

    from skillsmatch.cli.bench_texts import SEED, own_facets, own_offers
    from skillsmatch.matching import Matcher, PastNeeds

    jobs = os.cpu_count() or 1
    matcher = Matcher.load(Path(told["folder"]))
    facets = list(own_facets(told["facets"]))
    offers = [replace(each, id=f"new-{each.id}") for each in own_offers(NEW_OFFERS, SEED + 1)]
    past, read = timed(lambda: PastNeeds.read(matcher, facets, jobs))
    met, matched = timed(lambda: past.met_by(offers, most=FIRST_PAGE, jobs=jobs))
    get_reusable_executor().shutdown(wait=True)  # the helpers' time and memory are known once they have ended
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "jobs": jobs,
        "new": len(offers),
        "read_s": read,
        "met_s": matched,
        "met": sum(each.count for each in met.values()),
        "peak_mb": peak_mb(),
        "child_mb": theirs.ru_maxrss / RSS_UNITS,
        "cpu_s": mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime,
    }


def main() -> None:
    """Do what stdin says and print what was measured."""
    told = json.load(sys.stdin)
    print(json.dumps({"fit": fit, "serve": serve, "reverse": reverse}[told["do"]](told)))


if __name__ == "__main__":
    main()
