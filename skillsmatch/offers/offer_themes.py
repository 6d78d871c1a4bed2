"""The theme that each offer is about, told by the labeller when the search index is built and kept beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

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
# Those of academic ones, "GCSE" among them: in its theme's name it would draw every GCSE to English and maths.
ACADEMIC = re.compile(
    r"\b(?:gce )?(?:(?-i:AS?) |as?-)levels?\b(?!\s*\d)|\b(?:(?:pre-|i)?gcses?|gce|hn[cd]|fds?[ac]"
    r"|(?:integrated|foundation) degree|(?-i:BA|BSc|BEng|LLB)\b(?: ?\(?hons\b\)?)?)\b|\((?:integrated )?degree\)",
    re.IGNORECASE,
)
EXAM = "GCSE"  # the academic award that the themes' names know; for them an A level is of the same sort


def subject_of(title: str, exam: str = "") -> str:
    """The title without the name of its award; the whole title where nothing else is in it.

    `exam` stands in the place of an academic award.
    """
    for awards, instead in ((ACADEMIC, f" {exam} "), (AWARDS, " ")):
        title = " ".join(awards.sub(instead, title).split()).strip(" -:,()/") or title
    return title


class Teller:
    """Tells the themes of many offers at once, and words that stand in several of them once."""

    def __init__(self, labeller: Labeller) -> None:
        self._labeller, self._themes = labeller, load_themes()
        self._told: dict[bytes, str] = {}  # by a hash of the words

    def themes(self, texts: Sequence[tuple[str, str]]) -> list[str]:
        """The theme that each offer is clearly about, "" where none is clear; a text is its title and what is learned.

        The title comes before the rest. Where it names a skill of any job, an academic award says which: English to
        A level is nearer to GCSE English than to English for speakers of other languages.
        """
        subjects = [subject_of(title) for title, _ in texts]
        told = self._clear(subjects)
        exams = {
            place: subject_of(title, EXAM)
            for place, (title, _) in enumerate(texts)
            if told[place] and self._themes.themes[told[place]].any_job and ACADEMIC.search(title)
        }
        for place, theme in zip(exams, self._clear(list(exams.values())), strict=True):
            if theme and self._themes.themes[theme].group == self._themes.themes[told[place]].group:
                told[place] = theme
        rest = {
            place: f"{subjects[place]}. {learned[:BEGINNING]}"
            for place, (_, learned) in enumerate(texts)
            if learned and not told[place]
        }
        for place, theme in zip(rest, self._clear(list(rest.values())), strict=True):
            told[place] = theme
        return told

    def _clear(self, texts: Sequence[str]) -> list[str]:
        """The theme of each of the texts where one is clear, else ""."""
        from skillsmatch.matching import UNCLEAR_BELOW

        keys = [blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._told}
        labels = self._themes.label_all(self._labeller, list(fresh.values()), 1)
        for key, told in zip(fresh, labels, strict=True):
            self._told[key] = told[0][0] if told and told[0][1] >= UNCLEAR_BELOW else ""
        return [self._told[key] for key in keys]


def themes_of(labeller: Labeller, ids: Iterable[int], known: Mapping[int, str]) -> dict[int, str]:
    """The theme of each of these offers, "" where it is not clear. One that is `known` is not told again.

    Offers of the same words are told once: a college runs a course at many times and places.
    """
    wanted = sorted(ids)
    found = {id: known[id] for id in wanted if id in known}
    teller = Teller(labeller)
    new = [id for id in wanted if id not in found]
    for start in range(0, len(new), READ):
        columns = select(Offer.id, Offer.title, func.substr(Offer.what_learned, 1, BEGINNING))
        rows = db.session.execute(columns.where(Offer.id.in_(new[start : start + READ]))).all()
        themes = teller.themes([(title, learned) for _, title, learned in rows])
        found |= {id: theme for (id, *_), theme in zip(rows, themes, strict=True)}
    return found


def read_themes(folder: Path) -> dict[int, str]:
    """The themes kept in a build of the index. Raises OSError or ValueError where they cannot be read."""
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return {int(id): str(theme) for id, theme in kept.items()}


def themes_as_kept(themes: Mapping[int, str]) -> str:
    """The same as the text of the file."""
    return json.dumps({str(id): theme for id, theme in themes.items()})
