"""An employer's words with personal data hidden: what an officer reads unless they ask for the original.

E-mail addresses, links, handles, National Insurance, card, account and phone numbers and postcodes are known by
their shape. How people's names are found stands in person_names.py: most of them, not all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from skillsmatch.cases.person_names import Span, find_names, names_again, names_beside

# Other ways to write what addresses and numbers are made of: wide signs, dashes of all kinds, spaces that do not break.
PLAIN = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xAD), "-")
    | dict.fromkeys((0xA0, 0x202F, *range(0x2000, 0x200B)), " ")
)
LONGEST = 20_000  # characters; the form takes far fewer
HIDDEN = {
    "business": "[business name hidden]",
    "e-mail": "[e-mail hidden]",
    "link": "[link hidden]",
    "handle": "[handle hidden]",
    "NI number": "[NI number hidden]",
    "bank details": "[bank details hidden]",
    "phone": "[phone number hidden]",
    "postcode": "[postcode hidden]",
    "name": "[name hidden]",
}

_AT = r"(?:\s?@\s?|\s?[\[(]\s?at\s?[\])]\s?|\s+at\s+(?=[\w-]+\s+dot\s))"
_DOT = r"(?:\.|\s\.\s(?=\w{2,})|\s?[\[(]\s?dot\s?[\])]\s?|\s+dot\s+)"
EMAIL = re.compile(
    rf"(?<![\w.+'’-])[\w.+'’-]+{_AT}[\w-]+(?:{_DOT}[\w-]+)+|(?<![\w.+'’-])[\w.+'’-]+@[a-z][\w-]+", re.I
)
ENDS = (
    r"(?:co\.uk|org\.uk|ac\.uk|gov\.uk|ltd\.uk|me\.uk|nhs\.uk|com|org|net|uk|biz|info|eu|io|ltd|london|shop)"
)
LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"]+|(?<![\w@.-])(?!(?:asp|ado|vb)\.net\b)[a-z0-9][\w-]*(?:\.[\w-]+)*?(?:\.{ENDS})+\b(?:/[^\s<>\"]*)?",
    re.I,
)
HANDLE = re.compile(r"(?<![\w.@])@[A-Za-z_][\w.-]{1,30}\b")
NI = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}(?:[\s.-]?\d{2}){3}[\s.-]?[A-Da-d](?![A-Za-z0-9])")
CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
SORT_CODE = re.compile(r"(?<![\d-])\d{2}([- ])\d{2}\1\d{2}(?![\d-])")
ACCOUNT = re.compile(r"\b(?:account|acc|a/c)(?:\s*(?:no|number|num))?\.?\s*:?\s*(\d{8})\b", re.I)
PHONE = re.compile(
    r"(?<!\w)(?<!\d[.:/-])(?!\d{1,2}([.-])\d{1,2}\1\d{2,4}(?!\d))"
    r"(?:\+\s?\d{1,3}|00\s?44|(?:\(\s?)?[0oO](?=[\s.\d\-)(oO]))(?:[\s.()\-]{0,3}[\doO]){8,13}"
    r"(?:\s?(?:ext|x)\.?\s?\d{1,5})?(?!\w)"
    r"|(?<![\w.£])7\d{3}[\s.-]?\d{3}[\s.-]?\d{3}(?!\w)",
)
CUED_PHONE = re.compile(
    r"\b(?:tel|telephone|phone|mob|mobile|call|ring|text|whatsapp|fax)\b[^\d\n]{0,20}(\d(?:[\s.-]?\d){5,10})(?!\w)",
    re.I,
)
POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,2}[0-9oO][0-9A-Za-z]?)[\s.-]{0,2}[0-9oO][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}(?![A-Za-z0-9])"
)
ORDINAL = re.compile(r"(?:1st|2nd|3rd|[04-9]th)$")


@dataclass(frozen=True, slots=True)
class Redacted:
    """Words with personal data hidden, and how often what was."""

    text: str
    hidden: dict[str, int]  # by kind, as in HIDDEN

    @property
    def anything(self) -> bool:
        """True where something was hidden."""
        return bool(self.hidden)


def redact(text: str, business: str = "") -> Redacted:
    """The text with each piece of personal data put in brackets as what it is; the business's own name too."""
    text = text[:LONGEST]  # what is not looked at is not shown either
    spans = find_personal(text, business)
    parts, at = [], 0
    for start, end, kind in spans:
        parts += [text[at:start], HIDDEN[kind]]
        at = end
    return Redacted("".join([*parts, text[at:]]), dict(Counter(kind for _, _, kind in spans)))


