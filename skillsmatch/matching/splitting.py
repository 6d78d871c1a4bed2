"""One text into the separate needs it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skillsmatch.matching.topics import TopicOf, is_pair, parted_by_topic
from skillsmatch.matching.understanding import CHAT_WORDS, GENERIC_WORDS
from skillsmatch.matching.words import content_words

MOST_FACETS = 8  # needs taken from one text; more would leave each fewer than two offers on the first page
LIST_WORDS = 30  # a longer sentence in which nobody asks is a description, whatever it lists
DESCRIPTION_WORDS = 12  # a longer text in which nobody asks for anything describes one job: it stays whole

# Words by which an employer asks. A sentence without any may be background when another sentence asks.
_ASK = re.compile(
    r"\b(?:need(?:s|ed|ing)?|want(?:s|ed|ing)?|looking\s+(?:for|to|at)|after\s+(?:an?|some|someone)|we(?:'|’)?re\s+after"
    r"|(?:would|we(?:'|’)?d|i(?:'|’)?d|i\s+would)\s+(?:also\s+)?(?:like|prefer|love)|interested\s+in|require[sd]?"
    r"|train(?:ed|ing)?|course|courses|learn(?:ing)?|qualification|qualified|take\s+on|taking\s+on|recruit\w*|hire"
    r"|teach|taught|put\s+\w+\s+through|through\s+(?:the|their|his|her)|become|get\s+(?:\w+\s+){0,3}trained"
    r"|refresher|awareness|licen[cs]e|ticket|certificate|apprentic\w*|can['’]?t|cannot|don['’]?t\s+know"
    r"|struggl\w+|clued\s+up|up\s+to\s+(?:speed|scratch)|brush\w*\s+up|help\s+(?:with|for)|how\s+(?:to|can|do)|(?:go|up)\s+for|level\s?\d|retir(?:es|ing)|understand(?:s|ing)?"
    r"|(?:someone|somebody|anyone|anybody)\s+(?:for|to|who|with))\b",
    re.I,
)
_SPEAKER = re.compile(r"\b(?:we|our|us|i|my|i'm|we're|i’m|we’re)\b", re.I)
_ITEM = re.compile(r"[\n;•]+(?:\s*[-–*]\s)?|^\s*[-–*]\s")
_NUMBERED = re.compile(r"(?:^|(?<=\s))(?:\d{1,2}[.)]|\(?[a-h]\))\s+(?=[A-Za-z])")
_SENTENCE = re.compile(
    r"(?<=[a-z][.!?])(?=[A-Z][a-z])|(?<=[a-z0-9)\]][.!?])\s+|(?<=[A-Z]{2}[.!?])\s+|(?<=[.!?])\s+(?=[A-Z])"
)
_PLAIN_ASK = re.compile(
    r"(?:^|[.!?;\n]\s*)(?:need|wanted|want|looking\s+for|require|after\s+(?:an?|some|someone))\b|\blooking\s+for\b"
    r"|\b(?:someone|somebody)\s+(?:to|for|who)\b",
    re.I,
)
_PLUS = re.compile(r"\+|\bplus\b|\balso\b", re.I)
# How, when, where and for how much: these go with every need of the text and are no need of their own.
_PREFERENCE = re.compile(
    r"^\W*(?:and\s+)?(?:(?:we|i)?\s*(?:would|['’]d)?\s*(?:prefer|rather)\b|(?:our\s+)?budget\b|(?:please\s+)?(?:tell|let)\s"
    r"|(?:we|i)\s+have\s+(?:a|our\s+own)\s+(?:training\s+)?room|(?:\w+\s+)?days?\s+(?:with|at|a\s+week|per)\b"
    r"|(?:mornings?|afternoons?|evenings?|weekends?|nights?|days)\b|online\s+(?:would|is|if)|ideally\b|preferably\b"
    r"|(?:any|what|is\s+there)\s+(?:any\s+)?(?:funding|grants?)|we(?:['’]ve|\s+have)\s+never|happy\s+to\b"
    r"|it\s+(?:has|would|can|must|needs)\b|can\s+(?:you|someone|anyone)\s+(?:help|call|ring|advise|e?mail)"
    r"|(?:needs?\s+to\s+be\s+)?(?:asap|urgent\w*|online|on[\s-]site|part[\s-]time|full[\s-]time)\b[^a-z]*$"
    r"|part\s+time\s+(?:days|evenings)?\W*$|(?:many\s+)?thanks\b|thank\s+you|cheers\b|ta\b|(?:kind\s+|best\s+)?regards\b)",
    re.I,
)
# A piece that begins so tells more of the same need.
_CONTINUES = re.compile(
    r"^(?:(?:she|he|it|they|them|that|this|which|who|because|since|so|but|if|when|then|otherwise|not|we\s+do|we\s+are"
    r"|we['’]re\s+a|happy\s+to|as\s+well)\b(?!\s+(?:all\s+)?(?:also\s+)?(?:need|want)s?\b))",
    re.I,
)
# Who the firm is: its trade and its size.
_TRADES = (
    r"firm|company|business|employer|manufacturer|makers?|studio|practice|agency|shop|salon|pharmacy|bakery|garage|pub"
    r"|restaurant|takeaway|hotel|nursery|school|college|home|farm|warehouse|factory|workshop|contractors?|builders"
    r"|wholesalers?|distribution|distributor|brokers|solicitors|accountants|charity|church|group|ltd|limited|outfit|foundry|quarry"
)
_SIZE = (
    r"(?<!for )(?<!for the )(?<!x)\b\d+\s+(?:staff|employees|of\s+us|strong|trucks|vans|lorries|vehicles|beds|covers"
    r"|pupils|rooms|sites|branches)\b"
)
_FIRM = re.compile(
    rf"^(?:hi\W+|hello\W+)?(?:[\w'’-]+\s+){{0,6}}(?:{_TRADES})"
    r"\s*(?:[.,]|$|\b(?:in|near|at|of|with|here|on|based|employing|looking|just|around|outside)\b)"
    rf"|\b(?:here|speaking)\W*$|{_SIZE}"
    r"|\bfamily[\s-](?:run|owned)\b|\b(?:first|second|third|fourth)\s+generation\b"
    r"|\b(?:we|i)(?:\s+(?:are|r|am|run|own|make|do|have|sell|build|supply|started|employ|work)\b|['’](?:re|m|ve)\b)",
    re.I,
)
_FIRM_PLACED = re.compile(
    r"^[\w'’ -]+\s(?:in|near)\s+[A-Z]\w+"
)  # "Roofers in Oadby": who asks, before "we need"
# A piece with one of these is a sentence that tells something; a piece without names something.
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|been|be|do|does|did|will|would|could|should|must|['’]s|keeps?|gets?|got|goes|went"
    r"|said|says|takes?|took|comes?|came|runs?|makes?)\b",
    re.I,
)
_REFERS = re.compile(r"^(?:[\w'’]+\s+){1,5}(?:them|him|her)\b", re.I)
_SOMEBODY = re.compile(r"(?:and\s+)?(?:someone|somebody)\b", re.I)
_POINTS_BACK = re.compile(r"\b(?:it|us|them)\W*$", re.I)  # "the auditor pulled us up on it"
_IMPERATIVE = re.compile(r"^(?:get|train|teach|put|send|need|want|take|hire|recruit|help)\b", re.I)
_FOR_WHOM = re.compile(
    r"\bfor\s+(?:the|our|my|all|an?|some|everyone|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b",
    re.I,
)
# Places at which one sentence may pass to another need.
_JOIN = re.compile(
    r"\s*(?:,\s*(?:and\s+also|and|plus|also|then|but\s+also)\b|,|(?<=\s)\+|\bplus\b|\band\s+also\b|\balso\b)\s*",
    re.I,
)
_AND = re.compile(r"\s+(?:and|&)\s+", re.I)
# After these words a list tells what one need covers.
_COVERS = re.compile(
    r"\b(?:cover(?:s|ing)?|includ(?:es|ing)|such\s+as|like|in\s+particular|especially|dealing\s+with|understands?"
    r"|because|since|so\s+(?:that|they|he|she|i)|as\s+the|mostly|i\s+think|but|who|which|if|when|until|before)\b",
    re.I,
)
_STARTS_NEED = re.compile(
    r"^(?:(?:and|also|then)\s+)?(?:an?|some|one|two|three|four|someone|somebody|half|another|the|our|my|we|i|they|he|she"
    r"|help|need|want|get|x?\d+)\b",
    re.I,
)
_COUNT = re.compile(r"\bx\s?\d+\b|\b\d+\s?x\b", re.I)

# What one person does all day. A list of such things is a description of a job.
_DUTY = re.compile(
    r"^\W*(?:use|using|read|reading|assist|assisting|support|supporting|carry|carrying|ensure|ensuring|provide|providing"
    r"|maintain|maintaining|make|making|help|helping|prepare|preparing|work|working|deal|dealing|keep|keeping|liaise|liaising"
    r"|answer|answering|check|checking|clean|cleaning|follow|following|record|recording|monitor|monitoring|complete|completing)\b",
    re.I,
)
DUTIES = 3  # times the pieces that tell a duty; from as many as all pieces on the text describes a job

_TERSE = re.compile(
    r"(?<=\w)\s\+\s?(?=\w)|\bx\s?\d+\b|,\s*(?:and\s+)?plus\b", re.I
)  # the shorthand of a list of needs
_PEOPLE = frozenset("apprentice apprentices trainees starters recruits juniors learners".split())
_TOLD = re.compile(r"^(?:we|i|they|he|she)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or an item of a list; an item stands between semicolons, bullets or ends of lines."""

    text: str
    item: bool

    @property
    def asks(self) -> bool:
        return bool(_ASK.search(self.text))

    @property
    def background(self) -> bool:
        """Whether it tells of the firm, or more of the need before, and asks for nothing.

        A piece with no verb and no word of who the firm is can only name a skill.
        """
        if self.asks:
            return False
        firm = bool(_FIRM.search(self.text) or _CONTINUES.match(self.text))
        return firm or (not self.item and bool(_VERB.search(self.text) or _SPEAKER.search(self.text)))


