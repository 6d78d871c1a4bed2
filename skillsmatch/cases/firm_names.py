"""Firms' names without what is not the name: "The Acme Packaging Co. Ltd" and "Acme Packaging" are alike."""

from __future__ import annotations

import re
import unicodedata

# What the law or habit puts behind a name. Longer ones first, so that they go whole.
LEGAL = ("community interest company", "limited liability partnership", "public limited company",
         "limited", "ltd", "plc", "llp", "lp", "cic", "cio", "inc", "llc")  # fmt: skip
LOOSE = (
    "holdings",
    "holding",
    "group",
    "company",
    "co",
    "uk",
    "gb",
    "and sons",
    "and son",
    "services",
    "england",
)
TRADING = re.compile(r"\b(?:t/a|t\.a\.|trading as)\b.*", re.IGNORECASE)


def legal_name(name: str) -> str:
    """The name in small letters, without punctuation and without its legal form. Equal: surely meant as one name."""
    return _without(_plain(name), LEGAL) or _plain(name)


def loose_name(name: str) -> str:
    """The same without "group", "holdings", "uk" and the like, and without "the" before it. Never empty for a name."""
    plain = legal_name(TRADING.sub("", name) or name)
    found = _without(plain.removeprefix("the "), LOOSE)
    return found or plain


def trading_name(name: str) -> str:
    """What stands behind "trading as", in the same form; empty where nothing does."""
    parts = re.split(r"\b(?:t/a|t\.a\.|trading as)\b", name, maxsplit=1, flags=re.IGNORECASE)
    return loose_name(parts[1]) if len(parts) == 2 else ""


def domain_stem(domain: str) -> str:
    """The one label that a business chose: "acme" of acme.co.uk and of acme.com."""
    return domain.split(".")[0].replace("-", "")


def _plain(name: str) -> str:
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    flat = flat.casefold().replace("&", " and ").replace("'", "").replace(".", "")
    return " ".join(re.sub(r"[^\w]+", " ", flat).split())


def _without(plain: str, endings: tuple[str, ...]) -> str:
    """`plain` without these endings, as often as they come; never without its only word."""
    before = ""
    while plain != before:
        before = plain
        for ending in endings:
            plain = plain.removesuffix(f" {ending}")
    return plain
