"""Numbers, places and wishes read out of an employer's words: people, postcode, level, mode, time, money."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skillsmatch.matching.words import words_of

NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "a couple of": 2, "couple of": 2, "half a dozen": 6, "a dozen": 12, "dozen": 12,
}  # fmt: skip
MOST_PEOPLE = 5000  # more is a house number, a price or a slip, not a group to train

MOST_PLACES = 5  # named places taken out of one clause

_NUMBER = "(?P<number>" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True)) + r"|\d{1,4})"
_PEOPLE_NOUN = (
    r"(?:people|persons?|staff|lads?|lass(?:es)?|girls?|guys?|blokes?|fellas?|women|men|ladies|gents|employees?"
    r"|workers?|operatives?|apprentices?|trainees?|starters?|learners?|delegates?|managers?|supervisors?"
    r"|team\s(?:leaders?|members?)|leaders?|drivers?|welders?|carers?|chefs?|cooks?|nurses?|technicians?"
    r"|engineers?|electricians?|plumbers?|joiners?|fitters?|packers?|pickers?|cleaners?|assistants?|adults?"
    r"|directors?|installers?|teachers?|tutors?|machinists?|operators?|mechanics?|assessors?|first\saiders"
    r"|fire\smarshals|recruits?|juniors?|youngsters?|seniors?|colleagues|volunteers?|of\sus|of\sthem|places?)"
)
_TIMES = re.compile(r"(?<![\w.])(?:x\s?(?P<after>\d{1,3})|(?P<before>\d{1,3})\s?x)(?!\w|\.\d)", re.I)
_BRACKETED = re.compile(r"\(\s*(?P<number>\d{1,3})\s*\)")
_NOT_A_COUNT = (
    r"(?<!level )(?<!class )(?<!nvq )(?<!entry )(?<!lvl )(?<!year )(?<!stage )(?<!the )(?<!this )(?<!every )"
)
_COUNTED = re.compile(rf"(?<![\w./-]){_NOT_A_COUNT}{_NUMBER}\s+(?:[a-z-]+\s+){{0,2}}?{_PEOPLE_NOUN}\b", re.I)
_GROUP = re.compile(rf"\b(?:gang|team|group|crew|class|lot)\s+of\s+{_NUMBER}\b", re.I)
_FOR_NUMBER = re.compile(rf"\bfor\s+{_NUMBER}(?=\s*(?:[.,;]|$|and\b))", re.I)
_HIRED = re.compile(
    rf"\b(?:take\s+on|taking\s+on|recruit(?:ing)?|hir(?:e|ing)|train(?:ing)?(?:\s+up)?|grow|get)\s+{_NUMBER}\s+(?=[a-z])",
    re.I,
)
_ONE_PERSON = re.compile(
    r"\b(?:my|our|the)\s+(?:wife|husband|son|daughter|receptionist|bookkeeper|secretary|office\smanager|pa)\b",
    re.I,
)
# "Growing firm, 35 staff" and "80 staff over two shifts" tell the size of the business, not a group to train.
_SIZE = re.compile(
    rf"\b(?:firm|company|business|employer|we\s+(?:have|employ|are)|we['’]ve\s+got|employing|over)\s*(?:about\s+)?"
    rf"{_NUMBER}\s+(?:staff|employees|people|workers)\b(?!\s+(?:for|on|in|to)\b)"
    r"|,\s*\d+\s+(?:staff|employees)\b(?=\s*(?:[.,;]|$|over|across))|\b\d+\s+on\s+the\s+shop\s?floor",
    re.I,
)

_POSTCODE = re.compile(
    r"\b(?P<out>[A-Z]{1,2}\d[A-Z\d]?)(?:\s*(?P<in>\d[A-Z]{2}))?\b",
    re.I,
)
_PLACED = re.compile(rf"(?:\b(?:in|near|at|around|from)\s+)?{_POSTCODE.pattern}", re.I)
# "D1", "L3", "C1" are licences and levels far more often than places, so a bare district needs three signs.
_BARE_DISTRICT = re.compile(r"(?:[A-Z]{2}\d[A-Z\d]?|[A-Z]\d\d)$")
# The letters that UK postcodes begin with (Royal Mail's postcode areas).
_POSTCODE_AREAS = frozenset(
    """
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G
    GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD
    WF WN WR WS WV YO ZE
    """.split()
)
_TICKETS = frozenset({"PA1", "PA2", "PA6"})  # pesticide certificates, not Paisley

_LEVEL = re.compile(
    r"\b(?:(?:level|lvl|lv|nvq|rqf)\s*-?\s*(?P<number>[0-8]|one|two|three|four|five|six|seven)\b|l(?P<short>[1-8])\b"
    r"|(?P<entry>entry(?:\s+level)?)(?:\s*[1-3])?\b)",
    re.I,
)

_MODES = {
    "online": r"online|on-line|e-?learning|remote(?:ly)?|zoom|teams\s+call|virtual(?:ly)?|webinar|distance\s+learning",
    "workplace": r"on[\s-]site|in[\s-]house|at\s+our\s+(?:place|site|premises|unit|factory|office|home)"
    r"|(?:you|someone|tutor|trainer)\s+(?:to\s+|could\s+|can\s+|would\s+)?come\s+(?:out\s+)?to\s+us|^come\s+to\s+us"
    r"|come\s+(?:out\s+)?to\s+(?:our|the)\s+\w+|at\s+the\s+(?:home|factory|works|depot|yard)|our\s+own\s+training\s+room"
    r"|we\s+have\s+a\s+training\s+room",
    "classroom": r"classroom|face[\s-]to[\s-]face|in[\s-]person|at\s+(?:a\s+|the\s+)?college",
}
_ATTENDANCE = {
    "evening": r"evenings?|after\s+work|twilight|after\s+hours|(?<!for\s)nights(?!\s+shift)",
    "weekend": r"weekends?(?!\s+staff)|saturdays?|sundays?",
    "daytime": r"day\s?time|days(?=\s*(?:$|[.,;]|only|please|,))|mornings?(?!\s+don)|afternoons?|during\s+the\s+day"
    r"|school\s+hours|office\s+hours",
    "block": r"day[\s-]release|block[\s-]release|one\s+day\s+(?:a\s+week\s+)?at\s+college",
}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_WHEN = (
    ("now", r"asap|a\.s\.a\.p|urgent(?:ly)?|straight\s?away|right\s+away|immediately"
     r"|this\s+week|next\s+week|(?:right|start|need\s+\w+)\s+now"),
    ("6-months", r"this\s+(?:month|spring|summer|autumn|winter|term)|next\s+(?:month|term)|within\s+6\s+months"
     rf"|(?:by|from|in|for|this|next)\s+{_MONTH}|(?:in|next)\s+(?:a\s+)?few\s+(?:weeks|months)"),
    ("1-year", r"(?:this|next|within\s+(?:a|the|one))\s+year|in\s+(?:a|12)\s+(?:year|months)"),
    ("3-years", r"(?:in|within)\s+(?:2|3|two|three|a\s+few)\s+years['’]?\s+time"
     r"|next\s+(?:few|2|3|two|three)\s+years|long(?:er)?[\s-]term"),
)  # fmt: skip
# "Bench joinery for Sept" asks for joinery; left among its words, the month would be looked for in the offers.
_DATE = re.compile(
    rf"\b(?:(?:by|from|in|for|this|next|before|around)\s+(?:the\s+)?(?:(?:early|mid|late|start\s+of|end\s+of)[\s-]+)?"
    rf"{_MONTH}(?:\s+20\d\d)?|(?:(?:by|from|in|for)\s+)?(?:this|next)\s+(?:month|spring|summer|autumn|winter|term))\b",
    re.I,
)
_NEW = re.compile(
    r"\b(?:take\s+on|taking\s+on|recruit\w*|hire|hiring|new\s+starters?|school\s+leavers?|straight\s+from\s+school"
    r"|apprentices?|youngsters?|a\s+lad\s+or\s+lass|someone\s+young|trainees?|vacanc\w+|can['’]?t\s+get\s+(?:them|the\s+staff)"
    r"|looking\s+for\s+(?:an?\s+|some\s+)?(?:\w+\s+){0,3}\w+(?:ers?|ors?|ians?|ists?))\b",
    re.I,
)
_PRESENT = re.compile(
    r"\b(?:our|my|the|are)\s+(?:own\s+)?(?:[\w-]+\s+){0,3}?(?:staff|team|lads|girls|guys|fellas|crew|fitters|drivers"
    r"|managers?|supervisors?|carers|packers|pickers|porters|housekeepers|electricians|operatives|receptionist|wife"
    r"|husband|son|daughter|leaders?|engineers|designers?|chefs?|admin|workshop|negotiators|shift|assistant)\b"
    r"|\b(?:existing|current|present)\s+(?:staff|employees|team|people)|\bone\s+of\s+(?:the|our)\b|\bof\s+us\b"
    r"|\b(?:upskill|retrain|refresher|get\s+(?:them|him|her)|for\s+(?:the|our)\s+team)\b",
    re.I,
)
_DISTANCE = re.compile(
    r"\b(?:within|up\s+to|no\s+more\s+than|max(?:imum)?(?:\s+of)?|can\s+travel|travel)\s*(?:about\s+|up\s+to\s+)?"
    r"(?P<number>\d{1,3})\s*-?\s*(?P<unit>miles?|mi|km|kilomet(?:er|re)s?)\b",
    re.I,
)
_BUDGET = re.compile(
    r"(?:£\s?(?P<pounds>\d[\d,]*(?:\.\d\d)?)\s*(?P<k>k)?)|(?:\b(?P<plain>\d[\d,]*)\s*(?:pounds|quid)\b)", re.I
)
KM_IN_A_MILE = 1.609344

KIND_HINTS = (
    ("t-level-placement", r"t[\s-]?levels?\b"),
    ("foundation-apprenticeship", r"foundation\s+apprentice"),
    ("apprenticeship-unit", r"apprenticeship\s+units?"),
    (
        "apprenticeship",
        r"apprentic|\blad\s+or\s+lass|youngsters?\b|school\s+leavers?|someone\s+young|young\s+person",
    ),
    ("skills-bootcamp", r"boot\s?camp"),
    (
        "esol",
        r"\besol\b|english\s+(?:lessons?|classes|speaking)|speak(?:s|ing)?\s+(?:much\s+|better\s+)?english"
        r"|(?:help\s+with|improve|learn|better)\s+(?:their\s+|spoken\s+)?english(?!\s+(?:and|or|&)\s+maths)",
    ),
    ("functional-skills", r"functional\s+skills?"),
    ("htq", r"\bhtqs?\b|higher\s+technical|\bhn[cd]s?\b"),
)

# What an offer answers by its facts. A kind that is named after a skill ("English lessons") is no such wish.
_WISHES = (
    *(_TIMES, _BRACKETED, _BUDGET, _DISTANCE, _DATE, _LEVEL),
    *(re.compile(rf"\b(?:{said})\b", re.I) for said in (*_MODES.values(), *_ATTENDANCE.values())),
    *(re.compile(rf"\b(?:{said})\b", re.I) for _, said in _WHEN),
    *(
        re.compile(rf"\b(?:{said})\w*", re.I)
        for kind, said in KIND_HINTS
        if kind not in ("esol", "functional-skills")
    ),
    # "Two of our fitters" are to be trained; "three fitters" may be what is wanted, so those stay words of the need.
    re.compile(rf"\b{_NUMBER}\s+of\s+(?:our|the|my)\s+{_PEOPLE_NOUN}\b", re.I),
    re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)}|new\s+starters?|straight\s+from\s+school)\b", re.I),
)


def number_of(word: str) -> int:
    """The number that digits or a number word stand for."""
    low = " ".join(word.lower().split())
    return NUMBER_WORDS[low] if low in NUMBER_WORDS else int(low)


def read_people(text: str) -> int | None:
    """How many people a clause is about, or None. The size of the business is not such a number."""
    rest = _SIZE.sub(" ", text)
    for pattern in (_TIMES, _BRACKETED, _GROUP, _COUNTED, _HIRED, _FOR_NUMBER):
        match = pattern.search(rest)
        if match:
            found = match.groupdict()
            word = found.get("number") or found.get("after") or found.get("before") or ""
            count = number_of(word)
            if 0 < count <= MOST_PEOPLE:
                return count
    return 1 if _ONE_PERSON.search(rest) else None


def read_postcode(text: str) -> str | None:
    """The first postcode or postcode district, in capitals with one space, or None."""
    for match in _POSTCODE.finditer(text):
        outward, inward = match["out"].upper(), (match["in"] or "").upper()
        area = re.match(r"[A-Z]+", outward)
        if area is None or area.group() not in _POSTCODE_AREAS:
            continue
        if inward:
            return f"{outward} {inward}"
        if _BARE_DISTRICT.match(outward) and outward not in _TICKETS:
            return outward
    return None


def read_place(text: str, places: Sequence[str]) -> str | None:
    """The first of the named places that the text holds, one slip of the pen allowed in long names."""
    low = text.lower()
    found = [
        (low.find(place.lower()), place)
        for place in places
        if re.search(rf"\b{re.escape(place.lower())}\b", low)
    ]
    if found:
        return min(found)[1]
    singles = [place for place in places if " " not in place and len(place) >= 6]
    for word in re.findall(r"[a-z]{6,}", low):
        for place in singles:
            if _is_slip(word, place.lower()):
                return place
    return None


def _said_places(text: str, places: Sequence[str]) -> list[str]:
    """Every place of the text as written there, slips included."""
    rest, said = text, list[str]()
    while (place := read_place(rest, places)) is not None and len(said) < MOST_PLACES:
        if re.search(rf"\b{re.escape(place)}\b", rest, re.I):
            word = place
        else:
            word = next(
                word for word in re.findall(r"[a-z]{6,}", rest.lower()) if _is_slip(word, place.lower())
            )
        said.append(word)
        rest = re.sub(rf"\b{re.escape(word)}\b", " ", rest, flags=re.I)
    return said


def _is_slip(word: str, name: str) -> bool:
    """Whether the word is the name with one slip of the pen, or its beginning."""
    from rapidfuzz.distance import OSA

    return word[0] == name[0] and (
        OSA.distance(word, name) <= 1 or (len(word) >= 8 and name.startswith(word))
    )


def read_level(text: str) -> int | None:
    """The first level named: 0 for Entry, 1 to 8, or None."""
    match = _LEVEL.search(text)
    if not match:
        return None
    if match["entry"]:
        return 0
    return number_of(match["number"] or match["short"])


def read_modes(text: str) -> frozenset[str]:
    """Which of classroom, online and workplace the text asks for."""
    return frozenset(mode for mode, said in _MODES.items() if re.search(rf"\b(?:{said})\b", text, re.I))


def read_attendance(text: str) -> frozenset[str]:
    """Which of daytime, evening, weekend and block the text asks for."""
    return frozenset(time for time, said in _ATTENDANCE.items() if re.search(rf"\b(?:{said})\b", text, re.I))


def read_when(text: str) -> str | None:
    """now, 6-months, 1-year or 3-years, or None where the text does not say."""
    return next((when for when, said in _WHEN if re.search(rf"\b(?:{said})\b", text, re.I)), None)


def read_who_for(text: str) -> str | None:
    """new, present or both, or None where the text does not say."""
    new, present = bool(_NEW.search(text)), bool(_PRESENT.search(text))
    if new and present:
        return "both"
    return "new" if new else "present" if present else None


def read_distance(text: str) -> float | None:
    """The furthest that people can travel in km, or None."""
    match = _DISTANCE.search(text)
    if not match:
        return None
    number = float(match["number"])
    return round(number * KM_IN_A_MILE, 1) if match["unit"].lower().startswith("mi") else number


def read_budget(text: str) -> float | None:
    """The sum of money named, in pounds, or None."""
    match = _BUDGET.search(text)
    if not match:
        return None
    pounds = float((match["pounds"] or match["plain"]).replace(",", ""))
    return pounds * 1000 if match["k"] else pounds


def read_kind(text: str) -> str | None:
    """The kind of training that the words point to, or None."""
    return next((kind for kind, said in KIND_HINTS if re.search(said, text, re.I)), None)


def without_quantities(text: str, places: Sequence[str]) -> str:
    """The clause without counts, dates, postcodes, named places, distances and money: the rest is about skills."""
    rest = text
    for pattern in (_TIMES, _BRACKETED, _BUDGET, _DISTANCE, _DATE):
        rest = pattern.sub(" ", rest)
    rest = _PLACED.sub(lambda match: " " if read_postcode(match.group()) else match.group(), rest)
    for said in _said_places(rest, places):
        rest = re.sub(
            rf"\b(?:(?:in|near|at|around|from)\s+)?(?:the\s+)?\b{re.escape(said)}\b(?:\s+area)?",
            " ",
            rest,
            flags=re.I,
        )
    return " ".join(rest.split())


def wishes_of(text: str, places: Sequence[str] = ()) -> frozenset[str]:
    """The words, folded, that only say when, where, how, at what level, how many, how dear or of what kind.

    An offer answers them with its dates, place and price, so it need not hold them. A word that stands elsewhere
    in the text as well is not among them.
    """
    rest = without_quantities(text, places)
    for pattern in _WISHES:
        rest = pattern.sub(" ", rest)
    return frozenset(words_of(text)) - frozenset(words_of(rest))