def split_needs(text: str, topic_of: TopicOf | None = None) -> list[str]:
    """The clauses of the text, each one need, in order; never empty for text with a word in it.

    With `topic_of` a list whose members are surely about different things is parted too, and a sentence about
    something that no other asks for is kept, though it asks in no words.
    """
    whole = " ".join(text.split())
    asks = bool(_ASK.search(text) and (_SPEAKER.search(text) or _PLAIN_ASK.search(text)))
    pieces = [piece for piece in _pieces_of(text) if _substance(piece.text)]
    if not asks and _is_description(text, pieces):
        return _short_list(pieces, topic_of) or [whole]
    pieces = [piece for piece in pieces if not _PREFERENCE.search(piece.text)] or pieces
    told = [piece for piece in pieces if not piece.background] or pieces
    if (
        len(told) > 1
        and _SPEAKER.search(told[1].text)
        and _FIRM_PLACED.match(told[0].text)
        and not told[0].asks
    ):
        told = told[1:]
    clauses = {piece: _clauses(piece.text, asks) for piece in told}
    if topic_of is not None:
        clauses = {piece: _by_topic(parts, topic_of) for piece, parts in clauses.items()}
        _take_in_silent(pieces, clauses, topic_of)
    ordered = [clause for piece in pieces for clause in clauses.get(piece, [])]
    return _without_preferences(ordered)[:MOST_FACETS] or [whole]


