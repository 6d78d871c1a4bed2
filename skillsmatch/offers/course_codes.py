"""The codes of the live-courses format, and the words that people and other files write for them.

Each table leads from what is written, in small letters, to what an offer holds. Source: the Course Directory.
"""

from __future__ import annotations

from skillsmatch.area.kinds import Kind
from skillsmatch.offers.cells import chooser
from skillsmatch.offers.course_kinds import ESSENTIAL_SKILLS

SECTORS = {  # the Course Directory's sector codes, by route
    "agriculture": "ENVIRONMENTAL",
    "business": "BUSINESSADMIN",
    "care": "CARE",
    "catering": "CATERINGHOSP",
    "construction": "CONSTRUCTION",
    "creative": "CREATIVE",
    "digital": "DIGITAL",
    "education": "EDUCATION",
    "engineering": "ENGMAN",
    "hair-and-beauty": "BEAUTY",
    "health-and-science": "HEALTH",
    "legal-finance": "LEGALFINANCE",
    "protective": "PROTECTIVE",
    "sales": "SALESMARKETING",
    "transport": "TRANSPORT",
}
MODES = {
    **dict.fromkeys(("1", "classroom", "classroom based", "classroom-based", "classroombased"), "classroom"),
    **dict.fromkeys(("2", "online"), "online"),
    **dict.fromkeys(
        (
            "3",
            "work based",
            "work-based",
            "workbased",
            "workplace",
            "work based learning",
            "workbasedlearning",
        ),
        "workplace",
    ),
    **dict.fromkeys(("4", "blended", "blended learning", "blendedlearning"), "blended"),
}
STUDY_MODES = {
    **dict.fromkeys(("1", "full time", "full-time", "fulltime"), "full-time"),
    **dict.fromkeys(("2", "part time", "part-time", "parttime"), "part-time"),
    **dict.fromkeys(("3", "flexible"), "flexible"),
}
ATTENDANCE = {
    **dict.fromkeys(("1", "daytime", "day time", "day"), "daytime"),
    **dict.fromkeys(("2", "evening", "evenings"), "evening"),
    **dict.fromkeys(("3", "weekend", "weekends"), "weekend"),
    **dict.fromkeys(
        (
            "4",
            "day/block release",
            "dayorblockrelease",
            "day or block release",
            "day release",
            "block release",
            "block",
        ),
        "block",
    ),
}
UNITS = {
    code: unit
    for number, unit in enumerate(("days", "weeks", "months", "years", "hours", "minutes"), start=1)
    for code in (str(number), unit, unit[:-1])
}
TYPES = {
    **{word: kind.value for kind in Kind for word in (kind.value, kind.value.replace("-", " "))},
    **dict.fromkeys(("1", "essential skills", "essentialskills"), ESSENTIAL_SKILLS),
    **dict.fromkeys(("2", "t level", "t levels", "tlevels"), Kind.T_LEVEL_PLACEMENT.value),
    **dict.fromkeys(("3", "htqs", "higher technical qualification"), Kind.HTQ.value),
    **dict.fromkeys(("4", "free courses for jobs", "freecoursesforjobs"), Kind.FREE_COURSE_FOR_JOBS.value),
    **dict.fromkeys(
        ("5", "multiply"), Kind.FUNCTIONAL_SKILLS.value
    ),  # courses in everyday numbers, since ended
    **dict.fromkeys(("6", "skills bootcamps", "skillsbootcamp"), Kind.SKILLS_BOOTCAMP.value),
}
ROUTES = {word: route for route, code in SECTORS.items() for word in (route, code.casefold())}

kind = chooser(TYPES, "a course type", "1 to 6, or a kind such as short-course")
mode = chooser(MODES, "a way of teaching", "1 or Classroom, 2 or Online, 3 or Work based, 4 or Blended")
study_mode = chooser(STUDY_MODES, "a study mode", "1 or Full time, 2 or Part time, 3 or Flexible")
attendance = chooser(
    ATTENDANCE, "a pattern", "1 or Daytime, 2 or Evening, 3 or Weekend, 4 or Day/Block Release"
)
unit = chooser(UNITS, "a unit", "1 or Days, 2 or Weeks, 3 or Months, 4 or Years, 5 or Hours, 6 or Minutes")
route = chooser(ROUTES, "a sector", "one of " + ", ".join(SECTORS.values()))
