"""The open texts that the encoder learns from, and which of them say the same thing.

Only texts whose licence lets the weights be shipped are read: OGL, CC BY and MIT. See NOTICE.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from skillsmatch.matching.words import fold

LONGEST_SENTENCE = 300  # characters; a longer sentence is cut into its clauses
SHORTEST_CLAUSE = 3  # words
OPEN_COURSES = "ncs_course_directory_sample_2019"  # the one source in fe_courses with a licence: MIT
HANDFUL = 4  # tasks in a longer text
LONGEST_PART = 700  # characters of it
DRAWN = 4  # times that a job's tasks are drawn
SAMPLED = 12  # tasks, skills or technologies paired with one title; more would drown the short lists

_SENTENCE = re.compile(r"(?<=[a-z0-9)\]][.!?])\s+(?=[A-Z])|[\n\r;•]+|\s[-–]\s")
_CLAUSE = re.compile(r",\s+|\s+(?:and|or|including|such as|in order to|to ensure)\s+|:\s+")
_NEIGHBOURS = {
    letter: [
        near
        for other, row in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
        for at, near in enumerate(row)
        if near != letter and abs(other - line) <= 1 and abs(at - place) <= 1
    ]
    for line, keys in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for place, letter in enumerate(keys)
}
_LONG_WORD = re.compile(r"([A-Za-z]{4,})")


# Words round a need that say nothing of it; the encoder learns to look past them.
_ASKING = (
    "we need {}",
    "need {}",
    "looking for {}",
    "we are after {} for our staff",
    "someone who can do {}",
    "training in {}",
    "a course in {} for two of our people",
    "our lads need {} asap",
    "does anyone locally teach {}?",
    "struggling to find {}",
    "can you help with {} please",
    "we want to take on a {}",
    "{} course",
    "{} training for new starters",
    "we have a small team and need {}",
    "can't get anyone for {}",
)


@dataclass(slots=True)
class Source:
    """One open data set: how many rows were read, under which licence, and what came of them."""

    name: str
    licence: str
    rows: int = 0
    texts: int = 0
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Why two texts belong together, and the thing that they tell of."""

    kind: str
    thing: str


@dataclass(slots=True)
class Corpus:
    """Texts to learn from, once each, and pairs that mean the same or belong together.

    `left_out` holds folded texts that judge the encoder: no text and no pair with one of them is kept.
    """

    left_out: frozenset[str] = frozenset()
    texts: dict[str, None] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def source(self, name: str, licence: str) -> Source:
        """The named source, from now on the one that texts and pairs are counted for."""
        self.sources.append(Source(name, licence))
        return self.sources[-1]

    def add(self, text: str) -> bool:
        """Keep one text; whether it can be learned from at all."""
        text = " ".join(text.split())
        if len(text) < 2 or fold(text) in self.left_out:
            return False
        if text not in self.texts:
            self.texts[text] = None
            self.sources[-1].texts += 1
        return True

    def add_long(self, text: str) -> None:
        """Keep the sentences of a longer text and the clauses inside them."""
        for sentence in sentences_of(text):
            if len(sentence) <= LONGEST_SENTENCE:
                self.add(sentence)
            for clause in _CLAUSE.split(sentence):
                if len(clause.split()) >= SHORTEST_CLAUSE and len(clause) <= LONGEST_SENTENCE:
                    self.add(clause.rstrip(". "))

    def pair(self, kind: str, first: str, second: str, of: str = "") -> None:
        """Keep both texts and that they belong together; a text is never its own pair.

        `of` is the thing that both tell of, by default the second text: pairs of one thing are no counter-examples.
        """
        first, second = (
            " ".join(first.split())[:LONGEST_SENTENCE],
            " ".join(second.split())[:LONGEST_SENTENCE],
        )
        if not (self.add(first) and self.add(second)) or fold(first) == fold(second):
            return
        self._keep(kind, first, second, of or second)

    def pair_long(self, kind: str, first: str, second: str, of: str) -> None:
        """Keep a pair of longer texts; the teacher, which reads slowly, is not asked about them."""
        if not self.left_out.intersection((fold(first), fold(second))):
            self._keep(kind, first, second, of)

    def _keep(self, kind: str, first: str, second: str, of: str) -> None:
        if (first, second) not in self.pairs:
            self.pairs[first, second] = Pair(kind, fold(of))
            self.sources[-1].pairs += 1


def _in_parts(corpus: Corpus, title: str, tasks: list[str]) -> None:
    """Longer texts: a handful of a job's tasks, paired with its title and with a handful of others."""
    chance = random.Random(title)
    for _ in range(DRAWN if len(tasks) >= 2 * HANDFUL else 0):
        drawn = chance.sample(tasks, 2 * HANDFUL)
        first, second = (". ".join(drawn[at::2])[:LONGEST_PART] for at in (0, 1))
        corpus.pair_long("title and several tasks", title, first, title)
        corpus.pair_long("two parts of one job", first, second, title)


