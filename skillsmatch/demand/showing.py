"""What the demand pages share: which release was asked for, what may be chosen, and what is refused in words."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, request

from skillsmatch.area.areas import Area
from skillsmatch.demand.published import Edition, NoSuchTable, Table, editions, read_table
from skillsmatch.demand.ranges import change_words, range_of

NOISE_WORDS = "A change of 5 may be no more than the noise."


class BadChoice(ValueError):
    """The address asks for something that the page does not offer; the words say what it does."""


class NotShown(LookupError):
    """The release is withdrawn, or was never made: there is its notice, and there are no figures."""

    def __init__(self, edition: Edition) -> None:
        super().__init__(edition.notice)
        self.edition = edition


def area() -> Area:
    """The area this service serves."""
    found: Area = current_app.extensions["area"]
    return found


def every_edition() -> tuple[Edition, ...]:
    """Every release there was, the latest first; read once for a page."""
    memory = request.environ
    if "skillsmatch.editions" not in memory:
        memory["skillsmatch.editions"] = editions()
    found: tuple[Edition, ...] = memory["skillsmatch.editions"]
    return found


def asked(*names: str) -> dict[str, str]:
    """What the address chose, one value for each name and "" where it chose nothing.

    Refused (BadChoice): a name that the page does not have, and two values for one. There are single choices only,
    because employers could be worked out from several choices added up.
    """
    for name, values in request.args.lists():
        if name not in names:
            listed = ", ".join(names) or "nothing"
            raise BadChoice(f"This page cannot be asked for “{name[:40]}”. It can be asked for: {listed}.")
        if len(values) > 1:
            raise BadChoice(f"Choose one {name} and not {len(values)}.")
    return {name: request.args.get(name, "").strip() for name in names}


def edition_of(period: str) -> Edition:
    """The published release of this period. Refused: NotShown where it is withdrawn or was never made, NoSuchTable
    where there is none, or a draft only."""
    for edition in every_edition():
        if edition.period == period:
            if edition.state == "published":
                return edition
            raise NotShown(edition)
    raise NoSuchTable(f"There is no published release of “{period[:20]}”")


def newest() -> Edition | None:
    """The latest published release, the year's before its last quarter's; None before the first."""
    return next((e for e in every_edition() if e.state == "published"), None)


def newest_year() -> Edition | None:
    """The latest published release of a year, which has more tables; None before the first."""
    return next((e for e in every_edition() if e.state == "published" and e.kind == "year"), None)


def table_before(table: Table) -> Table | None:
    """The same table of the published release of the same kind that came before; None where there is none."""
    edition = table.edition
    earlier = (
        e
        for e in every_edition()
        if e.kind == edition.kind and e.state == "published" and e.last_day < edition.first_day
    )
    before = next(earlier, None)
    return read_table(area(), before.period, table.name) if before else None


def changes(table: Table, before: Table | None) -> Mapping[tuple[str, str], str]:
    """For each cell in words how it changed since `before`, from published numbers alone. Empty without a `before`."""
    if before is None or table.name == "people":
        return {}
    was = {(c.first, c.second): range_of(c, before.edition.threshold) for c in before.cells}
    return {
        (c.first, c.second): change_words(range_of(c, table.edition.threshold), was[c.first, c.second])
        for c in table.cells
        if (c.first, c.second) in was
    }
