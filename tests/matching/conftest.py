"""A small catalogue of our own, fitted once: every test of the engine reads it and none changes it."""

from __future__ import annotations

import pytest

from skillsmatch.matching import Document, Matcher

TODAY = 739_000  # an ordinal in April 2024; tests speak of days before and after it

OFFERS = (
    Document(
        "weld-2",
        "Welding Level 2",
        "MIG and TIG welding of steel plate in a college workshop.",
        ("TIG welder", "MIG welder"),
        kind="course",
        level=2,
        lat=52.63,
        lon=-1.13,
        mode="classroom",
        attendance="evening",
        starts=(TODAY + 30,),
        price=600.0,
        confirmed=TODAY - 20,
    ),
    Document(
        "weld-3",
        "Welding Level 3",
        "Advanced TIG welding of pipe, inspection of welds and fabrication drawings.",
        kind="course",
        level=3,
        lat=52.77,
        lon=-1.21,
        mode="classroom",
        attendance="daytime",
        starts=(TODAY + 200,),
        price=900.0,
    ),
    Document(
        "fab-app",
        "Metal fabricator",
        "Cut, form and join metal by welding. Sheet metal and plate work on the job.",
        ("Plater", "Sheet metal worker", "Welder"),
        kind="apprenticeship",
        level=3,
        national=True,
        mode="workplace",
        flexible_start=True,
    ),
    Document(
        "elec-app",
        "Installation electrician",
        "Install wiring, consumer units and containment in homes and factories.",
        ("Electrician", "Electrical fitter"),
        kind="apprenticeship",
        level=3,
        national=True,
        mode="workplace",
    ),
    Document(
        "regs",
        "Wiring regulations",
        "The requirements for electrical installations, examined on line.",
        kind="short-course",
        level=3,
        mode="online",
        starts=(TODAY - 40,),
        price=350.0,
    ),
    Document(
        "maint",
        "Maintenance and operations engineering technician",
        "Fault finding on hydraulic and pneumatic systems. Planned maintenance of production machines.",
        ("Maintenance engineer",),
        kind="apprenticeship",
        level=3,
        national=True,
    ),
    Document(
        "books",
        "Bookkeeping with Sage",
        "Ledgers, bank reconciliation and VAT returns in accounting software.",
        ("Bookkeeper",),
        kind="course",
        level=2,
        lat=52.54,
        lon=-1.37,
        mode="online",
    ),
    Document(
        "esol-e2",
        "English for speakers of other languages, Entry 2",
        "Speaking, listening, reading and writing in English for work and life.",
        ("ESOL",),
        kind="esol",
        level=0,
        lat=52.63,
        lon=-1.12,
        mode="classroom",
        attendance="evening",
        starts=(TODAY + 10, TODAY + 100),
        price=0.0,
    ),
    Document(
        "fork",
        "Forklift truck operator",
        "Counterbalance fork lift truck, novice and refresher, with a practical test.",
        kind="short-course",
        lat=52.66,
        lon=-1.07,
        mode="classroom",
        attendance="weekend",
        price=450.0,
    ),
    Document(
        "aid",
        "First aid at work",
        "Three days. Resuscitation, wounds and burns. A certificate for three years.",
        ("Emergency first aid",),
        kind="short-course",
        level=3,
        lat=52.64,
        lon=-1.14,
        mode="classroom",
        attendance="daytime",
        starts=(TODAY + 5,),
        price=220.0,
        confirmed=TODAY - 900,
    ),
    Document(
        "care",
        "Adult care worker",
        "Support people with dementia, move them safely and keep records.",
        ("Care assistant", "Healthcare assistant"),
        kind="apprenticeship",
        level=2,
        national=True,
    ),
    Document(
        "lead",
        "Team leader or supervisor",
        "Lead a team, give feedback, handle conflict and absence.",
        ("Shift manager", "Supervisor"),
        kind="apprenticeship",
        level=3,
        national=True,
    ),
)


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    """A matcher over the small catalogue."""
    return Matcher.fit(OFFERS)


@pytest.fixture(scope="session")
def offers() -> tuple[Document, ...]:
    """The small catalogue."""
    return OFFERS


@pytest.fixture(scope="session")
def today() -> int:
    """The ordinal of the small catalogue's today."""
    return TODAY