def _pieces_of(text: str) -> list[_Piece]:
    told = _NUMBERED.sub("\n", text) if len(_NUMBERED.findall(text)) > 1 else text
    items = [item for item in _ITEM.split(told) if item and item.strip()]
    return [
        _Piece(_after_colon(sentence.strip()), len(items) > 1)
        for item in items
        for sentence in _SENTENCE.split(item)
        if sentence and sentence.strip()
    ]


def _after_colon(sentence: str) -> str:
    """The sentence without an opening such as "We're a nursery:" or "Two things:"."""
    opening, colon, rest = sentence.partition(": ")
    opens = colon and rest.strip() and (_FIRM.search(opening) or not _substance(opening))
    return rest.strip() if opens else sentence


def _is_description(text: str, pieces: list[_Piece]) -> bool:
    """Whether a text in which nobody asks is one job told at length, not a list of short needs."""
    if len(text.split()) <= DESCRIPTION_WORDS or _TERSE.search(text):
        return False
    if len(pieces) > 1 and DUTIES * sum(bool(_DUTY.match(piece.text)) for piece in pieces) >= len(pieces):
        return True
    listed = all(len(piece.text.split()) <= DESCRIPTION_WORDS for piece in pieces if piece.item)
    return not (1 < len(pieces) <= MOST_FACETS and all(piece.item for piece in pieces) and listed)


