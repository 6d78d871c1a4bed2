"""The files of a pack: into a folder, or into one ZIP. Each stands whole or not at all."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

from skillsmatch.accounts.audit import note
from skillsmatch.area.areas import Area
from skillsmatch.cases.pack.document import write_docx
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.cases.pack.public import public_pack, released_tables
from skillsmatch.cases.pack.sheets import Pack, write_csv
from skillsmatch.cases.pack.workbook import write_xlsx
from skillsmatch.cases.quotes import publish_quotes
from skillsmatch.demand.downloads import table_json
from skillsmatch.demand.files import write_csv as write_table

WHICH = ("internal", "public")


def begin(first: date, last: date, which: tuple[str, ...] = WHICH) -> None:
    """Writes to the audit log who makes the pack, and has the public's quotes be those that stand now; in the caller's
    transaction, and before the files are made."""
    note("LSIP pack made", f"pack {first} to {last}", which=list(which))
    publish_quotes()


def files_of(
    area: Area, first: date, last: date, which: tuple[str, ...] = WHICH
) -> Iterator[tuple[str, bytes]]:
    """The pack's files, as path and content: those in internal/ are exact, those in public/ are released."""
    if "internal" in which:
        pack = internal_pack(area, first, last)
        yield from ((f"internal/{name}", content) for name, content in _pack_files(pack))
    if "public" in which:
        pack = public_pack(area, first, last)
        yield from ((f"public/{name}", content) for name, content in _pack_files(pack))
        yield from ((f"public/{name}", content) for name, content in _open_data(area, pack))


def _pack_files(pack: Pack) -> Iterator[tuple[str, bytes]]:
    yield "lsip.xlsx", write_xlsx(pack)
    yield "lsip.docx", write_docx(pack)
    for sheet in pack.sheets:
        yield sheet.file, write_csv(sheet, pack)


def _open_data(area: Area, pack: Pack) -> Iterator[tuple[str, bytes]]:
    """R12: every released table as CSV, and all of the pack as JSON."""
    tables = released_tables(area, pack.first, pack.last)
    for table in tables:
        yield f"releases/{table.edition.period}-{table.name}.csv", write_table(table)
    whole = {
        "title": pack.title,
        "area": pack.area,
        "from": pack.first.isoformat(),
        "to": pack.last.isoformat(),
        "notes": pack.opening,
        "sheets": [
            {
                "code": s.code,
                "name": s.name,
                "title": s.title,
                "notes": s.words,
                "header": s.header,
                "rows": s.rows,
            }
            for s in pack.sheets
        ],
        "tables": [table_json(table) for table in tables],
    }
    yield "lsip.json", (json.dumps(whole, ensure_ascii=False, indent=1, default=date.isoformat) + "\n").encode()


def write_folder(
    area: Area, first: date, last: date, out: Path, which: tuple[str, ...] = WHICH
) -> list[Path]:
    """Writes the pack into `out`, readable for its owner only, and returns its files. Raises OSError where it cannot.

    What stood there under the same names is replaced, each file at once.
    """
    written = []
    for name, content in files_of(area, first, last, which):
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_name(f".{file.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        part.replace(file)
        written.append(file)
    return written


def write_zip(area: Area, first: date, last: date, which: tuple[str, ...] = WHICH) -> bytes:
    """The same files in one ZIP."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files_of(area, first, last, which):
            entry = zipfile.ZipInfo(
                f"lsip/{name}", (last.year if last.year >= 1980 else 1980, last.month, last.day, 0, 0, 0)
            )
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)
    return file.getvalue()