def sentences_of(text: str) -> list[str]:
    """The sentences and list items of a text, blank ones left out."""
    return [piece.strip(" .\t") for piece in _SENTENCE.split(text or "") if piece.strip(" .\t")]


def add_typos(text: str, chance: random.Random, rate: float = 0.25) -> str:
    """The text with slips of the keyboard: of words with four letters or more, `rate` are hit, at least one."""
    parts = _LONG_WORD.split(text)
    words = range(1, len(parts), 2)
    if not words:
        return text
    for place in [word for word in words if chance.random() < rate] or [chance.choice(words)]:
        parts[place] = _slip(parts[place], chance)
    return "".join(parts)


def as_asked(text: str, chance: random.Random) -> str:
    """The text inside words by which an employer might ask for it."""
    return chance.choice(_ASKING).format(text)


def _slip(word: str, chance: random.Random) -> str:
    """One slip: letters swapped, dropped, doubled, or a neighbouring key struck instead or as well."""
    first = 0 if chance.random() < 0.1 else 1  # the first letter is rarely wrong
    at = chance.randrange(first, len(word))
    kind = chance.choices(("swap", "drop", "instead", "double", "as well"), (30, 25, 25, 10, 10))[0]
    if kind == "swap":
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + word[at:]
    near = chance.choice(_NEIGHBOURS[word[at].lower()])
    return word[:at] + near + word[at + (kind == "instead") :]


