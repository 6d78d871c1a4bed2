"""The National Careers Service live-courses format: 36 columns, one row for each run of a course.

Source of the columns, codes and lengths: the Course Directory's open data report and its bulk-upload rules.
"""

from __future__ import annotations

from datetime import date, timedelta

from skillsmatch.offers import cells
from skillsmatch.offers import course_codes as codes
from skillsmatch.offers.course_kinds import in_weeks, kind_of, level_in
from skillsmatch.offers.records import CourseRow, reference_of
from skillsmatch.offers.tables import AtOdds, Context, Got, Reader, TableFormat

DEMONSTRATION = "DEMO-"  # a COURSE_ID that begins so is invented, and is shown as such
SATURDAY = 5  # as date.weekday() counts

FORMAT: dict[str, tuple[int, Reader]] = {
    "PROVIDER_UKPRN": (20, cells.ukprn),
    "COURSE_ID": (128, cells.required),
    "COURSE_RUN_ID": (128, cells.required),
    "LEARN_AIM_REF": (20, cells.aim),
    "COURSE_NAME": (255, cells.required),
    "WHO_THIS_COURSE_IS_FOR": (2_000, str),
    "DELIVER_MODE": (40, codes.mode),
    "STUDY_MODE": (40, codes.study_mode),
    "ATTENDANCE_PATTERN": (40, codes.attendance),
    "FLEXIBLE_STARTDATE": (10, cells.flag),
    "STARTDATE": (40, str),
    "DURATION_UNIT": (20, codes.unit),
    "DURATION_VALUE": (20, cells.length),
    "COST": (30, cells.price),
    "COST_DESCRIPTION": (255, cells.line),
    "NATIONAL": (10, cells.flag),
    "REGIONS": (5_000, cells.names),
    "LOCATION_NAME": (250, cells.line),
    "LOCATION_ADDRESS1": (100, cells.line),
    "LOCATION_ADDRESS2": (100, cells.line),
    "LOCATION_COUNTY": (75, cells.line),
    "LOCATION_EMAIL": (254, cells.email),
    "LOCATION_LATITUDE": (25, cells.latitude),
    "LOCATION_LONGITUDE": (25, cells.longitude),
    "LOCATION_POSTCODE": (12, cells.postcode),
    "LOCATION_TELEPHONE": (40, cells.line),
    "LOCATION_TOWN": (75, cells.line),
    "LOCATION_WEBSITE": (248, cells.web_address),
    "COURSE_URL": (490, cells.web_address),
    "UPDATED_DATE": (40, str),
    "ENTRY_REQUIREMENTS": (500, str),
    "HOW_YOU_WILL_BE_ASSESSED": (500, str),
    "COURSE_TYPE": (40, codes.kind),
    "SECTOR": (40, codes.route),
    "EDUCATION_LEVEL": (20, cells.level),
    "AWARDING_BODY": (255, cells.line),
}
COLUMNS = tuple(FORMAT)


def _at_odds(got: Got, _: Context) -> AtOdds:
    if got["DURATION_VALUE"] is not None and not got["DURATION_UNIT"]:
        yield (
            "DURATION_UNIT",
            "is empty though DURATION_VALUE is given; say days, weeks, months, years, hours or minutes",
        )
    for one, other in (("LATITUDE", "LONGITUDE"), ("LONGITUDE", "LATITUDE")):
        if got["LOCATION_" + one] is None and got["LOCATION_" + other] is not None:
            yield "LOCATION_" + one, f"is empty though LOCATION_{other} is given; give both or neither"


def _course(number: int, got: Got, _: Context) -> CourseRow:
    title, text, reference = got["COURSE_NAME"], got["WHO_THIS_COURSE_IS_FOR"], got["LEARN_AIM_REF"]
    level = got["EDUCATION_LEVEL"]
    value, unit = got["DURATION_VALUE"], got["DURATION_UNIT"]
    standard = reference if len(reference) == 6 else ""
    kind = kind_of(
        got["COURSE_TYPE"],
        title,
        text,
        level,
        standard,
        in_weeks(value, unit),
        price_words=got["COST_DESCRIPTION"],
    )
    return CourseRow(
        row=number,
        ref=reference_of(got["COURSE_ID"], got["COURSE_RUN_ID"]),
        ukprn=got["PROVIDER_UKPRN"],
        demonstration=got["COURSE_ID"].startswith(DEMONSTRATION),
        kind=kind,
        title=title,
        who_for=text,
        entry_requirements=got["ENTRY_REQUIREMENTS"],
        assessment=got["HOW_YOU_WILL_BE_ASSESSED"],
        awarding_body=got["AWARDING_BODY"],
        level=level if level is not None else level_in(title),
        route=got["SECTOR"],
        mode=got["DELIVER_MODE"],
        study_mode=got["STUDY_MODE"],
        attendance=got["ATTENDANCE_PATTERN"],
        start_dates=(_start(got),) if got["STARTDATE"] else (),
        flexible_start=got["FLEXIBLE_STARTDATE"],
        duration_value=value,
        duration_unit=unit if value is not None else "",
        cost=got["COST"],
        cost_description=got["COST_DESCRIPTION"],
        national=got["NATIONAL"],
        regions=got["REGIONS"],
        lars_ref="" if standard else reference,
        standard_ref=standard,
        url=got["COURSE_URL"],
        source_updated=got["UPDATED_DATE"],
        venue_name=got["LOCATION_NAME"] or got["LOCATION_ADDRESS1"] or got["LOCATION_POSTCODE"],
        venue_address=", ".join(filter(None, (got["LOCATION_ADDRESS1"], got["LOCATION_ADDRESS2"]))),
        venue_town=got["LOCATION_TOWN"],
        venue_county=got["LOCATION_COUNTY"],
        venue_postcode=got["LOCATION_POSTCODE"],
        lat=got["LOCATION_LATITUDE"],
        lon=got["LOCATION_LONGITUDE"],
        venue_email=got["LOCATION_EMAIL"],
        venue_phone=got["LOCATION_TELEPHONE"],
        venue_website=got["LOCATION_WEBSITE"],
    )


def _start(got: Got) -> str:
    """The start date; that of a demonstration course is moved on to a day on which it would be taught."""
    day = date.fromisoformat(got["STARTDATE"])
    if not got["COURSE_ID"].startswith(DEMONSTRATION):
        return got["STARTDATE"]
    if got["ATTENDANCE_PATTERN"] == "weekend":
        return (day + timedelta((SATURDAY - day.weekday()) % 7)).isoformat()
    return (day + timedelta(7 - day.weekday() if day.weekday() >= SATURDAY else 0)).isoformat()


LIVE_COURSES = TableFormat(
    source="ncs-live-courses",
    name="National Careers Service live courses",
    columns=FORMAT,
    record=_course,
    at_odds=_at_odds,
    key=("COURSE_RUN_ID", "the same COURSE_ID and COURSE_RUN_ID; each run of a course stands once"),
    dates=frozenset({"STARTDATE", "UPDATED_DATE"}),
    names_provider=True,
    alone=True,
)
