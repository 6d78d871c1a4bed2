"""Where people's names stand in an employer's words. Names have no shape, so this finds most of them, not all.

Titles, cues ("ask for ...") and a list of first names come first. A name that is on no list is known by what is said
of it: it does what people do ("... asked for it"), stands where people work ("... in the office"), beside a phone
number, under a letter, or in its own e-mail address. Then it has to be a capital word that is no ordinary one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from skillsmatch.area.kinds import load_kinds
from skillsmatch.area.national import all_sectors, load_divisions, load_routes, load_soc
from skillsmatch.area.themes import load_themes
from skillsmatch.matching.slang import slang_table
from skillsmatch.matching.words import STOP_WORDS

FIRST_NAMES = Path(__file__).with_name("first_names.txt")
ORDINARY_WORDS = Path(__file__).with_name("ordinary_words.txt")
Span = tuple[int, int, str]

_BIG, _SMALL = (
    "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶŁĹĽŃŇŅŌŐŒŔŘŚŞŠȘŢŤȚŪŮŰŲŴŶŸŹŻŽ",
    "a-zß-öø-ÿāăąćčďđēėęěğģīįıķłĺľńňņōőœŕřśşšșţťțūůűųŵŷźżž",
)
_LETTERS = f"{_BIG}{_SMALL}"
_PART = rf"(?:Mc|Mac|O['’]|D['’])?[{_BIG}][{_SMALL}]+"
_CAPITAL = rf"(?:(?:[Vv]an[ -]|[Dd]e[ -]|da[ -]|[Aa]l-)?{_PART}(?:-{_PART})?)"
_WHOLE = rf"(?:(?:[{_BIG}]\.?[ \t]+)?{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,2}})"  # an initial may stand before it
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
SURNAME = re.compile(rf"[ \t]+({_CAPITAL})(?:[ \t]+({_CAPITAL}))?")
NEXT_WORD = re.compile(rf"[ \t]+([{_LETTERS}][{_LETTERS}'’-]{{2,}})")
SHORTEST_PLAIN = 4  # letters of a first name that is known without its capital
TRADE_SURNAMES = frozenset(
    """archer baker barber booth bishop butcher butler carpenter carter chandler clark clarke cook cooper dyer farmer
    fisher fletcher forester forster gardener gardner glover green hall hill hunter marsh marshall mason miller page
    parker porter potter rivers sawyer shepherd slater smith stone tanner taylor thatcher tiler turner walker ward
    weaver webster west wood woods wright white black brown gray grey young king knight""".split()
)
NO_NAMES = frozenset(
    """the a an our my your their his her its this that these those we you they he she it i us me them who what when
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday
    thursday friday saturday sunday college university school council chamber ltd limited plc group team office
    department reception hr admin manager managers owner director supervisor accounts payroll training course courses
    level apprentice apprentices apprenticeship staff english maths asap please thanks somebody someone anyone anybody
    everyone leicester leicestershire loughborough hinckley melton coalville nottingham derby birmingham london
    uk britain england european british polish indian chinese""".split()
)


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


def find_names(text: str) -> Iterator[Span]:
    """Names by title, by cue, and by first name. The same stretch may come more than once."""
    for found in TITLED.finditer(text):
        part = 1 if found[1] else 2
        first = WORD.search(found[part])
        if first is not None and _is_surname(first[0]):  # "MS Access" has no title
            yield found.start(part), found.end(part), "name"
    for found in STRONG_CUES.finditer(text):
        yield from _leading_names(found, 1)
    yield from _unlisted_names(text)  # before the known ones, because a surname may be a first name as well
    yield from _known_names(text)
    yield from _cued_names(text)
    yield from _names_in_other_letters(text)


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


def _names_in_other_letters(text: str) -> Iterator[Span]:
    """A known first name in small or in large letters throughout, and a surname behind it in the same.

    Names that are nothing else stand in no text but as names; short ones are left out, because slips look like them.
    """
    certain, _ = first_names()
    for word in WORD.finditer(text):
        plain = word[0].casefold()
        if (
            len(plain) < SHORTEST_PLAIN
            or plain not in certain
            or not (word[0].islower() or word[0].isupper())
        ):
            continue
        behind = NEXT_WORD.match(text, word.end())
        same = behind is not None and behind[1].islower() == word[0].islower()
        surname = behind if behind and same and _is_unlisted(behind[1].title()) else None
        yield word.start(), surname.end() if surname else word.end(), "name"


# --- names that are on no list ---------------------------------------------------------------------

_SEVERAL = rf"(?P<name>{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,2}})"
_SAYS = "asked|asks|said|says|told|tells|knows|thinks|runs|wants|mentioned|suggested"
_IS = (
    "manages|leads|looks after|looked after|handles|deals with|would like|is our|is my|is in charge|is on leave|"
    "has asked|has left|has retired|has been|will be doing|will be going|will attend|will go|left us|retired|retires|"
    "joined|works|is keen|is leaving|is retiring|is new"
)
_ROOM = (
    "office|accounts|payroll|hr|reception|stores?|warehouse|workshop|yard|sales|purchasing|production|kitchen|lab|"
    "despatch|dispatch|maintenance|shop floor|night shift|day shift|design|marketing|finance|it"
)
_AT_WORK = (
    rf"(?:in|from|at)\s+(?:the\s+|our\s+)?(?:{_ROOM})|on\s+(?:nights|days|lates|earlies|reception|the\s+(?:{_ROOM}))|"
    rf"from\s+{_CAPITAL}(?:\s+(?:&\s+)?{_CAPITAL}){{0,3}}\s+(?:Ltd|Limited|LTD|PLC|plc|LLP)"
)
_OWNS = "idea|job|role|place|replacement|retirement|number|leave|desk|apprentice|assistant|email|e-mail|phone"
SUBJECT = re.compile(
    rf"(?<![\w&'’.-]){_SEVERAL}(?=(?:\s+|,\s+who\s+)(?:(?P<says>{_SAYS}|did)|{_IS}|{_AT_WORK})\b"
    rf"|,\s+(?:our|my|who)\s+[{_SMALL}]|['’]s\s+(?:{_OWNS})\b)"
)
ROLE = re.compile(
    r"\b(?i:manager|owner|director|supervisor|foreman|boss|colleague|partner|secretary|contact|ask|tell|thanks|cheers|cc|see|call|ring|phone|"
    r"e-?mail|text|message|send|named|called|employee|daughter|son|wife|husband|brother|sister)(?:\s+is)?[\s,:-]{1,3}"
    rf"{_SEVERAL}"
)
UNDER = re.compile(rf"\n[ \t]*{_SEVERAL}[ \t]*(?=(?:\n[^\n]{{0,60}}){{0,3}}\s*\Z)")
BEFORE_NUMBER = re.compile(
    rf"(?<![\w&'’.-]){_SEVERAL}[\s,:;(\[–-]{{1,3}}(?:(?:on|at|by|via|is|tel|mob|mobile|phone|e-?mail)\b[\s.:]{{0,3}})?\Z"
)
BESIDE_IT = 60  # characters before and behind a number in which a name may stand
AFTER_NUMBER = re.compile(rf"\s?(?:[,(\[–-]|for\s)\s?{_SEVERAL}")
ENDINGS = (
    *(
        "ing",
        "ings",
        "ers",
        "ors",
        "ment",
        "ments",
        "tion",
        "tions",
        "sion",
        "ity",
        "ance",
        "ence",
        "ists",
        "ees",
    ),
    *(
        "ants",
        "ents",
        "ians",
        "ics",
        "ware",
        "ship",
        "ness",
        "ology",
        "graphy",
        "ised",
        "ized",
        "able",
        "ible",
        "ful",
    ),
)
# Before these a capital word is what people learn or where they are: "in Revit", "need Revit", "from Luton".
_NOT_AFTER = frozenset(
    """in on of using use uses used with learn learning into the a an at to by as or via through than called software
    and like including near from our your need needs want wants require requires some any about under between within
    across over""".split()
)
# And behind one of these: "Revit training", "a Fanuc machine".
_NOT_BEFORE = frozenset(
    """training course courses software machine machines robot robots programming certificate certified level operator
    operators controls control system systems qualification award licence license standard standards method technique
    style model campus college site centre area based skills test exam design development experience user users and
    or""".split()
)
IN_PASSING = re.compile(
    rf"(?<![\w'’])(?P<before>[{_SMALL}'’]+),?[ \t]+{_SEVERAL}"
    rf"(?=(?:['’]s)?(?:,?[ \t]+(?P<next>[{_SMALL}]+)|[,.;:!?)]?\s*(?:\n|\Z)|[.!?][ \t]))"
)


@cache
def _ordinary_words() -> frozenset[str]:
    """Words that a capital makes no name of: of themes, kinds, routes, sectors, occupations, slang and talk."""
    themes = load_themes()
    said = [
        *(words for t in themes.themes.values() for words in (t.name, t.about, *t.other_names)),
        *(group.name for group in themes.groups.values()),
        *(kind.name for kind in load_kinds().values()),
        *(words for route in load_routes().values() for words in (route.name, *route.includes)),
        *(words for sector in all_sectors().values() for words in (sector.name, *sector.other_names)),
        *(division.title for division in load_divisions().values()),
        *load_soc().values(),
        *(
            " ".join((*key, *(word for phrase in phrases for word in phrase)))
            for key, phrases in slang_table().items()
        ),
    ]
    told = frozenset(word.casefold() for text in said for word in WORD.findall(text))
    listed = "\n".join(
        line for line in ORDINARY_WORDS.read_text(encoding="utf-8").splitlines() if line[:1] != "#"
    )
    return (told | STOP_WORDS | frozenset(listed.split()) | NO_NAMES) - first_names()[0]


def _is_unlisted(word: str) -> bool:
    """Whether a word with a capital may be a name, because it is no ordinary word."""
    plain = word.casefold().removesuffix("'s").removesuffix("’s").strip("-'’")
    if len(plain) < 3 or word.isupper() or plain in _ordinary_words() or _stands_for_one(plain):
        return False
    return not plain.endswith(ENDINGS)


def _stands_for_one(plain: str) -> bool:
    """Whether it is the plural of an ordinary word."""
    return plain.endswith("s") and (plain[:-1] in _ordinary_words() or plain[:-2] in _ordinary_words())


def _name_within(found: re.Match[str], says: bool = False) -> Iterator[Span]:
    """Of the capital words found those from the first that may be a name on, where all of them may be one."""
    words = [w for w in WORD.finditer(found.string, found.start("name"), found.end("name")) if len(w[0]) > 1]
    while words and not (_is_unlisted(words[0][0]) or _is_listed(words[0][0])):
        if len(words) > 1 and words[0][0].casefold() in first_names()[1]:
            break
        if says and len(words) == 1 and words[0][0].casefold() in TRADE_SURNAMES:
            break
        words = words[1:]
    rest = words[1:]
    if words and all(
        _is_unlisted(w[0]) or _is_listed(w[0]) or w[0].casefold() in TRADE_SURNAMES for w in rest
    ):
        yield words[0].start(), words[-1].end(), "name"


def _is_listed(word: str) -> bool:
    return word.casefold() in first_names()[0]


def _unlisted_names(text: str) -> Iterator[Span]:
    for found in SUBJECT.finditer(text):
        yield from _name_within(found, says=bool(found["says"]))
    for shape in (ROLE, UNDER):
        for found in shape.finditer(text):
            yield from _name_within(found)
    for found in IN_PASSING.finditer(text):
        if found["before"].casefold() not in _NOT_AFTER and (found["next"] or "") not in _NOT_BEFORE:
            yield from _name_within(found)


def names_beside(text: str, taken: Iterable[Span]) -> Iterator[Span]:
    """Names that stand before or behind a phone number or an e-mail address, or in the address itself."""
    own: set[str] = set()
    for start, end, kind in taken:
        if kind not in ("phone", "e-mail"):
            continue
        before = text[max(0, start - BESIDE_IT) : start]
        if any(sign.isupper() for sign in before) and (found := BEFORE_NUMBER.search(before)):
            yield from _moved(_name_within(found), start - len(before))
        if found := AFTER_NUMBER.match(text[end : end + BESIDE_IT]):
            yield from _moved(_name_within(found), end)
        if kind == "e-mail":
            own |= _names_in_address(text[start:end])
    if own:
        yield from ((w.start(), w.end(), "name") for w in WORD.finditer(text) if w[0].casefold() in own)


def _moved(spans: Iterable[Span], by: int) -> Iterator[Span]:
    yield from ((start + by, end + by, kind) for start, end, kind in spans)


def _names_in_address(address: str) -> set[str]:
    words = {word.casefold() for word in re.findall(rf"[{_LETTERS}]+", re.split(r"@|\s|[\[(]", address)[0])}
    return {word for word in words if len(word) > 3 and _is_unlisted(word)}


def names_again(text: str, taken: Iterable[Span]) -> Iterator[Span]:
    """Where a name that was found stands once more."""
    found = {w[0] for start, end, kind in taken if kind == "name" for w in WORD.finditer(text, start, end)}
    found = {word for word in found if word.istitle() and (_is_unlisted(word) or _is_listed(word))}
    yield from ((w.start(), w.end(), "name") for w in WORD.finditer(text) if w[0] in found)
