"""Plain text as safe HTML: paragraphs, headings, lists, strong words and web addresses, and nothing else.

Everything typed is escaped first, so no tag of an author's ever reaches a page. A heading starts with "## ",
a point of a list with "- ", strong words stand between two stars, and an https:// address becomes a link.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*")
ADDRESS = re.compile(r"https://[a-z0-9.-]+(?::\d{1,5})?(?:/(?:[\w\-./%?=~+#,:@!$*]|&amp;)*)?", re.IGNORECASE)
HEADING = re.compile(r"## +(\S.*)")
POINT = re.compile(r"[-•] +(\S.*)")
AFTER = ".,;:!?"  # what ends a sentence does not belong to the address before it


def as_html(text: str) -> Markup:
    """The whole text as blocks."""
    return Markup("\n").join(_block(lines) for lines in _blocks(text))


def as_inline(text: str) -> Markup:
    """A text of one paragraph without its <p>, for a hint; one of several as blocks."""
    blocks = list(_blocks(text))
    if len(blocks) == 1 and not HEADING.match(blocks[0][0]) and not POINT.match(blocks[0][0]):
        return _words(" ".join(blocks[0]))
    return Markup("\n").join(_block(lines) for lines in blocks)


def anchor_of(heading: str) -> str:
    """The id of a heading, by which a link reaches it."""
    return "-".join(re.findall(r"[a-z0-9]+", heading.casefold()))[:60] or "part"


def _blocks(text: str) -> list[list[str]]:
    """Lines that belong together: a heading alone, the points of one list, the lines of one paragraph."""
    blocks: list[list[str]] = []
    kind = ""
    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.strip()
        this = (
            "" if not line else "heading" if HEADING.match(line) else "list" if POINT.match(line) else "text"
        )
        if not this:
            kind = ""
        elif this == "text" and kind == "list":
            blocks[-1][-1] += " " + line  # a point that runs on
        elif this == kind and this != "heading":
            blocks[-1].append(line)
        else:
            blocks.append([line])
            kind = this
    return blocks


def _block(lines: list[str]) -> Markup:
    if heading := HEADING.match(lines[0]):
        return Markup('<h2 id="{}">{}</h2>').format(anchor_of(heading[1]), _words(heading[1]))
    if POINT.match(lines[0]):
        points = (_words(found[1]) for line in lines if (found := POINT.match(line)))
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(p) for p in points))
    return Markup("<p>{}</p>").format(_words(" ".join(lines)))


def _words(text: str) -> Markup:
    escaped = str(escape(text))
    linked = ADDRESS.sub(_link, escaped)
    return Markup(STRONG.sub(r"<strong>\1</strong>", linked))  # noqa: S704  (escaped above; only our own tags are added)


def _link(found: re.Match[str]) -> str:
    address = found.group()
    ending = address[len(address.rstrip(AFTER)) :]
    address = address.rstrip(AFTER)
    shown = address.removeprefix("https://").rstrip("/")
    return f'<a href="{address}" rel="external">{shown}</a>{ending}'