def judged_texts(bench: Path) -> frozenset[str]:
    """The folded queries of the development sets; long ones also by their first sentences."""
    judged: set[str] = set()
    for file in sorted(bench.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            judged.update(fold(text) for text in (row["query"], row.get("clean_query") or row["query"]))
            judged.update(fold(facet["need"]) for facet in row.get("facets") or ())
            judged.add(
                fold(sentences_of(row["query"] + " ")[0]) if len(row["query"]) > LONGEST_SENTENCE else ""
            )
    return frozenset(" ".join(text.split()) for text in judged)


def read_corpus(data: Path, bench: Path | None = None, seed: int = 7) -> Corpus:
    """All open texts and pairs under `data`. Refused: a folder in which a source is missing (FileNotFoundError)."""
    corpus = Corpus(judged_texts(bench) if bench else frozenset())
    chance = random.Random(seed)
    for reader in (_esco_skills, _esco_occupations, _onet, _standards, _profiles, _soc, _sic, _courses):
        reader(data, corpus, chance)
    return corpus


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a compressed file with one JSON object a line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def csv_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by column name, compressed or not."""
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _some(of: Iterable[str], chance: random.Random) -> list[str]:
    listed = [text for text in of if text]
    return listed if len(listed) <= SAMPLED else chance.sample(listed, SAMPLED)


def _named(corpus: Corpus, label: str, others: list[str], description: str, chance: random.Random) -> None:
    """Other names of one thing, paired with its label and description, and some with each other."""
    corpus.add(label)
    corpus.add_long(description)
    told = sentences_of(description)[:1]
    for other in others:
        corpus.pair("other name", other, label, label)
    for text in told:
        corpus.pair("label and description", label, text, label)
        for other in others:
            corpus.pair("other name and description", other, text, label)
    mixed = chance.sample(others, len(others))
    for first, second in pairwise(mixed):
        corpus.pair("two other names", first, second, label)


def other_names(told: str) -> list[str]:
    """The other names that ESCO lists in one cell."""
    return [name.strip() for name in (told or "").split(" | ") if name.strip()]


def _esco_skills(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("ESCO v1.2 skills, European Commission", "CC BY 4.0")
    for row in csv_rows(data / "esco" / "skills_en.csv.gz"):
        source.rows += 1
        _named(corpus, row["label"], other_names(row["alt_labels"]), row["description"], chance)
    for row in csv_rows(data / "esco" / "skills_hierarchy_en.csv.gz"):
        source.rows += 1
        corpus.add_long(row["Description"] or "")
        names = [row[f"Level {level} preferred term"] for level in range(4)]
        for name in filter(None, names):
            corpus.add(name)


def _esco_occupations(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("ESCO v1.2 occupations, European Commission", "CC BY 4.0")
    for row in csv_rows(data / "esco" / "occupations_en.csv.gz"):
        source.rows += 1
        _named(corpus, row["label"], other_names(row["alt_labels"]), row["description"], chance)


def _onet(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("O*NET database, US Department of Labor", "CC BY 4.0")
    titles: dict[str, str] = {}
    for row in csv_rows(data / "onet" / "occupations.csv.gz"):
        source.rows += 1
        titles[row["O*NET-SOC Code"]] = row["Title"]
        corpus.add_long(row["Description"])
        corpus.pair("title and description", row["Title"], row["Description"], row["Title"])
    tasks: dict[str, list[str]] = {}
    for row in csv_rows(data / "onet" / "task_statements.csv.gz"):
        source.rows += 1
        corpus.add_long(row["Task"])
        tasks.setdefault(row["O*NET-SOC Code"], []).append(row["Task"])
    tools: dict[str, list[str]] = {}
    for row in csv_rows(data / "onet" / "technology_skills.csv.gz"):
        source.rows += 1
        corpus.pair("product and what it is", row["Example"], row["Commodity Title"])
        if row["In Demand"] == "Y":
            tools.setdefault(row["O*NET-SOC Code"], []).append(row["Example"])
    for code, title in titles.items():
        for task in _some(tasks.get(code, ()), chance):
            corpus.pair("title and task", title, task, title)
        _in_parts(corpus, title, tasks.get(code, []))
        for tool in _some(tools.get(code, ()), chance):
            corpus.pair("title and tool", title, tool, title)


def without_code(statement: str) -> str:
    """A standard's statement without its number, such as K12 or S3."""
    return re.sub(r"^[KSBD]\d+[:.]?\s*", "", statement)


def _standards(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("Apprenticeship standards, Skills England", "OGL v3.0")
    for row in json_rows(data / "standards" / "standards.jsonl.gz"):
        source.rows += 1
        title, overview = row["title"], row.get("overview") or ""
        corpus.add(title)
        learned = [text for key in ("knowledge", "skills", "duties") for text in row.get(key) or ()]
        learned = [without_code(text) for text in learned]
        for text in [overview, row.get("learning_2018") or "", *learned, *(row.get("behaviours") or ())]:
            corpus.add_long(without_code(text))
        corpus.pair("title and description", title, overview, title)
        for job in row.get("typical_job_titles") or ():
            corpus.pair("job title and standard", job, title)
            corpus.pair("job title and description", job, overview, title)
        # Which standard a keyword belongs to is what one of the judged sets asks: the words alone are read.
        for word in row.get("keywords") or ():
            corpus.add(word)
        _in_parts(corpus, title, learned)
        for text in _some(learned, chance):
            corpus.pair("title and task", title, text, title)


def _profiles(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("National Careers Service job profiles, 2020", "MIT; Crown copyright, OGL v3.0")
    standards = {row["id"]: row for row in json_rows(data / "standards" / "standards.jsonl.gz")}
    onet = {row["O*NET-SOC Code"]: row["Title"] for row in csv_rows(data / "onet" / "occupations.csv.gz")}
    for row in json_rows(data / "ncs_job_profiles" / "job_profiles.jsonl.gz"):
        source.rows += 1
        title, about, tasks = row["title"], row["description"] or "", row.get("tasks") or []
        for text in (about, *tasks, row.get("career_path") or "", row.get("work_route_text") or ""):
            corpus.add_long(text)
        corpus.pair("title and description", title, about, title)
        for task in _some(tasks, chance):
            corpus.pair("title and task", title, task, title)
        _in_parts(corpus, title, tasks)
        corpus.pair("other name", title, row.get("esco_occupation") or "")
        corpus.pair("job title and occupation", title, row.get("soc2010_title") or "")
        for code in row.get("onet_code") or ():
            corpus.pair("job title and occupation", title, onet.get(code, ""))
        if (
            fold(title) in corpus.left_out
            or fold(sentences_of(about + " ")[0] if about else "") in corpus.left_out
        ):
            continue  # a judged profile: which standards it leads to is what the encoder is asked
        for link in row.get("apprenticeship_standards") or ():
            standard = standards.get(link)
            if standard:
                corpus.pair("job title and standard", title, standard["title"])
                corpus.pair("profile and standard", about, standard.get("overview") or "", standard["title"])
                corpus.pair("profile and standard", " ".join(tasks[:4]), standard["title"])


def _soc(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("SOC 2020 unit groups, Office for National Statistics", "OGL v3.0")
    for row in json_rows(data / "soc2020" / "unit_groups.jsonl.gz"):
        source.rows += 1
        corpus.add_long(row["description"])
        corpus.pair("title and description", row["title"], row["description"], row["title"])
        for job in row.get("related_job_titles") or ():
            corpus.pair("job title and occupation", job, row["title"])
        _in_parts(corpus, row["title"], row.get("tasks") or [])
        for task in row.get("tasks") or ():
            corpus.add_long(task)
            corpus.pair("title and task", row["title"], task, row["title"])


def _sic(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("SIC 2007, Office for National Statistics", "OGL v3.0")
    for row in csv_rows(data / "sic2007" / "sic2007.csv"):
        source.rows += 1
        corpus.add_long(row["description"])


def _courses(data: Path, corpus: Corpus, chance: random.Random) -> None:
    source = corpus.source("Course directory sample, 2019, Education and Skills Funding Agency", "MIT")
    for row in json_rows(data / "fe_courses" / "courses.jsonl.gz"):
        if row["source"] != OPEN_COURSES:
            continue
        source.rows += 1
        about = [
            sentence for key in ("overview", "what_you_will_learn") for sentence in sentences_of(row[key])
        ]
        for text in (row["title"], row["qualification"], row["overview"], row["what_you_will_learn"]):
            corpus.add_long(text)
        corpus.pair("title and qualification", row["title"], row["qualification"], row["title"])
        for text in about[:4]:
            corpus.pair("title and description", row["title"], text, row["title"])
