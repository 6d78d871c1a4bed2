"""The register's page and its files; whom we have not heard from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from flask import Response, current_app, render_template, request

from skillsmatch.area.areas import Area
from skillsmatch.area.kinds import LEVELS
from skillsmatch.area.priorities import all_priorities
from skillsmatch.area.reasons import REASONS
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.behind import reachable_facets
from skillsmatch.cases.blueprint import cases
from skillsmatch.cases.case_keeping import open_cases
from skillsmatch.cases.files import method, rows_of, write_csv, write_xlsx
from skillsmatch.cases.filters import NOT_SAID, Filters, priorities, read_filters
from skillsmatch.cases.grouping import waiting
from skillsmatch.cases.priority import QUARTER
from skillsmatch.cases.register import GroupRow, ranking, register
from skillsmatch.cases.remembered import nearest_of, same_words
from skillsmatch.cases.unheard import Heard, unheard
from skillsmatch.cases.wording import breakdowns, place_words, sector_words, size_words
from skillsmatch.demand.files import TYPES
from skillsmatch.needs.forms import SIZES

PAGE_SIZE = 25  # groups on a page
CELLS = 50  # kinds of business on a page
LONG_AGO = timedelta(1_800)  # as far back as the page of figures looks at once, about five years
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
        "level": [*((str(level), words) for level, words in LEVELS.items()), not_said],
        "reason": [(reason.code, reason.name) for reason in REASONS if reason.service_words],
        "said": [(reason.code, reason.name) for reason in REASONS],
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
    ranked = Paged.of(every := ranking(filters, area()), page_asked())
    rows = register(filters, area(), [place.group for place in ranked.rows]) if ranked.rows else []
    paged = Paged(rows, ranked.page, ranked.pages, ranked.total)
    return render_template(
        "cases/register.html",
        filters=filters,
        paged=paged,
        choices=choices(),
        details={row.group: breakdowns(row, area()) for row in paged.rows},
        nearest={row.group: nearest_of(row, most=2, first=2) for row in paged.rows},
        same={row.group: same_words(row) for row in paged.rows},
        titles={p.code: p.title for p in all_priorities(area())},
        open_cases=open_cases([row.group for row in paged.rows]),
        reachable=_reachable(paged.rows),
        needs=sum(place.needs for place in every),
        waiting=waiting(),
        quarter=QUARTER,
    )


def _reachable(rows: Sequence[GroupRow]) -> dict[int, int]:
    """Of each group on the page, for how many of its needs an officer may see the contact details."""
    told = reachable_facets([row.group for row in rows])
    return {row.group: len(told.get(row.group, set()).intersection(row.facets)) for row in rows}


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
        behind=lambda cell: _behind(cell, filters),
        **wording,
    )


def _behind(cell: Heard, filters: Filters) -> dict[str, str]:
    """The choices by which the page of figures finds the employers of one kind of business that asked."""
    first = filters.since or filters.last_day - LONG_AGO
    days = {"from": first.isoformat(), "to": filters.last_day.isoformat()}
    return {**days, "sector": cell.sector, "size": cell.size, "district": cell.district}
