"""What the second stage of training adds: accounts of one job from several open sources, slang, and words of asking.

Sources are joined where they use the very same name for a job, and where the National Careers Service
names the ESCO or O*NET occupation. Nothing is joined through a name or a profile that judges the encoder.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from skillsmatch.matching.slang import SLANG_FILE
from skillsmatch.matching.training_texts import (
    Corpus,
    csv_rows,
    json_rows,
    other_names,
    sentences_of,
    without_code,
)
from skillsmatch.matching.words import fold

LONGEST_ACCOUNT = 900  # characters
STATEMENTS = 6  # tasks or skills in one account
MOST_HOLDERS = 3  # jobs of one source under one name; a name that more of them use says too little
MOST_NAMES = 6  # other names paired with one title of another source

_PLACES = ("Leicester", "Loughborough", "Hinckley", "Melton Mowbray", "Coalville", "Oakham", "Lutterworth")
_PEOPLE = ("two", "3", "four", "a couple of", "half a dozen", "10")
# Words round a need that say nothing of its subject: people, place, time and who pays.
_ASKING = (
    "{}",
    "hi, we're looking for {} training near {place}",
    "{} x{count}",
    "{} for {people} staff",
    "{people} of our lot need {}",
    "need someone good at {}, can't find anyone round here",
    "want to put {people} people through {}",
    "we keep losing staff and need {} from September",
    "evening classes in {}",
    "{} - day release, {place} area",
    "could you recommend a short course on {}?",
    "our apprentice wants to get into {}",
    "new starters with no idea about {}",
    "{}, beginners, ideally on site",
    "refresher for {} please, {people} people",
    "level 2 {}",
    "level 3 {} for a new recruit",
    "a qualification for our {}",
    "the boss wants everyone trained: {}",
    "we run a small firm in {place} and struggle with {}",
    "anyone who can {} and start asap",
    "nobody here knows {} any more since the last one retired",
)


@dataclass(frozen=True, slots=True)
class Account:
    """One job as one source tells it. `names` are folded, the title's own first."""

    source: str
    title: str
    names: tuple[str, ...]
    texts: tuple[str, ...]


def as_employers_ask(text: str, chance: random.Random) -> str:
    """The text inside an employer's words: who asks, how many people, where and when."""
    return chance.choice(_ASKING).format(
        text, place=chance.choice(_PLACES), people=chance.choice(_PEOPLE), count=chance.randint(2, 12)
    )


def link(data: Path, corpus: Corpus) -> None:
    """Add to the corpus the pairs of the second stage. Refused: a source that is missing (FileNotFoundError)."""
    corpus.source("Trade slang and abbreviations of this project", "MIT")
    _slang(corpus)
    corpus.source("Accounts of one job in two of the sources above (OGL, CC BY, MIT)", "CC BY 4.0")
    accounts = [*_standards(data), *_occupations(data), *_groups(data), *_profiles(data, corpus)]
    for account in accounts:
        for text in account.texts:
            corpus.pair_long("title and account", account.title, text, account.title)
    by_name: dict[str, list[Account]] = {}
    for account in accounts:
        for name in dict.fromkeys(account.names):
            by_name.setdefault(name, []).append(account)
    for name, sharing in by_name.items():
        if name not in corpus.left_out:
            _join(corpus, name, sharing)
    _named_by_the_service(data, corpus, {fold(of.title): of for of in accounts if of.source == "esco"})
    for row in csv_rows(data / "esco" / "skills_en.csv.gz"):
        corpus.pair_long("label and whole description", row["label"], row["description"], row["label"])


def _join(corpus: Corpus, name: str, sharing: list[Account]) -> None:
    """Pairs across sources that share a name; the name must be the title of at least one of them."""
    for first, second in combinations(sharing, 2):
        holders = max(sum(one.source == of.source for one in sharing) for of in (first, second))
        if (
            first.source != second.source
            and holders <= MOST_HOLDERS
            and name in (first.names[0], second.names[0])
        ):
            _same_job(corpus, first, second)


def _same_job(corpus: Corpus, first: Account, second: Account) -> None:
    for one, other in ((first, second), (second, first)):
        for text in one.texts:
            corpus.pair_long("title and another source's account", other.title, text, other.title)
        for name in one.names[1 : MOST_NAMES + 1]:
            corpus.pair_long("title and another source's name", name, other.title, other.title)
    for told, retold in zip(first.texts, second.texts, strict=False):
        corpus.pair_long("two accounts of one job", told, retold, first.title)
    if fold(first.title) != fold(second.title):
        corpus.pair_long("two titles of one job", first.title, second.title, first.title)


