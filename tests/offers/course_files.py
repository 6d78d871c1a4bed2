"""Course files for the tests: a right one, and whatever is to be wrong with it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from skillsmatch.database import Base
from skillsmatch.extensions import db
from skillsmatch.offers.formats import open_file
from skillsmatch.offers.live_courses import COLUMNS
from skillsmatch.offers.records import CourseRow, Record, RowError
from skillsmatch.offers.tables import Context, TableFormat

RIGHT = {
    "PROVIDER_UKPRN": "10003867",
    "COURSE_ID": "C1",
    "COURSE_RUN_ID": "R1",
    "LEARN_AIM_REF": "60133600",
    "COURSE_NAME": "MIG welding for beginners",
    "WHO_THIS_COURSE_IS_FOR": "People who fix trailers, gates and frames. You weld mild steel, safely.",
    "DELIVER_MODE": "1",
    "STUDY_MODE": "2",
    "ATTENDANCE_PATTERN": "2",
    "FLEXIBLE_STARTDATE": "0",
    "STARTDATE": "2027-01-18",
    "DURATION_UNIT": "2",
    "DURATION_VALUE": "10",
    "COST": "420.50",
    "COST_DESCRIPTION": "Steel and gas included",
    "NATIONAL": "0",
    "LOCATION_NAME": "Abbey Park Campus",
    "LOCATION_ADDRESS1": "Painter Street",
    "LOCATION_LATITUDE": "52.64470",
    "LOCATION_LONGITUDE": "-1.13300",
    "LOCATION_POSTCODE": "LE1 3WA",
    "LOCATION_TOWN": "Leicester",
    "COURSE_URL": "https://www.example.org/welding",
    "UPDATED_DATE": "2026-11-01",
    "ENTRY_REQUIREMENTS": "None.",
    "HOW_YOU_WILL_BE_ASSESSED": "Two test plates.",
    "SECTOR": "ENGMAN",
    "EDUCATION_LEVEL": "2",
    "AWARDING_BODY": "City & Guilds",
}


COLLEGE = 10003867
DIRECTORY = {  # a right row of the Course Directory's own file, and what the file without learning aims has besides
    "LARS_QAN": "60133600",
    "COURSE_TYPE": "Skills Bootcamp",
    "SECTOR": "ENGMAN",
    "EDUCATION_LEVEL": "3",
    "AWARDING_BODY": "City & Guilds",
    "WHO_THIS_COURSE_IS_FOR": "People who fix trailers and gates.",
    "ENTRY_REQUIREMENTS": "None.",
    "WHAT_YOU_WILL_LEARN": "Fillet and butt welds in mild steel.",
    "HOW_YOU_WILL_LEARN": "At a bench, two to a booth.",
    "WHAT_YOU_WILL_NEED_TO_BRING": "Boots.",
    "HOW_YOU_WILL_BE_ASSESSED": "Two test plates.",
    "WHERE_NEXT": "TIG welding.",
    "COURSE_NAME": "MIG welding for beginners",
    "YOUR_REFERENCE": "WELD-1",
    "DELIVERY_MODE": "Classroom based",
    "START_DATE": "18/01/2027",
    "FLEXIBLE_START_DATE": "No",
    "VENUE_NAME": "Abbey Park Campus",
    "COURSE_WEBPAGE": "https://www.example.org/welding",
    "COST": "420.50",
    "DURATION": "10",
    "DURATION_UNIT": "Weeks",
    "STUDY_MODE": "Part time",
    "ATTENDANCE_PATTERN": "Evening",
}
VENUE = {
    "YOUR_VENUE_REFERENCE": "AP",
    "VENUE_NAME": "Abbey Park Campus",
    "ADDRESS_LINE_1": "Painter Street",
    "TOWN_OR_CITY": "Leicester",
    "POSTCODE": "LE1 3WA",
    "EMAIL": "ask@example.org",
    "PHONE": "0116 000 0000",
    "WEBSITE": "https://www.example.org",
}


APPRENTICESHIP = {
    "STANDARD_CODE": "349",
    "STANDARD_VERSION": "1.1",
    "APPRENTICESHIP_INFORMATION": "We teach welders one day a week.",
    "APPRENTICESHIP_WEBPAGE": "https://www.example.org/welder",
    "CONTACT_EMAIL": "apprentices@example.org",
    "CONTACT_PHONE": "0116 111 1111",
    "DELIVERY_METHOD": "Classroom based",
    "VENUE": "Abbey Park Campus",
    "DELIVERY_MODE": "Day Release;Block Release",
}


def table(form: TableFormat, *rows: dict[str, str]) -> str:
    """The text of a file of that format; what a row does not say is empty."""
    empty = dict.fromkeys(form.columns, "")
    return as_csv(*({**empty, **row} for row in rows), columns=tuple(form.columns))


def write_table(folder: Path, form: TableFormat, *rows: dict[str, str]) -> Path:
    """A file of that format with these rows."""
    path = folder / f"{form.source}.csv"
    path.write_bytes(table(form, *rows).encode())
    return path


def course(**changed: str) -> dict[str, str]:
    """One right course, with these cells changed."""
    return {**dict.fromkeys(COLUMNS, ""), **RIGHT, **changed}


def courses(count: int, **changed: str) -> list[dict[str, str]]:
    """Right courses with keys C1/R1, C2/R2 and so on."""
    return [
        course(
            **{"COURSE_ID": f"C{n}", "COURSE_RUN_ID": f"R{n}", "COURSE_NAME": f"Welding, part {n}", **changed}
        )
        for n in range(1, count + 1)
    ]


def as_csv(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    """A file's text with these rows below its header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_file(folder: Path, *rows: dict[str, str], name: str = "courses.csv") -> Path:
    """A course file with these rows."""
    path = folder / name
    path.write_bytes(as_csv(*rows).encode())
    return path


def read_file(path: Path, today: date, **said: Any) -> list[Record | list[RowError]]:
    """What becomes of each row of a file whose header is right."""
    file = open_file(path)
    assert not file.wrong, file.wrong
    return [read.outcome for read in file.read(Context(today, **said))]


def read_courses(path: Path, today: date) -> list[CourseRow | list[RowError]]:
    """The same, of a file of courses."""
    found = read_file(path, today)
    return [row for row in found if isinstance(row, CourseRow | list)]


def read_one(folder: Path, **changed: str) -> CourseRow | list[RowError]:
    """What the reader makes of a file with one course, with these cells changed; loaded on 23 November 2026."""
    (found,) = read_courses(write_file(folder, course(**changed)), date(2026, 11, 23))
    return found


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, for saying that nothing has changed."""
    db.session.rollback()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }
