"""The hand-made corpus: files that nobody should send, and what each is to be told; and some that only look so.

`python -m tests.offers.corpus FOLDER` writes them all into a folder, where `flask offers bench FOLDER` times them.
"""

from __future__ import annotations

import gzip
import io
import random
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from skillsmatch.offers.directory_courses import DIRECTORY_COURSES
from skillsmatch.offers.directory_lists import PROVIDERS, VENUES
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.old_apprenticeships import OLD_APPRENTICESHIPS
from skillsmatch.offers.rows import ROW_LIMIT
from tests.offers.course_files import (
    APPRENTICESHIP,
    DIRECTORY,
    VENUE,
    as_csv,
    course,
    courses,
    table,
)

TODAY = date(2026, 11, 23)
THREE = as_csv(*courses(3))


def cut(text: str, old: str, new: str, times: int = 1) -> bytes:
    """The text with `old` replaced; fails where it is not there."""
    assert old in text
    return text.replace(old, new, times).encode()


def header(change: Callable[[list[str]], object]) -> bytes:
    names = list(COLUMNS)
    change(names)
    return cut(THREE, ",".join(COLUMNS), ",".join(names))


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, THREE)
    return out.getvalue()


def with_cell(column: str, value: str) -> bytes:
    rows = courses(3)
    rows[1][column] = value
    return as_csv(*rows).encode()


def packed(*parts: bytes) -> bytes:
    """Gzip of the parts one after the other; a part that repeats costs nothing to make."""
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


def workbook(*rows: dict[str, str], formula: str = "") -> bytes:
    """A workbook of courses, the first of them with a formula for its price."""
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for cells in ([*COLUMNS], *([row[name] or None for name in COLUMNS] for row in rows)):
        sheet.append(cells)
    if formula:
        sheet.cell(2, COLUMNS.index("COST") + 1).value = formula
    book.save(out)
    return out.getvalue()


def long_cell(column: str, text: str, times: int) -> bytes:
    return with_cell(column, ("https://" if column == "COURSE_URL" else "") + text * times)


