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
    r"|struggl\w+|help\s+(?:with|for)|how\s+(?:to|can|do)|go\s+for|retir(?:es|ing)|understand(?:s|ing)?)\b",
    re.I,
)
_SPEAKER = re.compile(r"\b(?:we|our|us|i|my|i'm|we're|i’m|we’re)\b", re.I)
_SENTENCE = re.compile(r"(?<=[a-z0-9)\]][.!?])\s+|(?<=[.!?])\s+(?=[A-Z])|[\n;•]+|\s[-–*]\s")
# Places at which one sentence may pass to another need.
_JOIN = re.compile(r"\s*(?:,\s*(?:and\s+also|and|plus|also|then|but\s+also)\b|,|\s\+\s?|\bplus\b|\band\s+also\b|\balso\b)\s*", re.I)
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


def split_needs(text: str) -> list[str]:
    """The clauses of the text, each one need, in order; never empty for text with a word in it."""
    whole = " ".join(text.split())
    asks = bool(_ASK.search(text) and (_SPEAKER.search(text) or re.search(r"\b(?:need|want|looking)\b", text, re.I)))
    if not asks and len(whole.split()) > DESCRIPTION_WORDS:
        return [whole]
    sentences = [part.strip() for part in _SENTENCE.split(text) if part and _substance(part)]
    asking = [part for part in sentences if _ASK.search(part)] if len(sentences) > 1 else sentences
    clauses = [clause for sentence in asking or sentences for clause in _clauses(sentence, asks)]
    return clauses[:MOST_FACETS] or [whole]


def _substance(clause: str) -> bool:
    """Whether a clause names something to learn, beyond the words that every need uses."""
    return any(word not in GENERIC_WORDS and not word.isdigit() for word in content_words(clause))


def _clauses(sentence: str, asks: bool) -> list[str]:
    """The sentence parted where a new need begins, or whole."""
    if not asks and not _COUNT.search(sentence) and not re.search(r"\+|\bplus\b|\band\s+also\b", sentence):
        return [sentence]
    pieces = _pieces(sentence)
    joined: list[str] = []
    for separator, piece in pieces:
        if joined and not _begins(joined[-1], separator, piece):
            joined[-1] += separator + piece
        else:
            joined.append(piece)
    return [piece for piece in joined if _substance(piece)] or [sentence]


def _pieces(sentence: str) -> list[tuple[str, str]]:
    """The sentence cut at every join, each piece with the separator before it."""
    pieces: list[tuple[str, str]] = []
    last, separator = 0, ""
    for match in sorted([*_JOIN.finditer(sentence), *_AND.finditer(sentence)], key=lambda found: found.start()):
        if match.start() < last:
            continue
        pieces.append((separator, sentence[last : match.start()]))
        last, separator = match.end(), match.group()
    pieces.append((separator, sentence[last:]))
    return [(sep, piece) for sep, piece in pieces if piece.strip()]


def _begins(before: str, separator: str, piece: str) -> bool:
    """Whether the piece after the separator is a need of its own rather than more of the one before."""
    if not _substance(piece):
        return False
    if "+" in separator or re.search(r"plus|also", separator, re.I):
        return True
    asks = bool(_ASK.search(piece))
    starts = bool(_STARTS_NEED.match(piece.strip()))
    if "," in separator:
        return starts and (asks or not _COVERS.search(before)) or bool(_COUNT.search(piece))
    return starts and asks