def _short_list(pieces: list[_Piece], topic_of: TopicOf | None) -> list[str]:
    """The needs of one unasking sentence that is plainly a list, each surely about another thing; else none."""
    if topic_of is None or len(pieces) != 1 or len(pieces[0].text.split()) > LIST_WORDS:
        return []
    parts = _by_topic([pieces[0].text], topic_of)
    return parts if len(parts) > 1 and all(topic_of(part.split(" for ")[0]) for part in parts) else []


def _by_topic(clauses: list[str], topic_of: TopicOf) -> list[str]:
    return [
        part for clause in clauses for part in _joined_to_the_last(parted_by_topic(clause, topic_of), clause)
    ]


def _take_in_silent(pieces: list[_Piece], clauses: dict[_Piece, list[str]], topic_of: TopicOf) -> None:
    """Add the sentences left out as background that are about something nobody else asks for."""
    spoken = {topic_of(clause) for parts in clauses.values() for clause in parts} | {None}
    for piece in pieces:
        if piece in clauses or _FIRM.search(piece.text) or _CONTINUES.match(piece.text):
            continue
        topic = topic_of(piece.text)
        if topic not in spoken:
            clauses[piece] = [piece.text]
            spoken.add(topic)


def _substance(clause: str) -> bool:
    """Whether a clause names something to learn, beyond the words that every need uses."""
    empty = GENERIC_WORDS | CHAT_WORDS | _PEOPLE
    return any(word not in empty and not word.isdigit() for word in content_words(clause))


def _without_preferences(clauses: list[str]) -> list[str]:
    """The clauses less those that only say how, when or for how much, unless that would leave none."""
    kept = [clause for clause in clauses if not _PREFERENCE.search(clause)]
    return kept or clauses


def _clauses(sentence: str, asks: bool) -> list[str]:
    """The sentence parted where a new need begins, or whole.

    What stands before the first asking word is background: it stays with the need that it explains.
    """
    if not asks and not _COUNT.search(sentence) and not _PLUS.search(sentence):
        return [sentence]
    joined: list[str] = []
    asked = listed = False
    for separator, piece in _pieces(sentence):
        asked = asked or bool(joined and _substance(joined[-1]) and _SOMEBODY.match(piece))
        if joined and not (asked and _begins(joined[-1], separator, piece, listed)):
            joined[-1] += separator + piece
        else:
            listed = bool(joined)
            joined.append(piece)
        asked = asked or bool(_ASK.search(piece) or _COUNT.search(piece) or _PLUS.search(sentence))
    return _joined_to_the_last(joined, sentence)


def _joined_to_the_last(parts: list[str], whole: str) -> list[str]:
    """The parts, one that names nothing to learn put back to the one before it: no words are lost."""
    kept: list[str] = []
    for part in parts:
        if kept and not _substance(part):
            kept[-1] += ", " + part.strip()
        else:
            kept.append(part)
    return kept if len(kept) > 1 and _substance(kept[0]) else kept[1:] if len(kept) > 1 else [whole]


def _pieces(sentence: str) -> list[tuple[str, str]]:
    """The sentence cut at every join, each piece with the separator before it."""
    pieces: list[tuple[str, str]] = []
    last, separator = 0, ""
    for match in sorted(
        [*_JOIN.finditer(sentence), *_AND.finditer(sentence)], key=lambda found: found.start()
    ):
        if match.start() < last:
            continue
        pieces.append((separator, sentence[last : match.start()]))
        last, separator = match.end(), match.group()
    pieces.append((separator, sentence[last:]))
    return [(sep, piece) for sep, piece in pieces if piece.strip()]


def _begins(before: str, separator: str, piece: str, listed: bool) -> bool:
    """Whether the piece after the separator is a need of its own rather than more of the one before."""
    if not _substance(piece) or _CONTINUES.match(piece.strip()):
        return False
    if _PLUS.search(separator):
        return not is_pair(before, piece)
    told = piece.strip()
    if not _ASK.search(piece) and (_POINTS_BACK.search(piece) or _TOLD.match(told)):
        return False
    asks, starts = bool(_ASK.search(piece)), bool(_STARTS_NEED.match(told))
    each_for_whom = bool(_FOR_WHOM.search(before) and _FOR_WHOM.search(piece))
    if "," in separator:
        if _COUNT.search(piece) or (listed and "and" in separator.lower()):
            return True
        begun = starts or bool(_IMPERATIVE.match(told))
        return (begun and (asks or not _COVERS.search(before))) or each_for_whom
    return (starts and asks and not _REFERS.match(told)) or each_for_whom