def bomb(book: bytes) -> bytes:
    """The workbook with a sheet of 70 MB of spaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for part in old.infolist():
            with parts.open(part.filename, "w") as file:
                file.write(old.read(part))
                for _ in range(70 if "sheet1" in part.filename else 0):
                    file.write(b" " * 1_000_000)
    return out.getvalue()


def utf8_then_cp1252() -> bytes:
    first, second = courses(2)
    first["COURSE_NAME"], second["COURSE_NAME"] = "Café", "Caf\xa0\xa0"
    return as_csv(first, second).encode().replace("Caf\xa0\xa0".encode(), b"Caf\xe9")


LONG_TEXT = (3, "WHO_THIS_COURSE_IS_FOR")
CORPUS: dict[str, tuple[bytes, int, str, str]] = {
    "empty": (b"", 1, "HEADER", "the file is empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", 1, "HEADER", "the file is empty"),
    "header alone": (as_csv().encode(), 2, "ROW", "there is no course below the header"),
    "no header": (as_csv(*courses(2)).split("\r\n", 1)[1].encode(), 1, "10003867", "is not a column"),
    "a column missing": (header(lambda n: n.remove("SECTOR")), 1, "SECTOR", "is missing from the header"),
    "a column twice": (header(lambda n: n.append("COST")), 1, "COST", "stands 2 times in the header"),
    "a column unknown": (header(lambda n: n.append("COLOUR")), 1, "COLOUR", "is not a column of this format"),
    "a column misspelt": (
        cut(THREE, "EDUCATION_LEVEL", "EDUCATION LEVEL"),
        1,
        "EDUCATION LEVEL",
        "is not a column",
    ),
    "a column in small letters": (cut(THREE, "SECTOR", "sector"), 1, "sector", "is not a column"),
    "semicolons": (
        THREE.replace(",", ";").encode(),
        1,
        "PROVIDER_UKPRN;COURSE_ID;COURSE_RUN_ID;L...",
        "not a column",
    ),
    "UTF-16": (THREE.encode("utf-16"), 1, "HEADER", "this is UTF-16 text, not CSV text"),
    "UTF-16 without its mark": (THREE.encode("utf-16-le"), 1, "HEADER", "it may be UTF-16"),
    "UTF-32": (THREE.encode("utf-32-be"), 1, "HEADER", "it may be UTF-16"),
    "a zip archive": (zipped("courses.csv"), 1, "HEADER", "this is a zip archive and no Excel workbook"),
    "a zip archive in gzip": (
        gzip.compress(zipped("courses.csv"), mtime=0),
        1,
        "HEADER",
        "a zip archive or an Excel workbook",
    ),
    "a zip archive cut short": (zipped("courses.csv")[:-30], 1, "HEADER", "workbook is damaged"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\1" * 600, 1, "HEADER", "an old Excel workbook"),
    "a PDF": (b"%PDF-1.7\n" + b"x" * 100, 1, "HEADER", "this is a PDF"),
    "a web page": (b"<!DOCTYPE html>\n<title>Not found</title>", 1, "<!DOCTYPE html>", "is not a column"),
    "noise": (random.Random(1).randbytes(5_000), 1, "HEADER", ""),
    "gzip in gzip": (gzip.compress(gzip.compress(THREE.encode()), mtime=0), 1, "HEADER", "gzip inside gzip"),
    "gzip cut short": (
        gzip.compress(THREE.encode(), mtime=0)[:-30],
        1,
        "HEADER",
        "the gzip file is cut short or damaged",
    ),
    "gzip, two bytes": (b"\x1f\x8b", 1, "HEADER", "the gzip file is cut short or damaged"),
    "gzip with a wrong sum": (
        gzip.compress(THREE.encode(), mtime=0)[:-8] + b"\0" * 8,
        1,
        "HEADER",
        "cut short or damaged",
    ),
    "gzip with a tail": (
        gzip.compress(THREE.encode(), mtime=0) + b"tail",
        1,
        "HEADER",
        "cut short or damaged",
    ),
    "carriage returns alone": (
        THREE.replace("\r\n", "\r").encode(),
        1,
        "HEADER",
        "a carriage return stands on its own",
    ),
    "a carriage return in a row": (
        cut(THREE, "C2,R2", "C2\r,R2"),
        3,
        "COURSE_ID",
        "a carriage return stands on its own",
    ),
    "a carriage return in a field": (
        with_cell("COURSE_NAME", "a\rb"),
        3,
        "COURSE_NAME",
        "a carriage return on its own",
    ),
    "a quotation mark never closed": (
        cut(THREE, 'Welding, part 2"', "Welding, part 2"),
        3,
        "COURSE_NAME",
        "write it twice",
    ),
    "the last quotation mark missing": (
        cut(THREE, 'part 3"', "part 3"),
        4,
        "COURSE_NAME",
        "close the field before it",
    ),
    "a quotation mark opened at the end": (
        cut(THREE + "x", "\r\nx", '\r\n"x'),
        5,
        "PROVIDER_UKPRN",
        "never closes it",
    ),
    "a quotation mark inside": (
        cut(THREE, '"Welding, part 2"', '"Weld"ing'),
        3,
        "COURSE_NAME",
        "write it twice",
    ),
    "NUL": (with_cell("COURSE_NAME", "a\0b"), 3, "COURSE_NAME", "holds a NUL character"),
    "an escape code": (
        with_cell("AWARDING_BODY", "\x1b[31m"),
        3,
        "AWARDING_BODY",
        "a control character (U+001B)",
    ),
    "text turned round": (with_cell("COURSE_NAME", "abc\u202e"), 3, "COURSE_NAME", "(U+202E)"),
    "200 kB in a field": (
        with_cell("COURSE_NAME", "x" * 200_000),
        3,
        "COURSE_NAME",
        "longer than 131,072 characters",
    ),
    "200 kB in quotation marks": (with_cell("REGIONS", "x, " * 70_000), 3, "REGIONS", "longer than 131,072"),
    "a field over its own length": (
        with_cell("COST_DESCRIPTION", "x" * 256),
        3,
        "COST_DESCRIPTION",
        "the most is 255",
    ),
    "a line without an end": (
        THREE.encode() + b"x" * (2 * ROW_LIMIT),
        5,
        "PROVIDER_UKPRN",
        "longer than 131,072",
    ),
    "a million commas": (
        THREE.encode() + b"," * 1_000_001,
        5,
        "ROW",
        "the row is longer than 1,000,000 characters",
    ),
    "many commas": (THREE.encode() + b"," * 900_000, 5, "AWARDING_BODY", "it has 900001 cells, not 36"),
    "a cell too few": (
        cut(THREE, "10003867,C2,", "10003867,"),
        3,
        "AWARDING_BODY",
        "it has 35 cells, not 36",
    ),
    "a cell too many": (
        cut(THREE, "10003867,C2,", "10003867,C2,C2,"),
        3,
        "AWARDING_BODY",
        "put text that holds commas",
    ),
    "a lone surrogate": (
        cut(THREE, "part 2", "part @").replace(b"@", b"\xed\xa0\x80"),
        3,
        "COURSE_NAME",
        "surrogate",
    ),
    "bytes of no encoding": (
        cut(THREE, "part 2", "part @").replace(b"@", b"\x81"),
        3,
        "COURSE_NAME",
        "is neither UTF-8",
    ),
    "two encodings": (
        utf8_then_cp1252(),
        3,
        "COURSE_NAME",
        "is Windows-1252 text in a file that began as UTF-8",
    ),
    "two in a cell": (
        with_cell("COURSE_NAME", "é@").replace(b"@", b"\xe9"),
        3,
        "COURSE_NAME",
        "mixes UTF-8 and",
    ),
    "a key twice": (
        as_csv(*courses(2), course()).encode(),
        4,
        "COURSE_RUN_ID",
        "row 2 has the same COURSE_ID and",
    ),
    "a bad level": (with_cell("EDUCATION_LEVEL", "9"), 3, "EDUCATION_LEVEL", "(use 0 or Entry, or 1 to 8)"),
    "a bad date": (with_cell("STARTDATE", "30/02/2027"), 3, "STARTDATE", "(use dd/mm/yyyy or yyyy-mm-dd)"),
    "a bad price": (with_cell("COST", "1e400"), 3, "COST", '"1e400" is not a price'),
    "a formula": (with_cell("COST", "=1+1"), 3, "COST", '"=1+1" is not a price'),
    "the year 9999": (
        with_cell("STARTDATE", "9999-12-31"),
        3,
        "STARTDATE",
        "is not a date from 2000 to 2100",
    ),
    "a path": (
        with_cell("LOCATION_WEBSITE", "../../etc/passwd"),
        3,
        "LOCATION_WEBSITE",
        "is not a web address",
    ),
    "JSON": (b'{"courses": []}', 1, "HEADER", "this is JSON, and holds neither"),
    "JSON cut short": (b'[{"referenceNumber": "ST0349"', 1, "HEADER", "this is not JSON from character"),
    "JSON in UTF-16": ("[]".encode("utf-16"), 1, "HEADER", "this is UTF-16 text"),
    "JSON in Windows-1252": (b'[{"title": "Caf\xe9"}]', 1, "HEADER", "this is not UTF-8 text"),
    "JSON too deep": (b"[" * 100_000, 1, "HEADER", "too deep to be read"),
    "JSON with a number that is none": (b'[{"level": Infinity}]', 1, "HEADER", "Infinity is not a number"),
    "JSON in gzip cut short": (
        gzip.compress(b"[" + b'{"a": "b"},' * 9_000, mtime=0)[:-9],
        1,
        "HEADER",
        "cut short or damaged",
    ),
    "a page without a course": (
        b'{"@type": "Organization", "name": "A college"}',
        1,
        "ROW",
        "no schema.org Course in it",
    ),
    "a course without a name": (b'{"@type": "Course"}', 1, "name", "is empty or missing"),
    "half a character in JSON": (b'{"@type": "Course", "name": "a\\ud800"}', 1, "name", "(U+D800)"),
    "venues twice": (
        table(VENUES, VENUE, VENUE).encode(),
        3,
        "YOUR_VENUE_REFERENCE",
        "row 2 has the same",
    ),
    "a venue on the moon": (
        table(DIRECTORY_COURSES, {**DIRECTORY, "VENUE_NAME": "The Moon"}).encode(),
        2,
        "VENUE_NAME",
        "is not a venue that we hold",
    ),
    "a column of another format": (
        table(DIRECTORY_COURSES, DIRECTORY).replace("LARS_QAN", "LEARN_AIM_REF").encode(),
        1,
        "LEARN_AIM_REF",
        "is not a column of this format",
    ),
    "an apprenticeship of no standard": (
        table(
            OLD_APPRENTICESHIPS, {**APPRENTICESHIP, "DELIVERY_METHOD": "Employer based", "VENUE": ""}
        ).encode(),
        2,
        "STANDARD_CODE",
        "is not a standard that we hold",
    ),
    "a provider without a number": (
        table(PROVIDERS, {"Org Legal Name": "A college"}).encode(),
        2,
        "Org UKPRN",
        "is not a UKPRN",
    ),
    "a script": (with_cell("COURSE_URL", "javascript:alert(1)"), 3, "COURSE_URL", "holds a script address"),
    # Sizes that would fill the memory or the day, packed so that they are quick to send.
    "100 MB on one line": (
        packed(THREE.encode()) + packed(b"x" * 2**20) * 100,
        5,
        "PROVIDER_UKPRN",
        "longer than 131,072 characters",
    ),
    "1 GB of NUL": (
        packed(THREE.encode()) + packed(bytes(2**20)) * 1_000,
        5,
        "PROVIDER_UKPRN",
        "longer than",
    ),
    "100 MB of line ends": (
        packed(THREE.encode()) + packed(b"\n" * 2**20) * 100,
        100_005,
        "ROW",
        "more than 100,000 blank lines stand together",
    ),
    "ten thousand times one course": (
        as_csv(*[course()] * 10_000).encode(),
        3,
        "COURSE_RUN_ID",
        "row 2 has the same",
    ),
    "ten thousand faults": (as_csv(*courses(10_000, COST="-1")).encode(), 2, "COST", '"-1" is not a price'),
    "fifty thousand columns": (",".join(f"C{n}" for n in range(50_000)).encode(), 1, "C0", "is not a column"),
    # Text over which a careless pattern thinks for ever.
    "tags that never end": (long_cell("WHO_THIS_COURSE_IS_FOR", "<a ", 600), *LONG_TEXT, "holds HTML"),
    "half tags": (long_cell("WHO_THIS_COURSE_IS_FOR", "<b onx ", 280), *LONG_TEXT, "holds HTML"),
    "spaces without an end": (
        with_cell("COURSE_NAME", "x" + " " * 100_000 + "x"),
        3,
        "COURSE_NAME",
        "is 100,002 characters long; the most is 255",
    ),
    "a price of many commas": (long_cell("COST", "1,", 60_000), 3, "COST", "is 120,000 characters long"),
    "a date of many dashes": (long_cell("STARTDATE", "1-", 60_000), 3, "STARTDATE", "characters long"),
    "a postcode of many spaces": (
        with_cell("LOCATION_POSTCODE", "LE1" + " " * 100_000 + "x"),
        3,
        "LOCATION_POSTCODE",
        "characters long",
    ),
    "an address of many dots": (long_cell("COURSE_URL", "a.", 60_000), 3, "COURSE_URL", "characters long"),
    "an address of dots that fits": (
        long_cell("COURSE_URL", "a.", 240),
        3,
        "COURSE_URL",
        "is not a web address",
    ),
    "an e-mail address of many dots": (
        long_cell("LOCATION_EMAIL", "a.", 120),
        3,
        "LOCATION_EMAIL",
        "is not an e-mail address",
    ),
    "an e-mail address of many signs": (
        long_cell("LOCATION_EMAIL", "a@", 150),
        3,
        "LOCATION_EMAIL",
        "the most is 254",
    ),
    # Letters that are not seen.
    "a name that nobody sees": (
        with_cell("COURSE_NAME", "\u200b\u200d\u200e\ufeff"),
        3,
        "COURSE_NAME",
        "is empty; every course needs one",
    ),
    "a mark from right to left in a number": (
        with_cell("PROVIDER_UKPRN", "1000\u200f3867"),
        3,
        "PROVIDER_UKPRN",
        '"1000?3867" is not a UKPRN',
    ),
    "text set apart": (with_cell("COURSE_NAME", "\u2067abc"), 3, "COURSE_NAME", "(U+2067)"),
    # Values out of their range, and addresses that are none.
    "a price below nothing": (with_cell("COST", "-1"), 3, "COST", '"-1" is not a price'),
    "a price that is no number": (with_cell("COST", "NaN"), 3, "COST", '"NaN" is not a price'),
    "a length without an end": (
        with_cell("DURATION_VALUE", "Infinity"),
        3,
        "DURATION_VALUE",
        "is not a length of time",
    ),
    "the year 0": (with_cell("STARTDATE", "0000-01-01"), 3, "STARTDATE", "is not a date from 2000 to 2100"),
    "half a postcode": (with_cell("LOCATION_POSTCODE", "LE1"), 3, "LOCATION_POSTCODE", "is not a postcode"),
    "a page for an address": (
        with_cell("COURSE_URL", "data:text/html,x"),
        3,
        "COURSE_URL",
        "holds a script address",
    ),
    "half an address": (with_cell("COURSE_URL", "https://["), 3, "COURSE_URL", "is not a web address"),
    "an address with a password": (
        with_cell("COURSE_URL", "https://a:b@example.org"),
        3,
        "COURSE_URL",
        "is not a web address",
    ),
    "a file's address": (
        with_cell("LOCATION_WEBSITE", "file:///etc/passwd"),
        3,
        "LOCATION_WEBSITE",
        "is not a web address",
    ),
    "HTML": (with_cell("WHO_THIS_COURSE_IS_FOR", "<img src=x onerror=alert(1)>"), *LONG_TEXT, "holds HTML"),
    "two headers": (
        cut(THREE, "\r\n", "\r\n" + ",".join(COLUMNS) + "\r\n"),
        2,
        "PROVIDER_UKPRN",
        '"PROVIDER_UKPRN" is not a UKPRN',
    ),
    # Archives and workbooks.
    "an archive with a way out": (
        zipped("../../etc/passwd"),
        1,
        "HEADER",
        "a zip archive and no Excel workbook",
    ),
    "an archive with a workbook's name": (zipped("xl/workbook.xml"), 1, "HEADER", "the workbook is damaged"),
    "a workbook that unpacks to 70 MB": (
        bomb(workbook(*courses(2))),
        1,
        "HEADER",
        "the workbook unpacks to more than 60 MB",
    ),
    "a formula in a workbook": (workbook(*courses(2), formula="=1+1"), 2, "COST", "holds a formula"),
    "a workbook in gzip": (
        packed(workbook(*courses(2))),
        1,
        "HEADER",
        "this is a zip archive or an Excel workbook",
    ),
}

# What only looks bad: taken whole, and what the second course is called then.
TAKEN: dict[str, tuple[bytes, str]] = {
    "a byte order mark": (b"\xef\xbb\xbf" + THREE.encode(), "Welding, part 2"),
    "Windows-1252": (with_cell("COURSE_NAME", "Café – £5").decode().encode("cp1252"), "Café – £5"),
    "line feeds alone": (THREE.replace("\r\n", "\n").encode(), "Welding, part 2"),
    "a line end in a field": (with_cell("COURSE_NAME", "Weld\r\ning"), "Weld ing"),
    "blank lines at the end": (THREE.encode() + b"\r\n" * 1_000, "Welding, part 2"),
    "rows of commas at the end": (THREE.encode() + (b"," * 35 + b"\r\n") * 1_000, "Welding, part 2"),
    "gzip in two parts": (packed(THREE.encode()[:700], THREE.encode()[700:]), "Welding, part 2"),
    "a workbook called .csv": (workbook(*courses(3)), "Welding, part 2"),
    "what would be a formula": (with_cell("COURSE_NAME", "=1+1"), "=1+1"),
    "a formula behind a mark": (with_cell("COURSE_NAME", "'=1+1"), "=1+1"),
    "a link's formula": (with_cell("COURSE_NAME", '=HYPERLINK("x")'), '=HYPERLINK("x")'),
    "a formula of full width": (with_cell("COURSE_NAME", "＝1+1"), "＝1+1"),
    "brackets that open": (with_cell("COURSE_NAME", "<" * 250), "<" * 250),
    "a letter of no width in a name": (with_cell("COURSE_NAME", "Weld\u200bing"), "Welding"),
    "another alphabet": (with_cell("COURSE_NAME", "الإنجليزية 𝔘 👷"), "الإنجليزية 𝔘 👷"),
    "a statement": (
        with_cell("COURSE_NAME", "Robert'); DROP TABLE offer;--"),
        "Robert'); DROP TABLE offer;--",
    ),
    "a template": (with_cell("COURSE_NAME", "{{ 7 * 7 }}"), "{{ 7 * 7 }}"),
    "a path for a name": (with_cell("COURSE_NAME", "../../etc/passwd"), "../../etc/passwd"),
    "a script half said": (long_cell("WHO_THIS_COURSE_IS_FOR", "javascript:", 180), "Welding, part 2"),
    "semicolons for regions": (with_cell("REGIONS", ";" * 4_000), "Welding, part 2"),
}


def write_all(folder: Path) -> int:
    """Writes every file of the corpus into the folder; how many there are."""
    files = {name: data for name, (data, *_) in (CORPUS | TAKEN).items()}  # type: ignore[operator]
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.replace(" ", "-")).write_bytes(data)
    return len(files)


if __name__ == "__main__":
    print(f"{write_all(Path(sys.argv[1]))} files")
