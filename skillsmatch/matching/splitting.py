"""One text into the separate needs it holds."""

from __future__ import annotations

import re

from skillsmatch.matching.understanding import GENERIC_WORDS
from skillsmatch.matching.words import content_words

MOST_FACETS = 8  # needs taken from one text; more would leave each fewer than two offers on the first page
DESCRIPTION_WORDS = 12  # a longer text in which nobody asks for anything describes one job: it stays whole

# Words by which an employer asks. A sentence without any is background when another sentence asks.
_ASK = re.compile(
    r"\b(?:need(?:s|ed|ing)?|want(?:s|ed|ing)?|looking\s+(?:for|to|at)|after\s+(?:an?|some|someone)|we(?:'|’)?re\s+after"
    r"|(?:would|we(?:'|’)?d|i(?:'|’)?d|i\s+would)\s+(?:also\s+)?(?:like|prefer|love)|interested\s+in|require[sd]?"
    r"|train(?:ed|ing)?|course|courses|learn(?:ing)?|qualification|qualified|take\s+on|taking\s+on|recruit\w*|hire"
    r"|teach|taught|put\s+\w+\s+through|through\s+(?:the|their|his|her)|become|get\s+(?:\w+\s+){0,3}trained"
    r"|refresher|awareness|licen[cs]e|ticket|certificate|apprentic\w*|can['’]?t|cannot|don['’]?t\s+know"
    r"|struggl\w+|help\s+(?:with|for)|how\s+(?:to|can|do)|(?:go|up)\s+for|level\s?\d|retir(?:es|ing)|understand(?:s|ing)?)\b",
    re.I,
)
_SPEAKER = re.compile(r"\b(?:we|our|us|i|my|i'm|we're|i’m|we’re)\b", re.I)
_SENTENCE = re.compile(r"(?<=[a-z0-9)\]][.!?])\s+|(?<=[.!?])\s+(?=[A-Z])|[\n;•]+|\s[-–*]\s")
_PLAIN_ASK = re.compile(
    r"(?:^|[.!?;\n]\s*)(?:need|wanted|want|looking|require|after)\b|\blooking\s+for\b", re.I
)
_PLUS = re.compile(r"\+|\bplus\b|\balso\b", re.I)
# How, when, where and for how much: these go with every need of the text and are no need of their own.
_PREFERENCE = re.compile(
    r"^\W*(?:and\s+)?(?:(?:we|i)?\s*(?:would|['’]d)?\s*(?:prefer|rather)\b|(?:our\s+)?budget\b|(?:please\s+)?(?:tell|let)\s"
    r"|(?:we|i)\s+have\s+(?:a|our\s+own)\s+(?:training\s+)?room|(?:\w+\s+)?days?\s+(?:with|at|a\s+week|per)\b"
    r"|(?:mornings?|afternoons?|evenings?|weekends?|nights?|days)\b|online\s+(?:would|is|if)|ideally\b|preferably\b"
    r"|(?:any|what|is\s+there)\s+(?:any\s+)?(?:funding|grants?)|we(?:['’]ve|\s+have)\s+never|happy\s+to\b"
    r"|it\s+(?:has|would|can|must|needs)\b|can\s+(?:you|someone|anyone)\s+(?:help|call|ring|advise|e?mail))",
    re.I,
)
# A piece that begins so tells more of the same need.
_CONTINUES = re.compile(
    r"^(?:(?:she|he|it|they|them|that|this|which|who|because|since|so|but|if|when|then|otherwise|not|we\s+do|we\s+are"
    r"|we['’]re\s+a|happy\s+to|as\s+well)\b(?!\s+(?:all\s+)?(?:also\s+)?(?:need|want)s?\b))",
    re.I,
)
_REFERS = re.compile(r"^(?:[\w'’]+\s+){1,5}(?:them|him|her)\b", re.I)
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

_TERSE = re.compile(r"(?<=\w)\s\+\s?(?=\w)|\bx\s?\d+\b", re.I)  # the shorthand of a list of needs


def split_needs(text: str) -> list[str]:
    """The clauses of the text, each one need, in order; never empty for text with a word in it."""
    whole = " ".join(text.split())
    asks = bool(_ASK.search(text) and (_SPEAKER.search(text) or _PLAIN_ASK.search(text)))
    if not asks and len(whole.split()) > DESCRIPTION_WORDS and not _TERSE.search(text):
        return [whole]
    sentences = [part.strip() for part in _SENTENCE.split(text) if part and _substance(part)]
    sentences = _without_preferences(sentences)
    asking = [part for part in sentences if _ASK.search(part)] if len(sentences) > 1 else sentences
    clauses = [clause for sentence in asking or sentences for clause in _clauses(sentence, asks)]
    return _without_preferences(clauses)[:MOST_FACETS] or [whole]


def _substance(clause: str) -> bool:
    """Whether a clause names something to learn, beyond the words that every need uses."""
    return any(word not in GENERIC_WORDS and not word.isdigit() for word in content_words(clause))


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
        if joined and not (asked and _begins(joined[-1], separator, piece, listed)):
            joined[-1] += separator + piece
        else:
            listed = bool(joined)
            joined.append(piece)
        asked = asked or bool(_ASK.search(piece) or _COUNT.search(piece) or _PLUS.search(sentence))
    return [piece for piece in joined if _substance(piece)] or [sentence]


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
        return True
    told = piece.strip()
    asks, starts = bool(_ASK.search(piece)), bool(_STARTS_NEED.match(told))
    each_for_whom = bool(_FOR_WHOM.search(before) and _FOR_WHOM.search(piece))
    if "," in separator:
        if _COUNT.search(piece) or (listed and "and" in separator.lower()):
            return True
        begun = starts or bool(_IMPERATIVE.match(told))
        return (begun and (asks or not _COVERS.search(before))) or each_for_whom
    return (starts and asks and not _REFERS.match(told)) or each_for_whom
