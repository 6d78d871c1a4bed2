"""Cells that no spreadsheet runs: a mark put before what would be a formula, and taken off again when we read it.

What makes a formula: a first character of = + - @ TAB CR NUL, also behind spaces or marks that do not show, and the
full-width forms that some spreadsheets take for the same.
"""

from __future__ import annotations

import re

MARK = "'"  # a spreadsheet shows what follows as text
_UNSEEN = r"\s\x00\u00ad\u200b-\u200f\u2060-\u2064\ufeff"  # spaces, and what takes no room
_LIVE = re.compile(rf"[{_UNSEEN}]*[=+\-@\t\r\x00\uff1d\uff0b\uff0d\uff20\u2212]")
_FIRST = re.compile(rf"[{_UNSEEN}'=+\-@\uff1d\uff0b\uff0d\uff20\u2212]")
_MARKED = re.compile(rf"{MARK}+{_LIVE.pattern}")
_PLAIN_NUMBER = re.compile(r"-[0-9]{1,15}(?:\.[0-9]{1,15})?")  # such as a longitude; it stays a number


def is_live(text: str) -> bool:
    """Whether a spreadsheet might work the cell out in place of showing it."""
    return bool(_LIVE.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def inert(text: str) -> str:
    """The text as a cell that no spreadsheet runs; `as_written` gives the text back."""
    if not text or not _FIRST.match(text):
        return text
    return MARK + text if is_live(text) or _MARKED.match(text) else text


def as_written(cell: str) -> str:
    """The cell without the one mark that `inert` put before it."""
    return cell[1:] if cell[:1] == MARK and _MARKED.match(cell) else cell
