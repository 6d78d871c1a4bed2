"""The commands that measure and explain the matcher; measuring needs no database and no settings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from skillsmatch.cli.bench import bench
from skillsmatch.cli.train import train

if TYPE_CHECKING:
    from skillsmatch.matching import Labeller

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("matching")
def matching() -> None:
    """Measure how well needs are matched, and explain an order."""


matching.add_command(bench)
matching.add_command(train)


@matching.command("evaluate", short_help="Measure the ranking on judged needs.")
@click.option("--docs", "docs", type=_FILE, required=True, help="Documents, JSON Lines, plain or gzip.")
@click.option(
    "--queries", "queries", type=_FILE, required=True, help="Judged needs, JSON Lines, plain or gzip."
)
@click.option("--unmet", is_flag=True, help="Also measure how well unmet needs are told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def evaluate(docs: Path, queries: Path, unmet: bool, as_json: bool) -> None:
    """Rank judged needs over a file of documents and print the measures."""
    from skillsmatch.matching import evaluating
    from skillsmatch.matching.matcher import Matcher

    try:
        documents, judged = evaluating.read_documents(docs), evaluating.read_queries(queries)
    except (evaluating.EvaluationError, OSError, UnicodeDecodeError) as problem:
        raise click.ClickException(str(problem)) from problem
    measured = evaluating.evaluate(Matcher.fit(documents), judged, unmet, _topics().sure)
    if as_json:
        click.echo(json.dumps(measured))
    else:
        for line in _lines(measured):
            click.echo(line)


@matching.command("calibrate")
@click.option(
    "--docs", "docs", type=_FILE, required=True, multiple=True, help="Documents, JSON Lines; may come again."
)
@click.option(
    "--queries", "queries", type=_FILE, required=True, multiple=True, help="Needs judged on them by facet."
)
def calibrate(docs: tuple[Path, ...], queries: tuple[Path, ...]) -> None:
    """Fit the strength on judged needs and print its weights."""
    from skillsmatch.matching import evaluating, strength
    from skillsmatch.matching.matcher import Matcher

    if len(docs) != len(queries):
        raise click.UsageError("give --queries once for each --docs")
    try:
        fitted = strength.calibrate(
            [
                (Matcher.fit(evaluating.read_documents(of)), evaluating.read_queries(asked))
                for of, asked in zip(docs, queries, strict=True)
            ]
        )
    except (ValueError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(json.dumps(asdict(fitted)))


@matching.command("fit", short_help="Fit the weights of the signals on the development sets.")
@click.option(
    "--bench",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The folder with the sets of judged queries (*.jsonl) and their documents (docs/).",
)
@click.option(
    "--most", type=click.IntRange(min=2), default=300, show_default=True, help="Queries taken from each set."
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same weights.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def fit(bench: Path, most: int, seed: int, as_json: bool) -> None:
    """Fit the weights of the signals and print them as weights.json has them; nothing is changed.

    Weights are sought by logistic regression, and by an ascent from there on the mean nDCG@10 of the sets. Printed
    are those that order queries better which they have not seen. Needs are asked whole and without constraints, so
    `evaluate`, which splits them, gives other figures. With the 17 sets and 300 queries of each it takes about two
    minutes on one core and 400 MB; both grow with the number of queries.
    """
    from skillsmatch.matching import fitting
    from skillsmatch.matching.candidates import collect
    from skillsmatch.matching.development import DevelopmentSets
    from skillsmatch.matching.encoder import shipped_version

    def tell(line: str) -> None:
        click.echo(line, err=True)

    try:
        known = collect(DevelopmentSets.read(bench), most, seed, tell)
        fitted = fitting.fit(known, seed, tell)
    except (ValueError, OSError, EOFError) as problem:
        raise click.ClickException(str(problem)) from problem
    told = {"encoder": shipped_version(), "most": most, "seed": seed} | fitted.as_data()
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo("\n".join(fitting.report(told)))


@matching.command("explain", short_help="Show what each signal gave one offer.")
@click.argument("text")
@click.option(
    "--offer", required=True, help="The number of the offer, as `flask needs match --json` prints it."
)
@with_appcontext
def explain(text: str, offer: str) -> None:
    """Show what each signal gave one offer for each need in TEXT; the shares sum to the score."""
    from flask import current_app

    from skillsmatch.clock import today
    from skillsmatch.extensions import db
    from skillsmatch.matching import why_this_order
    from skillsmatch.needs.asked import Asked, read_asked
    from skillsmatch.needs.cards import evidence_data, placed
    from skillsmatch.needs.search import query_for
    from skillsmatch.offers.indexing import open_index
    from skillsmatch.offers.models import Offer

    index = open_index()
    if index is None:
        raise click.ClickException("There is no search index yet. Load a catalogue: flask offers load FILE")
    asked = read_asked(Asked(text=text), current_app.extensions["area"])
    known = db.session.get(Offer, int(offer)) if offer.isdecimal() and len(offer) < 10 else None
    title = known.title if known else ""
    for facet in asked.facets:
        ranked = index.offers.rank(query_for(facet, asked, today()), max(len(index.offers), 1))
        found = next(((place, one) for place, one in enumerate(ranked, 1) if one.id == offer), None)
        click.echo(facet.text)
        if found is None:
            click.echo("  not found for this need")
            continue
        place, match = found
        listed = [placed(title, evidence_data(one.evidence)) for one in ranked[place - 1 : place + 1]]
        for name, share in match.evidence.signals:
            click.echo(f"  {name:<14} {share:+.4f}")
        click.echo(f"  {'score':<14} {match.score:+.4f}, place {place}, strength {match.strength:.2f}")
        click.echo("  " + " ".join(why_this_order(listed)[0]))


def _topics() -> Labeller:
    """The labeller of skill themes that the pages split lists by."""
    from skillsmatch.area.themes import load_themes
    from skillsmatch.matching import Labeller

    return Labeller.fit(load_themes().documents())


def _lines(measured: dict[str, Any], indent: str = "") -> list[str]:
    """The measures as one line each, groups indented."""
    lines = []
    for name, value in measured.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name:<14} {'not measured' if value is None else value}")
    return lines
