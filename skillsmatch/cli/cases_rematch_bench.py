"""`flask cases bench --rematch`: how long past unmet needs take against new offers, through the database and all."""

from __future__ import annotations

import os
import re
import resource
import time
from typing import Any

import click

from skillsmatch.cli.bench_texts import SEED

SIZES = re.compile(r"([1-9][0-9]{0,6})x([1-9][0-9]{0,5})")
STANDING = 300  # offers that are in the catalogue already, so that words have their weights


def sizes(asked: str) -> tuple[int, int]:
    """Past facets and new offers, out of "100000x1000". Raises BadParameter for anything else."""
    found = SIZES.fullmatch(asked)
    if found is None:
        raise click.BadParameter(
            f"“{asked}” is not FACETSxOFFERS, such as 100000x1000", param_hint="--rematch"
        )
    return int(found[1]), int(found[2])


def rematch_bench(asked: str) -> None:
    """Enters past unmet facets and then new offers in a scratch service, matches them again and prints the times."""
    from joblib.externals.loky import get_reusable_executor

    from skillsmatch.cases.rematching import rematch
    from skillsmatch.cli.cases_bench import _enter
    from skillsmatch.cli.cases_texts import own_facets
    from skillsmatch.cli.scratch import scratch_folder, scratch_service
    from skillsmatch.offers.indexing import build_index

    facets, offers = sizes(asked)
    with scratch_folder() as folder, scratch_service(folder, "rematch"):
        _add_offers(STANDING, SEED)
        build_index()
        rematch()
        _enter(own_facets(facets))
        _add_offers(offers, SEED + 1, start=STANDING)
        build_index(whole=True)
        wall, own, helpers = time.perf_counter(), time.process_time(), _helpers()
        looked_at, found = rematch()
        wall, own = time.perf_counter() - wall, time.process_time() - own
        get_reusable_executor().shutdown(wait=True)  # the helpers' time is known once they have ended
        helpers = _helpers() - helpers
        click.echo(
            f"{facets:,} past facets held against {looked_at:,} new offers in {wall:.0f} s, on "
            f"{os.cpu_count()} cores ({own + helpers:.0f} s of processor time); {found:,} pairs fit and are kept"
        )
        again = time.perf_counter()
        rematch()
        click.echo(f"once more with nothing changed: {1000 * (time.perf_counter() - again):.0f} ms")


def _helpers() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _add_offers(count: int, seed: int, start: int = 0) -> None:
    """Made-up offers of one made-up provider, in the catalogue."""
    from sqlalchemy import insert

    from skillsmatch.cli.bench_texts import own_offers
    from skillsmatch.clock import now, today
    from skillsmatch.database import keep
    from skillsmatch.extensions import db
    from skillsmatch.offers.catalogue import note_change
    from skillsmatch.offers.models import Offer, Provider

    def put() -> None:
        provider = db.session.get(Provider, 1) or Provider(id=1, ukprn=10000001, name="Made up")
        db.session.add(provider)
        db.session.flush()
        rows: list[dict[str, Any]] = [
            {
                "id": start + number,
                "provider_id": 1,
                "source": "bench",
                "source_ref": str(start + number),
                "kind": made.kind,
                "title": made.title,
                "what_learned": made.text,
                "level": made.level,
                "mode": made.mode,
                "attendance": made.attendance,
                "flexible_start": True,
                "national": True,
                "confirmed_on": today(),
                "digest": f"bench {start + number}",
                "created_at": now(),
                "changed_at": now(),
            }
            for number, made in enumerate(own_offers(count, seed), start=1)
        ]
        db.session.execute(insert(Offer), rows)
        note_change()

    keep(put)
