"""The theme that each offer is about, told by the labeller when the search index is built and kept beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.area.themes import load_themes
from skillsmatch.extensions import db
from skillsmatch.offers.models import Offer

if TYPE_CHECKING:
    from skillsmatch.matching import Labeller

FILE = "offer_themes.json"
READ = 2_000  # offers read at once
BEGINNING = 300  # characters of what is learned; they tell the theme where the title does not
# Words of a qualification's name that say nothing of its subject, and would drown it in a short title.
AWARDS = re.compile(
    r"\b(?:(?:entry )?level|entry|stage|step|part)\s*\d\b|\b(?:certificate|diploma|award|extended|national|higher|"
    r"foundation|introductory|nvq|btec|qcf|rqf|city (?:and|&) guilds|access to he|t level|skills? bootcamp(?: in)?|"
    r"principles of|introduction to|(?:degree )?apprenticeship)\b",
    re.IGNORECASE,
)


def theme_of(labeller: Labeller, title: str, what_learned: str) -> str:
    """The theme that the offer's words are clearly about, its title before the rest; "" where neither is clear."""
    from skillsmatch.matching import UNCLEAR_BELOW

    themes = load_themes()
    subject = " ".join(AWARDS.sub(" ", title).split()).strip(" -:,()") or title
    for words in (subject, f"{subject}. {what_learned[:BEGINNING]}" if what_learned else ""):
        told = themes.label(labeller, words, 1) if words else []
        if told and told[0][1] >= UNCLEAR_BELOW:
            return told[0][0]
    return ""


def themes_of(labeller: Labeller, ids: Iterable[int], known: Mapping[int, str]) -> dict[int, str]:
    """The theme of each of these offers, "" where it is not clear. One that is `known` is not told again.

    Offers of the same words are told once: a college runs a course at many times and places.
    """
    wanted = sorted(ids)
    found = {id: known[id] for id in wanted if id in known}
    told: dict[tuple[str, str], str] = {}
    new = [id for id in wanted if id not in found]
    for start in range(0, len(new), READ):
        some = new[start : start + READ]
        columns = select(Offer.id, Offer.title, Offer.what_learned).where(Offer.id.in_(some))
        for id, title, learned in db.session.execute(columns):
            words = (title, learned[:BEGINNING])
            if words not in told:
                told[words] = theme_of(labeller, *words)
            found[id] = told[words]
    return found


def read_themes(folder: Path) -> dict[int, str]:
    """The themes kept in a build of the index. Raises OSError or ValueError where they cannot be read."""
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {int(id): str(theme) for id, theme in kept.items()}


def themes_as_kept(themes: Mapping[int, str]) -> str:
    """The same as the text of the file."""
    return json.dumps({str(id): theme for id, theme in themes.items()})
