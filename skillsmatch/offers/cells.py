"""One cell of a course file: what may stand in it, and the words for what may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from skillsmatch.area.places import parse_postcode
from skillsmatch.offers.inert import MARK, as_written

SHOWN = 40  # characters of a wrong value that a message repeats
YEARS = (2000, 2100)  # first and last year taken for a real date
FURTHEST = 3_650  # days ahead that "+N" may say: ten years
DEAREST = Decimal("999999.99")  # pounds; the Course Directory's own limit
LONGEST = Decimal("9999")  # of any unit
LATITUDES, LONGITUDES = (49.0, 61.0), (-9.0, 2.5)  # degrees; the United Kingdom, with a margin

ESCAPED = re.compile("[\udc80-\udcff]")  # a byte that was not UTF-8
SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # half of a UTF-16 pair, written as if it were UTF-8
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens and zero-width spaces, from web pages
SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LINE_ENDS = re.compile("\r\n|\u2028|\u2029")
TAG = re.compile(
    r"</?(?:a|abbr|article|aside|audio|b|base|blockquote|body|br|button|center|code|dd|details|div|dl|dt|em|embed"
    r"|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|li|link|main|map|marquee"
    r"|math|meta|nav|noscript|object|ol|option|p|pre|s|script|section|select|small|source|span|strong|style|sub|sup"
    r"|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|u|ul|video)(?=[\s/>]|$)"
    r"|<!--|<!doctype|<[a-z][^<>]*\son[a-z]+\s*=",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"\b(?:java|vb)script:[^\s(=%/;]*[(=%/;]|\bdata:text/html", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
DEGREES = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?")
ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:]+)?")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;]+\.[^@\s<>\"(),:;.]+")


class Wrong(Exception):
    """The cell cannot be taken; the message says what is wrong and what would be right."""


def shown(text: str) -> str:
    """The start of a value in quotation marks, safe to print on a terminal."""
    start = "".join(c if c.isprintable() else "?" for c in text[:SHOWN])
    return f'"{start}{"..." if len(text) > SHOWN else ""}"'


class Encoding:
    """Turns a file's cells into clean text, and holds the file to one encoding: UTF-8 or Windows-1252."""

    def __init__(self) -> None:
        self._seen = ""

    def clean(self, cell: str) -> str:
        """The cell's text without stray spaces; line ends become LF.

        Refused: control characters, marks that turn the direction of text, markup, and mixed encodings.
        """
        if cell[0] == MARK:
            cell = as_written(cell)
        if not cell.isascii():
            cell = self._decode(cell)
        return clean(cell)

    def holds(self, cell: str) -> bool:
        """True for a cell, known to be right, that is in the file's one encoding so far."""
        if cell.isascii():
            return True
        kind = "Windows-1252" if ESCAPED.search(cell) else "UTF-8"
        if self._seen not in ("", kind):
            return False
        self._seen = kind
        return True

    def _decode(self, cell: str) -> str:
        kind = "UTF-8"
        if ESCAPED.search(cell):
            raw = cell.encode("utf-8", "surrogateescape")
            if SURROGATE.search(raw):
                raise Wrong("holds half a character (a lone surrogate); save the file again as CSV UTF-8")
            if not ESCAPED.sub("", cell).isascii():
                raise Wrong("mixes UTF-8 and Windows-1252 text; save the file again as CSV UTF-8")
            try:
                cell, kind = raw.decode("cp1252"), "Windows-1252"
            except UnicodeDecodeError:
                raise Wrong(
                    "is neither UTF-8 nor Windows-1252 text; save the file again as CSV UTF-8"
                ) from None
        if self._seen not in ("", kind):
            raise Wrong(f"is {kind} text in a file that began as {self._seen}; save it again as CSV UTF-8")
        self._seen = kind
        return cell


def clean(text: str) -> str:
    """The text without stray spaces, as `Encoding.clean` makes it; for text that has been decoded already."""
    if not text.isprintable():
        text = _tidy(text)
    if "<" in text and TAG.search(text):
        raise Wrong("holds HTML; give plain text without tags")
    if ":" in text and SCRIPT.search(text):
        raise Wrong("holds a script address; give plain text or an https address")
    return text.strip()


def _tidy(cell: str) -> str:
    cell = LINE_ENDS.sub("\n", SPACES.sub(" ", UNSEEN.sub("", cell)))
    found = CONTROL.search(cell)
    if found is None:
        return cell
    code = ord(found.group())
    name = {0: "a NUL character", 13: "a carriage return on its own"}.get(
        code, f"a control character (U+{code:04X})"
    )
    raise Wrong(f"holds {name}; take it out")


def line(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split()) if "\n" in text or "  " in text else text


def names(text: str) -> str:
    """Names on one line, with semicolons between; empty where only the semicolons are there."""
    return line(text) if text.strip("; ") else ""


def is_seen(text: str) -> bool:
    """False for a text with nothing in it that anybody can see."""
    return any(letter.isprintable() and not letter.isspace() for letter in text)


def required(text: str) -> str:
    """One line that may not be empty."""
    if not is_seen(text):
        raise Wrong("is empty; every course needs one")
    return line(text)


def ukprn(text: str) -> int:
    """A UK provider reference number."""
    if not re.fullmatch("1[0-9]{7}", text):
        raise Wrong(f"{shown(text)} is not a UKPRN (use 8 digits that begin with 1)")
    return int(text)


