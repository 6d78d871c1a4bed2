"""An employer's words with personal data hidden: what an officer reads unless they ask for the original.

E-mail addresses, links, handles, National Insurance, card, account and phone numbers and postcodes are known by
their shape. Names have none: titles, cues ("ask for ...") and a list of first names find most of them, not all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from skillsmatch.area.themes import load_themes

FIRST_NAMES = Path(__file__).with_name("first_names.txt")
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
_DOT = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?|\s+dot\s+)"
EMAIL = re.compile(rf"(?<![\w.+'’-])[\w.+'’-]+{_AT}[\w-]+(?:{_DOT}[\w-]+)+", re.I)
ENDS = (
    r"(?:co\.uk|org\.uk|ac\.uk|gov\.uk|ltd\.uk|me\.uk|nhs\.uk|com|org|net|uk|biz|info|eu|io|ltd|london|shop)"
)
LINK = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"]+|(?<![\w@.-])(?!(?:asp|ado|vb)\.net\b)[a-z0-9][\w-]*(?:\.[\w-]+)*?\.{ENDS}\b(?:/[^\s<>\"]*)?",
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

_BIG, _SMALL = (
    "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶŁĹĽŃŇŅŌŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŴŶŸŹŻŽ",
    "a-zß-öø-ÿāăąćčďđēėęěğģīįıķłĺľńňņōőœŕřśşšșţťțūůűųŵŷźżž",
)
_LETTERS = f"{_BIG}{_SMALL}"
_PART = rf"(?:Mc|Mac|O['’]|D['’])?[{_BIG}][{_SMALL}]+"
_CAPITAL = rf"(?:(?:[Vv]an[ -]|[Dd]e[ -]|da[ -]|[Aa]l-)?{_PART}(?:-{_PART})?)"
_WHOLE = rf"(?:(?:[{_BIG}]\.?\s+)?{_CAPITAL}(?:\s+{_CAPITAL}){{0,2}})"  # an initial may stand before it
TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Rev)\b\.?\s+({_WHOLE})"
    rf"|\b(?:mr|mrs|ms|dr|MR|MRS|MS|DR)\b\.?\s+([{_LETTERS}][{_LETTERS}'’-]+)"
)
ASKING = (
    "ask for|asking for|speak to|speak with|talk to|spoke to|contact|call|ring|phone|email|e-mail|text|attn|fao|"
    "name is|name's|name’s|named|called|this is|manager|owner|director|supervisor|foreman|boss|regards|thanks|"
    "thank you|cheers|signed|colleague|attention of|reply to|i am|i'm|i’m"
)
BESIDE = "from|see|with|and|it's|it’s|our|by|is|for"  # these stand before much else: only a sure name counts
# Looked for at every place, because one cue may stand right after another: "thanks and ring dave".
CUED = re.compile(
    rf"\b(?=(?:(?P<asking>{ASKING})|{BESIDE})[\s,:-]{{1,3}}(?P<first>[{_LETTERS}][{_LETTERS}'’-]+)(?:\s+(?P<second>[{_LETTERS}][{_LETTERS}'’-]+))?)",
    re.I,
)
STRONG_CUES = re.compile(
    r"\b(?i:ask for|asking for|speak to|speak with|talk to|spoke to|my name is|my name['’]s|the name is|name:|attn:?|"
    r"fao:?|regards,?|contact is|manager is|owner is|for the attention of|signed)[\s,:-]+"
    rf"({_WHOLE})"
)
WORD = re.compile(rf"[{_LETTERS}][{_LETTERS}'’-]*")
SURNAME = re.compile(rf"\s+({_CAPITAL})(?:\s+({_CAPITAL}))?")
TRADE_SURNAMES = frozenset(
    """archer baker barber booth bishop butcher butler carpenter carter chandler clark clarke cook cooper dyer farmer
    fisher fletcher forester forster gardener gardner glover green hall hill hunter marsh marshall mason miller page
    parker porter potter rivers sawyer shepherd slater smith stone tanner taylor thatcher tiler turner walker ward
    weaver webster west wood woods wright white black brown gray grey young king knight""".split()
)
NO_NAMES = frozenset(
    """the a an our my your their his her its this that these those we you they he she it i us me them who what when
    january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday college university school council chamber ltd limited plc group team office
    department reception hr admin manager managers owner director supervisor accounts payroll training course courses
    level apprentice apprentices apprenticeship staff english maths asap please thanks somebody someone anyone anybody
    everyone leicester leicestershire loughborough hinckley melton coalville nottingham derby birmingham london
    uk britain england european british polish indian chinese""".split()
)
Span = tuple[int, int, str]


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
    spans = find_personal(text, business)
    parts, at = [], 0
    for start, end, kind in spans:
        parts += [text[at:start], HIDDEN[kind]]
        at = end
    return Redacted("".join([*parts, text[at:]]), dict(Counter(kind for _, _, kind in spans)))


def find_personal(text: str, business: str = "") -> list[Span]:
    """Where personal data stands, as (start, end, kind), in order, none over another. Reads 20,000 characters."""
    read = text[:20_000]
    taken: list[Span] = []
    for finder in (_business(business), *_FINDERS):
        for start, end, kind in finder(read):
            if end > start and not any(start < to and from_ < end for from_, to, _ in taken):
                taken.append((start, end, kind))
    return sorted(taken)


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


@cache
def first_names() -> tuple[frozenset[str], frozenset[str]]:
    """The first names that are nothing else, and those that are words as well."""
    lines = FIRST_NAMES.read_text(encoding="utf-8").splitlines()
    names, _, words = "\n".join(line for line in lines if not line.startswith("#")).partition("[words]")
    also_words = frozenset(words.split())
    return frozenset(names.split()) - also_words, also_words


@cache
def _skill_words() -> frozenset[str]:
    """Words of the themes and their other names: a capital does not make a surname of "Excel"."""
    themes = load_themes().themes.values()
    said = " ".join(name for theme in themes for name in (theme.name, *theme.other_names))
    return frozenset(word.casefold() for word in WORD.findall(said)) - first_names()[0]


def _is_surname(word: str) -> bool:
    plain = word.casefold()
    return plain in TRADE_SURNAMES or (plain not in NO_NAMES and plain not in _skill_words())


def _names(text: str) -> Iterator[Span]:
    """Names by title, by cue, and by first name. The same stretch may come more than once."""
    for found in TITLED.finditer(text):
        part = 1 if found[1] else 2
        if found[part].casefold() not in NO_NAMES:
            yield found.start(part), found.end(part), "name"
    for found in STRONG_CUES.finditer(text):
        yield from _leading_names(found, 1)
    yield from _known_names(text)
    yield from _cued_names(text)


def _leading_names(found: re.Match[str], part: int) -> Iterator[Span]:
    """Of the capitalised words after a strong cue those that come before the first that is no name."""
    end = found.start(part)
    for word in WORD.finditer(found.string, found.start(part), found.end(part)):
        if len(word[0]) > 1 and not _is_surname(word[0]):
            break
        end = word.end()
    yield found.start(part), end, "name"


def _known_names(text: str) -> Iterator[Span]:
    """A known first name with a capital, and the surname after it. One that is a word as well needs the surname."""
    certain, also_words = first_names()
    for word in WORD.finditer(text):
        plain = word[0].casefold().removesuffix("'s").removesuffix("’s").split("-")[0]
        capital = word[0][:1].isupper() and (
            word[0][1:].islower() or "-" in word[0] or "'" in word[0] or "’" in word[0]
        )
        if not capital or plain not in (certain | also_words):
            continue
        end = word.end()
        surname = SURNAME.match(text, end) if not word[0].endswith(("'s", "’s")) else None
        has_surname = surname is not None and _is_surname(surname[1])
        if surname is not None and has_surname:
            end = surname.end(2) if surname[2] and _is_surname(surname[2]) else surname.end(1)
        if plain in certain or has_surname:
            yield word.start(), end, "name"


def _cued_names(text: str) -> Iterator[Span]:
    """After a cue, a known first name however it is written: "ring dave", "CONTACT JOHN SMITH"."""
    certain, also_words = first_names()
    for found in CUED.finditer(text):
        first, second = found["first"], found["second"] or ""
        plain = first.casefold()
        if plain in certain or (found["asking"] and plain in also_words and first.istitle()):
            same_case = second.isupper() == first.isupper() and second[:1].isupper() == first[:1].isupper()
            takes = second and same_case and second[:1].isupper() and _is_surname(second)
            yield found.start("first"), found.end("second" if takes else "first"), "name"


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
    _names,
)
