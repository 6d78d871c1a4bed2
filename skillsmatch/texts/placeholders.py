"""Placeholders such as {link}: which a text may name, which it must, and what is put in their place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

NAMED = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
BRACE = re.compile(r"\{[^{}\n]{0,60}\}?|\}")
ALIKE = 70  # RapidFuzz score from which a mistyped placeholder is taken for a known one
SHOWN = 40  # characters of a wrong placeholder that a message repeats


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Something that the service puts into a text."""

    name: str
    about: str  # in words, for the officer
    example: str  # what the preview shows
    needed: bool = False  # without it the text is of no use: a link to press, a right to be told of


def faults(words: str, known: Iterable[Placeholder], *, whole: bool = True) -> list[str]:
    """What is wrong with the placeholders of `words`, in words; empty where nothing is.

    `whole` is for the text itself, which must name those that are needed; a subject need not.
    """
    by_name = {one.name: one for one in known}
    said = [*_unknown(words, by_name)]
    if whole:
        lacking = [one for one in by_name.values() if one.needed and f"{{{one.name}}}" not in words]
        said += [f"{{{one.name}}} is missing. It stands for {one.about}" for one in lacking]
    return said


def _unknown(words: str, known: Mapping[str, Placeholder]) -> Iterable[str]:
    told: set[str] = set()
    for found in BRACE.finditer(words):
        typed = found.group()
        named = NAMED.fullmatch(typed)
        if (named and named[1] in known) or typed in told:
            continue
        told.add(typed)
        if not named and not (typed.startswith("{") and typed.endswith("}") and len(typed) > 2):
            yield f"“{typed[:SHOWN]}” is no whole placeholder. Curly brackets are for placeholders only"
            continue
        near = process.extractOne(
            typed.strip("{} ").lower(), list(known), scorer=fuzz.ratio, score_cutoff=ALIKE
        )
        meant = f". Did you mean {{{near[0]}}}?" if near else ". Use one of those listed beside the box"
        yield f"“{typed[:SHOWN]}” is not a placeholder of this text{meant}"


def fill(words: str, values: Mapping[str, object], needed: Collection[str] = ()) -> str:
    """`words` with each placeholder replaced, once: what is put in is never read for placeholders itself.

    A line that names a placeholder for which there is nothing to say is left out, and so are the empty lines
    that this leaves one after another; not a line that names one that is `needed`, such as a link to press.
    A value of several lines, alone on its line, keeps that line's indent.
    """
    lines: list[str] = []
    for line in words.split("\n"):
        told = {name: bool(_text(values, name)) for name in NAMED.findall(line)}
        if not all(told.values()) and not any(told[name] for name in told if name in needed):
            continue
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line)
    return "\n".join(_filled(line, values) for line in lines).rstrip() + "\n"


def fill_line(words: str, values: Mapping[str, object]) -> str:
    """The same for one line, such as a subject; a placeholder with nothing to say leaves nothing."""
    return " ".join(NAMED.sub(lambda found: _text(values, found[1]), words).split())


def _text(values: Mapping[str, object], name: str) -> str:
    return str(values.get(name, "") or "").strip("\n")


def _filled(line: str, values: Mapping[str, object]) -> str:
    alone = NAMED.fullmatch(line.strip())
    if alone:
        indent = line[: len(line) - len(line.lstrip())]
        return "\n".join(
            indent + part if part.strip() else part for part in _text(values, alone[1]).split("\n")
        )
    return NAMED.sub(lambda found: _text(values, found[1]), line)