def aim(text: str) -> str:
    """A learning aim or standard reference in capitals, or empty."""
    found = text.upper()
    if found and not re.fullmatch("[0-9A-Z]{8}|(?:ST|FA|AU)[0-9]{4}", found):
        raise Wrong(
            f"{shown(text)} is not a reference (use 8 characters such as 60133600, or ST0349 for a standard)"
        )
    return found


def chooser(codes: Mapping[str, str], what: str, right: str) -> Callable[[str], str]:
    """A reader of one of `codes` (in small letters), empty allowed."""

    def choose(text: str) -> str:
        try:
            return codes[text.casefold()] if text else ""
        except KeyError:
            raise Wrong(f"{shown(text)} is not {what} (use {right})") from None

    return choose


def flag(text: str) -> bool:
    """Yes or no; empty is no."""
    found = text.casefold()
    if found in ("", "0", "false", "no", "n"):
        return False
    if found in ("1", "true", "yes", "y"):
        return True
    raise Wrong(f"{shown(text)} is neither yes nor no (use 1 or 0)")


def level(text: str) -> int | None:
    """An RQF level, 0 being Entry; None where it is empty."""
    found = re.fullmatch(r"(?:level\s*)?([0-8])|e|entry(?:[\s-]*level)?(?:\s*[1-3])?", text.casefold())
    if found:
        return int(found.group(1) or 0)
    if text:
        raise Wrong(f"{shown(text)} is not a level (use 0 or Entry, or 1 to 8)")
    return None


def _number(text: str) -> Decimal | None:
    bare = text.replace(",", "") if THOUSANDS.fullmatch(text) else text
    return Decimal(bare) if NUMBER.fullmatch(bare) and len(bare) <= 30 else None


def price(text: str) -> Decimal | None:
    """Pounds and pence; None where it is empty."""
    if not text:
        return None
    found = _number(text.removeprefix("£").strip())
    if found is None or found > DEAREST:
        raise Wrong(f"{shown(text)} is not a price (use pounds from 0 to {DEAREST:,}, such as 95 or 95.50)")
    return found.quantize(Decimal("0.01"))


def length(text: str) -> Decimal | None:
    """How many of a unit of time; None where it is empty."""
    if not text:
        return None
    found = _number(text)
    if found is None or not Decimal("0.01") <= found <= LONGEST:
        raise Wrong(f"{shown(text)} is not a length of time (use a number above 0 and up to {LONGEST:,})")
    return found.quantize(Decimal("0.01"))


def _degrees(text: str, span: tuple[float, float], what: str) -> float | None:
    if not text:
        return None
    if DEGREES.fullmatch(text) and span[0] <= float(text) <= span[1]:
        return float(text)
    raise Wrong(
        f"{shown(text)} is not {what} in the United Kingdom (use degrees from {span[0]:g} to {span[1]:g})"
    )


def latitude(text: str) -> float | None:
    """Degrees north, WGS84."""
    return _degrees(text, LATITUDES, "a latitude")


def longitude(text: str) -> float | None:
    """Degrees east, WGS84."""
    return _degrees(text, LONGITUDES, "a longitude")


@lru_cache(maxsize=65_536)
def postcode(text: str) -> str:
    """A whole postcode in its usual form, "LE10 1AA", or empty."""
    if not text:
        return ""
    halves = parse_postcode(text)
    if halves is None or halves[1] is None:
        raise Wrong(f"{shown(text)} is not a postcode (use a whole one such as LE10 1AA)")
    return " ".join((halves[0], halves[1]))


def web_address(text: str) -> str:
    """An https or http address, or empty. One without a scheme, "www.example.org", is given http."""
    if not text:
        return ""
    address = text if "://" in text else "http://" + text
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  (reading it refuses a port that is no number)
        right = (
            parts.scheme in ("http", "https")
            and parts.username is None
            and HOST.fullmatch(parts.hostname or "")
        )
    except ValueError:
        right = None
    if not right or re.search(r"[\s<>\"'\\^`{|}]", address):
        raise Wrong(f"{shown(text)} is not a web address (use one that begins https:// or http://)")
    return address


def secure_address(text: str) -> str:
    """An https address, or empty. One without a scheme is given https; http is refused."""
    if text.casefold().startswith("http://"):
        raise Wrong(f"{shown(text)} is not a secure address (use one that begins https://)")
    return web_address(text if not text or "://" in text else "https://" + text)


def email(text: str) -> str:
    """An e-mail address, or empty."""
    if text and not EMAIL.fullmatch(text):
        raise Wrong(f"{shown(text)} is not an e-mail address (use one such as name@example.org)")
    return text


@lru_cache(maxsize=4_096)
def day(text: str, today: date) -> str:
    """A date as ISO text, or empty. "+30" is thirty days after `today`, the day of loading."""
    if not text:
        return ""
    ahead = re.fullmatch(r"\+([0-9]{1,4})", text)
    if ahead and int(ahead.group(1)) <= FURTHEST:
        return (today + timedelta(int(ahead.group(1)))).isoformat()
    iso, british = ISO.fullmatch(text), BRITISH.fullmatch(text)
    parts = iso.groups() if iso else british.groups()[::-1] if british else ("0", "0", "0")
    year, month, number = map(int, parts)
    try:
        if YEARS[0] <= year <= YEARS[1]:
            return date(year, month, number).isoformat()
    except ValueError:
        pass
    raise Wrong(f"{shown(text)} is not a date from {YEARS[0]} to {YEARS[1]} (use dd/mm/yyyy or yyyy-mm-dd)")
