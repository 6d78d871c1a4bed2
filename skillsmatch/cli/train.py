"""The command that makes the encoder anew; it needs the `[train]` extra and no database."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("train", short_help="Train the encoder on open texts.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The folder with the open data sets: esco, onet, standards and the rest.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the weights and their report are written.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same run.")
@click.option(
    "--steps", type=click.IntRange(min=1), help="Steps of the first stage; the recipe's own by default."
)
@click.option("--texts", type=click.IntRange(min=64), help="Texts that the teacher reads.")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the teacher's vectors here and read them again the next time.",
)
@click.option(
    "--begun",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An encoder of the first stage with its report: run only the second stage, from there.",
)
def train(
    data: Path,
    out: Path,
    seed: int,
    steps: int | None,
    texts: int | None,
    cache: Path | None,
    begun: Path | None,
) -> None:
    """Train the encoder on open texts and write its weights and report."""
    from dataclasses import replace

    from skillsmatch.matching.encoder import EncoderUnreadable
    from skillsmatch.matching.training import Recipe, train

    recipe = Recipe(seed=seed)
    recipe = replace(recipe, steps=steps or recipe.steps, teacher_texts=texts or recipe.teacher_texts)
    try:
        report = train(data, out, seed, recipe, cache, lambda line: click.echo(line, err=True), begun=begun)
    except ModuleNotFoundError as problem:
        raise click.ClickException(f"{problem}. Install the extra: pip install -e '.[train]'") from problem
    except (OSError, ValueError, EncoderUnreadable) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{out}: encoder {report['encoder']}, {report['minutes']} minutes")