def find_personal(text: str, business: str = "") -> list[Span]:
    """Where personal data stands, as (start, end, kind), in order, none over another. Reads 20,000 characters."""
    read = text[:LONGEST].translate(PLAIN)  # sign for sign, so that the places are the same
    taken: list[Span] = []
    for finder in (_business(business), *_FINDERS):
        _take(finder(read), taken)
    for look_again in (names_beside, names_again):
        _take(look_again(read, tuple(taken)), taken)
    return sorted(taken)


def _take(found: Iterable[Span], taken: list[Span]) -> None:
    for start, end, kind in found:
        if end > start and not any(start < to and from_ < end for from_, to, _ in taken):
            taken.append((start, end, kind))


def _business(name: str) -> Callable[[str], Iterator[Span]]:
    words = name.split()
    if len("".join(words)) < 3:
        return lambda _text: iter(())
    said = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", re.I)
    return _shape("business", said)


def _shape(
    kind: str, shape: re.Pattern[str], fits: Callable[[str], bool] | None = None, part: int = 0
) -> Callable[[str], Iterator[Span]]:
    """Finds everything of one shape that fits, as this kind."""

    def find(text: str) -> Iterator[Span]:
        for found in shape.finditer(text):
            if fits is None or fits(found[part]):
                yield found.start(part), found.end(part), kind

    return find


def _is_card(words: str) -> bool:
    digits = [int(c) for c in words if c.isdigit()]
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 or re.fullmatch(r"(?:\d{4}[ -]){3}\d{4}", words) is not None


def _is_sort_code(words: str) -> bool:
    day, month, _ = (int(part) for part in re.split("[- ]", words))
    return " " not in words and not (1 <= day <= 31 and 1 <= month <= 12)


def _is_phone(words: str) -> bool:
    digits = re.sub(r"\D", "", re.sub("[oO]", "0", words.split("x")[0]))
    if words.lstrip("( ").startswith("+") or digits.startswith("0044"):
        return 9 <= len(digits) <= 15
    return 10 <= len(digits) <= 11


def _is_postcode(words: str) -> bool:
    letters = re.match("[A-Za-z]+", words)
    written = letters is not None and letters[0].isupper()
    if re.search(r"[.-]\s", words):  # "... in LE10. Our ..."
        return False
    return any(sign.isdigit() for sign in words) and not (written and ORDINAL.search(words))


def _sort_codes_with_cue(text: str) -> Iterator[Span]:
    for cue in re.finditer(r"\bsort(?:\s*code)?\b\D{0,12}(\d{2}[- ]?\d{2}[- ]?\d{2})\b", text, re.I):
        yield cue.start(1), cue.end(1), "bank details"


_FINDERS: Iterable[Callable[[str], Iterator[Span]]] = (
    _shape("e-mail", EMAIL),
    _shape("link", LINK),
    _shape("handle", HANDLE),
    _shape("NI number", NI),
    _sort_codes_with_cue,
    _shape("bank details", ACCOUNT, part=1),
    _shape("bank details", CARD, _is_card),
    _shape("phone", PHONE, _is_phone),
    _shape("phone", CUED_PHONE, part=1),
    _shape("bank details", SORT_CODE, _is_sort_code),
    _shape("postcode", POSTCODE, _is_postcode),
    find_names,
)
