"""The register's page and its files; whom we have not heard from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Response, current_app, render_template, request
from sqlalchemy import select

from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.files import method, rows_of, write_csv, write_xlsx
from skillsmatch.cases.filters import NOT_SAID, Filters, priorities, read_filters
from skillsmatch.cases.flags import near_duplicates
from skillsmatch.cases.grouping import waiting
from skillsmatch.cases.nearest import nearest_by_group
from skillsmatch.cases.priority import QUARTER
from skillsmatch.cases.register import GroupRow, register
from skillsmatch.cases.unheard import unheard
from skillsmatch.cases.wording import breakdowns, place_words, sector_words, size_words
from skillsmatch.demand.files import TYPES
from skillsmatch.demand.models import DemandSignal
from skillsmatch.extensions import db
from skillsmatch.needs.forms import SIZES
from skillsmatch.needs.models import Facet, Need

PAGE_SIZE = 25  # groups on a page
CELLS = 50  # kinds of business on a page
AT_ONCE = 500  # numbers in one statement
T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    page: int
    pages: int
    total: int

    @classmethod
    def of(cls, rows: Sequence[T], page: int, size: int = PAGE_SIZE) -> Paged[T]:
        """The page with this number, or the nearest there is."""
        pages = max(1, -(-len(rows) // size))
        page = min(max(page, 1), pages)
        return cls(rows[(page - 1) * size : page * size], page, pages, len(rows))


def area() -> Area:
    """The area this service is for."""
    found: Area = current_app.extensions["area"]
    return found


def asked() -> Filters:
    """The filters of this page's address."""
    return read_filters(request.args, area())


def page_asked() -> int:
    """The page's number in the address; 1 where there is none."""
    return request.args.get("page", 1, type=int)


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter can be, with its words."""
    not_said = (NOT_SAID, "Not said")
    groups = load_themes().groups
    return {
        "district": [(d.code, d.name) for d in area().districts.values()] + [not_said],
        "sector": [(s.letter, s.name) for s in area().sectors] + [not_said],
        "size": [(value, words) for value, words in SIZES if value] + [not_said],
        "priority": [(p.code, p.title) for p in priorities(area())],
        "theme": sorted(
            ((t.code, f"{groups[t.group].name}: {t.name}") for t in load_themes().themes.values()),
            key=lambda c: c[1],
        ),
    }


@cases.get("")
def listing() -> str:
    """Every need group with unmet needs within the filters, the most urgent first."""
    filters = asked()
    rows = register(filters, area())
    paged = Paged.of(rows, page_asked())
    return render_template(
        "cases/register.html",
        filters=filters,
        paged=paged,
        choices=choices(),
        details={row.group: breakdowns(row, area()) for row in paged.rows},
        nearest=nearest_by_group({row.group: row.facets for row in paged.rows}, most=2, first=2),
        same=same_words(paged.rows),
        titles={p.code: p.title for p in area().priorities},
        needs=sum(row.needs for row in rows),
        waiting=waiting(),
        quarter=QUARTER,
    )


def same_words(rows: Sequence[GroupRow]) -> dict[int, int]:
    """For each row how many of its employers sent the words of another; rows without any are left out."""
    owner = {facet: row.group for row in rows for facet in row.facets}
    said: dict[int, list[tuple[int, str]]] = {row.group: [] for row in rows}
    numbers = sorted(owner)
    columns = select(Facet.id, DemandSignal.employer_key_id, Need.text).join(Facet.need).join(Facet.signal)
    for start in range(0, len(numbers), AT_ONCE):
        for facet, key, text in db.session.execute(
            columns.where(Facet.id.in_(numbers[start : start + AT_ONCE]))
        ):
            said[owner[facet]].append((key, text))
    return {group: number for group, texts in said.items() if (number := near_duplicates(texts))}


@cases.get("/register.<any(csv, xlsx):form>")
def file(form: str) -> Response:
    """The whole register within the filters as a file, marked as internal in every row."""
    filters = asked()
    lines = list(rows_of(register(filters, area()), filters, area()))
    notes = method(filters, area())
    made = write_csv(lines, notes) if form == "csv" else write_xlsx(lines, notes, filters)
    answer = Response(made, mimetype=TYPES[form])
    name = f"internal-register-of-unmet-needs-{filters.last_day}.{form}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@cases.get("/unheard")
def not_heard_from() -> str:
    """Sectors, sizes and districts whose businesses have not asked for anything."""
    filters = asked()
    told = unheard(filters)
    wording: dict[str, Any] = {
        "sector_words": sector_words(area()),
        "size_words": size_words,
        "place_words": place_words(area()),
    }
    return render_template(
        "cases/unheard.html",
        filters=filters,
        told=told,
        paged=Paged.of(told.cells, page_asked(), CELLS),
        choices=choices(),
        **wording,
    )
