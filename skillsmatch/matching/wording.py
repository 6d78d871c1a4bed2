"""A clause down to the words of its skill: politeness, counts, places and times taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skillsmatch.matching import quantities
from skillsmatch.matching.understanding import GENERIC_WORDS
from skillsmatch.matching.words import STOP_WORDS, words_of

_SOMEBODY = (
    r"(?:an?\s+|one\s+)?(?:new\s+)?(?:some\s?one|some\s?body|any\s?one|any\s?body|person)"
    r"(?:\s+(?:here|else|young|new|in[\s-](?:the\s+)?\w+))?"
)
_GROUP = (
    r"(?:people|staff|of\s+(?:us|them|the\s+(?:team|staff|lads|girls|guys|lot))|lads|girls|guys|persons?"
    r"|employees|workers|places?)"
)
_LEAD = re.compile(
    r"^(?:\s*(?:hi(?:ya)?|hello|hey|dear\s+\w+|good\s+(?:morning|afternoon|day)|please|pls|and|also|so|basically|then"
    r"|we\s+(?:are|r|were)\s+(?:looking|hoping|trying)\s+(?:for|to)|(?:we|i)['’]?(?:re|m)\s+(?:looking|after)(?:\s+(?:for|to))?"
    r"|looking\s+(?:for|to)|(?:we|i)?\s*(?:also\s+|really\s+|just\s+)*(?:need|want|require)(?:s|ed)?(?:\s+to)?"
    r"|(?:we|i)\s+would\s+(?:also\s+)?like(?:\s+to)?|(?:we|i)['’]d\s+(?:also\s+)?like(?:\s+to)?|(?:we|i)\s+r\b"
    r"|(?:can|could|do)\s+you\s+(?:do|help(?:\s+with)?|offer|run|find)|any(?:one|body)?\s+(?:do|doing|offer)|is\s+there"
    r"|take\s+on|get\s+hold\s+of|some\s+training\s+(?:in|on|for)|training\s+(?:in|on|for)|help\s+with"
    rf"|{_SOMEBODY}\s+(?:who|that|to|for|with)(?:\s+(?:can|could|knows?|understands?|does|is\s+able\s+to))?(?:\s+(?:how\s+to|about))?"
    rf"|(?:\d+|{'|'.join(quantities.NUMBER_WORDS)}|a\s+few|some)\s+(?:more\s+)?{_GROUP}\s+(?:who\s+)?(?:all\s+)?(?:need|want)s?(?:\s+to)?"
    r"|(?:an?\s+)?(?:couple|few|handful|number|some|most|half)\s+of(?=\s+(?:our|the|my)\b)"
    r"|an?(?!\s+(?:few|lot|bit)\b)|some(?!\s+of\b)|someone|somebody|half\s+a\s+dozen(?=\s+[a-z]{3})"
    r"|(?:two|three|four|five|six|seven|eight|ten|twelve|dozen)\s+(?!of\b|days?\b|hours?\b|weeks?\b|months?\b|years?\b|to\b|or\b)(?=[a-z]{2})"
    r"|(?:to\s+)?be\s+(?:able\s+to|trained\s+(?:in|on|to)))(?![\w'’])[\s,!:-]*)+",
    re.I,
)
_TAIL = re.compile(
    r"[\s,.;:-]*(?:\b(?:asap|please|pls|thanks|thank\s+you|ta|cheers|if\s+(?:at\s+all\s+)?poss(?:ible)?|ideally"
    r"|urgent(?:ly)?|kind\s+regards|regards|if\s+you\s+can)\b[\s,.;:!-]*)+$",
    re.I,
)
_TIME = (
    r"(?:days?|day\s?time|evenings?|nights?|mornings?|afternoons?|weekends?|saturdays?|sundays?|part[\s-]time|full[\s-]time"
    r"|day\s+release|block\s+release|shifts?)"
)
_MANNER = rf"(?:on[\s-]?line|on[\s-]site|face[\s-]to[\s-]face|in[\s-]person|remote(?:ly)?|{_TIME})"
# A part between commas that holds nothing but these is a wish about time, place or number.
_WISH = re.compile(
    rf"(?:\b(?:{_MANNER}|{_GROUP}|in|on|at|the|or|and|of|if|at\s+all|poss(?:ible)?|ideally|preferably|only|just|about|around|area|asap"
    r"|urgent(?:ly)?|please|soon|next|this|week|month|year|spring|summer|autumn|winter|would\s+be\s+\w+|is\s+(?:fine|best|ok)"
    r"|rather\s+than|max(?:imum)?|each|per\s+(?:head|person)|budget|hours?|hrs|\d+)\b[\s.!]*)+",
    re.I,
)
# "Our kitchen porters need help with English": a skill of any job, so the learners' own trade would mislead.
_LEARNERS = re.compile(
    r"^\s*(?:our|my|the|some|most|many|half|several|all)\b[^.;?!]{2,80}?\b(?:needs?|wants?|(?:would|['’]d)\s+like)\s+(?:some\s+)?"
    r"(?=(?:help\s+(?:with|on)\s+)?(?:their\s+|better\s+|basic\s+|spoken\s+)*"
    r"(?:english|esol|maths|literacy|numeracy|reading|writing|spelling)\b)",
    re.I,
)
# "Mornings don't work but 2 till 4 does": a part that begins with a time and says how it suits.
_SUITS = re.compile(
    rf"{_TIME}\s+(?:\w+\s+){{0,2}}?(?:do(?:es)?(?:n['’]?t|\s+not)?\s+(?:work|suit)|wo(?:n['’]?t|rk)|suits?|is|are|would|can(?:['’]?t|not))\b",
    re.I,
)
_WHEN_LAST = re.compile(
    rf"(?:\s+(?:in|on|at|for|over|during)(?:\s+the)?\s+{_TIME}|(?<=\w)\s+(?:evenings?|nights|weekends?|saturdays|mornings|afternoons)"
    r"|(?:(?<=course)|(?<=courses)|(?<=classes)|(?<=lessons)|(?<=training)|(?<=refresher))\s+online)\s*$",
    re.I,
)
_FOR_GROUP = re.compile(
    rf"\s+for\s+(?:about\s+|around\s+)?(?:\d+|{'|'.join(quantities.NUMBER_WORDS)})(?:\s+{_GROUP})?(?=\s*(?:$|[,.;]|(?:and|next|this|in|on|by|at)\b))",
    re.I,
)


def without_lead(clause: str) -> str:
    """The clause from its first word about the skill."""
    return _LEAD.sub("", clause)


def is_wish(part: str) -> bool:
    """Whether a part of a list only says when, where, how or for how many."""
    return bool(_WISH.fullmatch(part.strip()) or _SUITS.match(part.strip()))


def skill_words(clause: str, places: Sequence[str] = ()) -> str:
    """The clause without politeness, counts, places, times and wishes that were read as constraints.

    Never blank for a clause that is not.
    """
    rest = _LEARNERS.sub("", _TAIL.sub("", quantities.without_quantities(clause, places)))
    parts = [part for part in re.split(r"\s*,(?!\d)\s*", rest) if part.strip(" .")]
    kept = [part for part in parts if not is_wish(part)] or parts
    shown = without_lead(_TAIL.sub("", _FOR_GROUP.sub("", ", ".join(kept))))
    shown = _trimmed(_WHEN_LAST.sub("", shown))
    for told in (shown, _trimmed(rest)):
        if any(word not in STOP_WORDS and word not in GENERIC_WORDS for word in words_of(told)):
            return told
    return _trimmed(without_lead(rest)) or _trimmed(rest) or clause.strip()


def _trimmed(text: str) -> str:
    return text.strip(" ,.:;-–")