def _slang(corpus: Corpus) -> None:
    for line in SLANG_FILE.read_text(encoding="utf-8").splitlines():
        said, equals, meant = line.partition("=")
        if line.startswith("#") or not equals:
            continue
        corpus.sources[-1].rows += 1
        phrases = [phrase.strip() for phrase in meant.split(",") if phrase.strip()]
        for key in (key.strip() for key in said.split(",")):
            for phrase in phrases:
                corpus.pair("slang and meaning", key, phrase, phrases[0])
            if len(phrases) > 1:
                corpus.pair("slang and meaning", key, ", ".join(phrases), phrases[0])


def _told(*parts: str) -> str:
    return ". ".join(part.strip(" .") for part in parts if part.strip(" ."))[:LONGEST_ACCOUNT]


def _drawn(title: str, statements: list[str], opening: str) -> tuple[str, ...]:
    """Accounts of a job: its description alone, and with two seeded handfuls of what is done in it."""
    chance = random.Random(title)
    mixed = chance.sample(statements, len(statements))
    handfuls = [mixed[:STATEMENTS], mixed[STATEMENTS : 2 * STATEMENTS]]
    told = [_told(opening, *handfuls[0]), _told(*handfuls[1]), _told(opening)]
    return tuple(dict.fromkeys(text for text in told if len(text.split()) > STATEMENTS))


def _standards(data: Path) -> Iterator[Account]:
    for row in json_rows(data / "standards" / "standards.jsonl.gz"):
        learned = [
            without_code(text) for key in ("skills", "duties", "knowledge") for text in row.get(key) or ()
        ]
        names = (fold(row["title"]), *(fold(job) for job in row.get("typical_job_titles") or ()))
        listed = learned or sentences_of(row.get("learning_2018") or "")
        texts = _drawn(row["title"], listed, row.get("overview") or "")
        yield Account("standards", row["title"], names, texts)


def _occupations(data: Path) -> Iterator[Account]:
    for row in csv_rows(data / "esco" / "occupations_en.csv.gz"):
        names = (fold(row["label"]), *(fold(name) for name in other_names(row["alt_labels"])))
        yield Account("esco", row["label"], names, _drawn(row["label"], [], row["description"]))


def _groups(data: Path) -> Iterator[Account]:
    for row in json_rows(data / "soc2020" / "unit_groups.jsonl.gz"):
        names = (fold(row["title"]), *(fold(job) for job in row.get("related_job_titles") or ()))
        yield Account(
            "soc", row["title"], names, _drawn(row["title"], row.get("tasks") or [], row["description"])
        )


def _profiles(data: Path, corpus: Corpus) -> Iterator[Account]:
    for row in _unjudged(data, corpus):
        texts = _drawn(row["title"], row.get("tasks") or [], row["description"] or "")
        yield Account("profiles", row["title"], (fold(row["title"]),), texts)


def _unjudged(data: Path, corpus: Corpus) -> Iterator[dict[str, Any]]:
    """Profiles that judge nothing: neither their title nor how their description begins."""
    for row in json_rows(data / "ncs_job_profiles" / "job_profiles.jsonl.gz"):
        opening = next(iter(sentences_of((row["description"] or "") + " ")), "")
        if not corpus.left_out.intersection((fold(row["title"]), fold(opening))):
            yield row


def _named_by_the_service(data: Path, corpus: Corpus, esco: dict[str, Account]) -> None:
    """Profiles joined with the ESCO and O*NET occupations that the service's editors chose."""
    onet: dict[str, list[str]] = {}
    for statement in csv_rows(data / "onet" / "task_statements.csv.gz"):
        onet.setdefault(statement["O*NET-SOC Code"], []).append(statement["Task"])
    for row in _unjudged(data, corpus):
        profile = Account(
            "profiles",
            row["title"],
            (fold(row["title"]),),
            _drawn(row["title"], row.get("tasks") or [], row["description"] or ""),
        )
        occupation = esco.get(fold(row.get("esco_occupation") or ""))
        if occupation:
            _same_job(corpus, profile, occupation)
        for code in row.get("onet_code") or ():
            for text in _drawn(code, onet.get(code, []), ""):
                corpus.pair_long("title and another source's account", row["title"], text, row["title"])
                for told in profile.texts[:1]:
                    corpus.pair_long("two accounts of one job", told, text, row["title"])
