"""Published tables as files: CSV, XLSX, and charts that are drawn once and kept on disk.

What is kept is found by what it shows: another number, another file. So nothing old can be served as new.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path

from flask import current_app

from skillsmatch.demand import charts
from skillsmatch.demand.published import Table

LIVE = tuple("=+-@\t\r\n")  # a spreadsheet takes a cell that begins so for a formula
VERSION = "1"  # of the files; another one lets those that were kept be made again

TYPES: Mapping[str, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def safe_cell(words: str) -> str:
    """Words that no spreadsheet takes for a formula: a quotation mark stands before what would begin one."""
    return f"'{words}" if words.lstrip(" ").startswith(LIVE) else words


def header_of(table: Table) -> list[str]:
    """The columns of a table's file: a code and a name for each dimension, the number, and it in words."""
    names = [f"{d.replace('-', '_')}{part}" for d in table.dimensions for part in ("_code", "")]
    return ["release", *names, "people_from" if table.name == "people" else "employers", "in_words"]


def rows_of(table: Table) -> Iterator[list[str | int | None]]:
    """The rows, in the order of the categories. A hidden number is None and says so in words."""
    for cell in table.cells:
        named = [cell.first, cell.first_name] + (
            [cell.second, cell.second_name] if len(table.dimensions) == 2 else []
        )
        yield [table.edition.period, *named, cell.shown, cell.words]


def method_of(table: Table) -> list[str]:
    """What has to go with the numbers, wherever they go."""
    edition = table.edition
    published = f", published on {edition.published_at:%d %B %Y}" if edition.published_at else ""
    return [
        f"{table.title}, {edition.words} (release {edition.period}{published})",
        edition.rests_on,
        *table.notes,
    ]


def write_csv(table: Table) -> bytes:
    """The table as CSV, with a byte-order mark for spreadsheets. The method stands in the last rows."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header_of(table))
    for row in rows_of(table):
        writer.writerow(["" if v is None else safe_cell(v) if isinstance(v, str) else v for v in row])
    for words in method_of(table):
        writer.writerow(["method", safe_cell(words)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def write_xlsx(table: Table) -> bytes:
    """The table as a workbook of two sheets, "Table" and "Method". Words are cells of text, never formulas."""
    from openpyxl import Workbook

    book = Workbook()
    sheet, method = book.active, book.create_sheet("Method")
    assert sheet is not None  # noqa: S101  (a new workbook has one sheet)
    sheet.title = "Table"
    lines: list[Sequence[str | int | None]] = [header_of(table), *rows_of(table)]
    for number, line in enumerate(lines, start=1):
        for place, value in enumerate(line, start=1):
            put_cell(sheet, number, place, value)
    for number, words in enumerate(method_of(table), start=1):
        put_cell(method, number, 1, words)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFG", (9, 14, 44, 14, 34, 12, 22), strict=True):
        sheet.column_dimensions[column].width = width
    method.column_dimensions["A"].width = 110
    if table.edition.published_at:
        book.properties.created = book.properties.modified = table.edition.published_at
    book.properties.creator, book.properties.title = "skillsmatch", table.title
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def put_cell(sheet: object, row: int, column: int, value: str | int | None) -> None:
    """Puts the value into a sheet's cell; words as text, whatever they begin with. Nothing for None and ""."""
    if value is None or value == "":
        return
    cell = sheet.cell(row=row, column=column)  # type: ignore[attr-defined]
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would make a formula of "=..."


MAKERS: Mapping[str, Callable[[Table], bytes]] = {
    "svg": charts.draw_svg,
    "png": charts.draw_png,
    "csv": write_csv,
    "xlsx": write_xlsx,
}


def digest_of(table: Table, form: str) -> str:
    """Names what a file of this table holds: equal digests, equal files."""
    parts = (
        VERSION,
        charts.VERSION,
        form,
        table.name,
        table.title,
        *method_of(table),
        *map(repr, table.cells),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def file_of(table: Table, form: str) -> Path:
    """The path of the table's file, "svg", "png", "csv" or "xlsx"; made now where it was not made before."""
    path = folder_of(table.edition.period) / f"{table.name}-{digest_of(table, form)}.{form}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Another worker may draw the same chart now; whoever is last puts the same file in its place.
        handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(MAKERS[form](table))
        Path(partial).replace(path)
    return path


def folder_of(period: str) -> Path:
    """Where the files of a release are kept."""
    return Path(str(current_app.config["DATA_DIR"])) / "releases" / period


def forget_files(period: str) -> None:
    """Deletes the files of a release that was withdrawn."""
    shutil.rmtree(folder_of(period), ignore_errors=True)
