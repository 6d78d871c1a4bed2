"""R4, R8 and R11: cases that closed, training that started because of a need, and when an employer said so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from skillsmatch.area.measures import Measured
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.fit_models import FitBatch, FitMail, ToldOffer
from skillsmatch.cases.measures import enter
from skillsmatch.cases.models import GroupedFacet, NeedGroup
from skillsmatch.cases.pack.internal import internal_pack
from skillsmatch.cases.pack.needs import divisions_of
from skillsmatch.cases.pack.sheets import Pack
from skillsmatch.cases.referral_models import Referral, ReferralAnswer
from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.leads.models import Lead, LeadReply
from skillsmatch.needs.models import Facet, NeedMatch
from skillsmatch.offers.models import Offer, Provider
from tests.cases.asking import need
from tests.conftest import NOW

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
YEAR = date(2026, 4, 1), date(2027, 3, 31)
LAST_YEAR = date(2025, 4, 1), date(2026, 3, 31)
numbers = count(1)


def told(pack: Pack, name: str) -> list[dict[str, object]]:
    """The rows of a sheet, by the names of their columns."""
    one = next(s for s in pack.sheets if s.name == name)
    return [dict(zip(one.header, row, strict=True)) for row in one.rows]


def measure(pack: Pack, name: str) -> tuple[object, object]:
    """In these dates, and a year before."""
    row = next(row for row in told(pack, "Progress") if str(row["Measure"]).startswith(name))
    return row["In these dates"], row["A year before"]


def packs(app: Flask, work: Callable[[], object]) -> tuple[Pack, Pack]:
    """The internal packs of this year and of the last, after `work` is stored."""
    with app.app_context():
        keep(work)
        area = app.extensions["area"]
        made = internal_pack(area, *YEAR), internal_pack(area, *LAST_YEAR)
        db.session.remove()
    return made


def facet_of(employer: int, outcome: str, answered: datetime | None, **more: object) -> Facet:
    """A welder's skill in the session, with what its employer said and when."""
    facet = need(employer, "TIG welding", outcome=outcome, theme="ENG-WELD", **more).facets[0]
    facet.answered_at = answered
    return facet


def offer(title: str) -> Offer:
    """A course with three starts in the session."""
    found = db.session.scalars(select(Provider)).first() or Provider(ukprn=10003867, name="Leicester College")
    made = Offer(
        provider=found,
        source="desk",
        source_ref=title,
        kind="short-course",
        title=title,
        start_dates=["2025-01-10", "2026-11-10", "2027-01-10"],
        confirmed_on=NOW.date(),
        digest=title,
        created_at=NOW,
        changed_at=NOW,
    )
    db.session.add(made)
    db.session.flush()
    return made


def chosen(facet: Facet, course: Offer) -> None:
    db.session.add(
        NeedMatch(
            facet=facet, offer=course, search_round=1, position=next(numbers), score=1.0, strength=1.0, evidence={},
            shown={}, offer_digest="", matcher_version="test", shown_at=NOW, chosen_at=NOW,
        )
    )  # fmt: skip


def test_a_start_counts_in_the_year_in_which_the_employer_said_so_and_a_course_once(app: Flask) -> None:
    def work() -> None:
        course = offer("TIG welding in ten evenings")
        for employer in (1, 2):  # asked last year, started this year
            chosen(facet_of(employer, "started", NOW - timedelta(2), made_on=date(2026, 3, 1), people=3), course)
        chosen(facet_of(3, "fits", NOW - timedelta(2)), course)
        facet_of(4, "started", NOW - timedelta(1))  # its employer named no offer
        facet_of(5, "started", datetime(2026, 3, 31, 22, 59), made_on=date(2026, 3, 1))  # the last evening of last year
        facet_of(6, "started", NOW, suspect=True)

    this, last = packs(app, work)

    rows = told(this, "What changed")
    assert [(row["What the employer says"], row["Offer"]) for row in rows] == [
        ("started", "TIG welding in ten evenings"),
        ("started", "TIG welding in ten evenings"),
        ("fits, not started yet", "TIG welding in ten evenings"),
        ("started", ""),
    ]
    first = rows[0]
    assert (first["Asked on"], first["Start"], first["People"]) == (date(2026, 3, 1), date(2026, 11, 10), 3)
    assert (first["Provider"], first["What the provider did"]) == ("Leicester College", "Had it on offer")
    assert rows[3]["What the provider did"] == "The employer named no offer"
    assert first["Filter"] == "from=2026-03-01 to=2026-03-01 theme=ENG-WELD outcome=met"
    assert measure(this, "Training started because of a need") == (3, 0), "the other is later in the year"
    assert measure(this, "Courses started because of a need") == (1, 0)
    assert measure(last, "Training started because of a need") == (1, 0)
    assert len(told(last, "What changed")) == 1


@only_sqlite
def test_a_closed_case_stays_in_the_register_with_what_its_employers_said_of_the_training(app: Flask) -> None:
    def work() -> None:
        old, into = (NeedGroup(name=name, theme="ENG-WELD", created_at=NOW) for name in ("Welders", "TIG welders"))
        db.session.add_all((old, into))
        db.session.flush()
        old.merged_into_id, old.merged_at = into.id, NOW
        case = Case(group_id=old.id, lead="The college", rag="green", opened_at=NOW, state="closed", closed_at=NOW,
                    decision="exists", decided_at=NOW)  # fmt: skip
        db.session.add(case)
        course = offer("TIG welding in ten evenings")
        batch = FitBatch(case=case, approved_at=NOW)
        for employer, outcome, said in ((1, "fits", "helps"), (2, "none-fits", "no")):
            facet = facet_of(employer, outcome, NOW, made_on=date(2026, 5, employer))
            db.session.add(GroupedFacet(facet_id=facet.id, group_id=into.id, grouped_at=NOW))
            mail = FitMail(batch=batch, need=facet.need, made_at=NOW, posted_at=NOW, answered_at=NOW)
            db.session.add(ToldOffer(mail=mail, facet=facet, offer=course, said=said))
        db.session.add(Case(need=facet.need, lead="", rag="amber", opened_at=NOW))

    this, last = packs(app, work)

    rows = told(this, "Register")
    group = next(row for row in rows if str(row["Number"]).startswith("group"))
    assert (group["Need"], group["Employers"], group["First seen"]) == ("TIG welders", 1, date(2026, 5, 2))
    assert group["People wanted"] == 1, "as on the group's own page: one that did not say counts as one"
    assert (group["Decision"], group["Where it stands"], group["Closed on"]) == (
        *("Provision exists and employers told", "Closed", NOW.date()),
    )
    assert group["Outcome"] == "it helps 1 employer; it does not help 1 employer"
    one = next(row for row in rows if str(row["Number"]).startswith("case"))
    assert (one["Need"], one["Decision"], one["Filter"]) == ("One need", "not decided yet", "/cases/case/2")
    assert told(last, "Register") == []
    assert measure(this, "Cases closed") == (1, 0)
    assert measure(this, "Needs closed") == (2, 0)
    (changed,) = told(this, "What changed")
    assert changed["What the provider did"] == "Added or changed it later; the Chamber told the employer"
    assert changed["Case"] == 1


def test_a_provider_is_told_by_what_it_was_asked_what_it_answered_and_what_came_of_it(app: Flask) -> None:
    def work() -> None:
        course = offer("TIG welding in ten evenings")
        facet = facet_of(1, "none-fits", NOW, made_on=date(2026, 5, 1))
        facet.need.reference = "log"
        case = Case(need=facet.need, lead="", rag="amber", opened_at=NOW, decision="agreed", decided_at=NOW)
        plan = {"case": case, "question": "run-new", "figures": []}
        asked = Referral(ukprn=10003867, sent_at=datetime(2026, 3, 30, 9), **plan)  # the year before
        no = {"kind": "cannot", "reason": "no-teacher", "words": "Ask in May.", "sent_at": datetime(2026, 4, 2, 9)}
        yes = {"kind": "new", "starts_on": date(2026, 9, 1), "sent_at": datetime(2026, 5, 20, 9)}
        asked.answers = [ReferralAnswer(number=1, **no), ReferralAnswer(number=2, **yes)]
        silent = Referral(ukprn=10003868, sent_at=datetime(2026, 6, 1, 9), **plan)
        lead = Lead(need=facet.need, opened_at=NOW, expires_at=NOW + timedelta(weeks=12))
        words = {"reach": "jo@college.example", "words": "for the employer alone", "sent_at": datetime(2026, 6, 2, 9)}
        reply = LeadReply(
            lead=lead, ukprn=10003867, number=1, kind="offer", offer=course, facet=facet, fits_at=NOW, **words
        )
        talk = LeadReply(lead=lead, ukprn=10003867, number=2, kind="contact", **words)
        db.session.add_all([asked, silent, reply, talk])

    this, last = packs(app, work)

    first, second, third, fourth, fifth = told(this, "Provider log")
    assert (first["UKPRN"], first["Provider"], first["Day"]) == (10003867, "Leicester College", date(2026, 3, 30))
    assert first["What it answered"] == "cannot help: we have no teacher for it now"
    assert (first["In its words"], first["Answered on"]) == ("Ask in May.", date(2026, 4, 2))
    assert (second["What it answered"], second["Starts on"]) == ("will run new training", date(2026, 9, 1))
    assert first["Outcome"] == second["Outcome"] == "New provision agreed"
    assert (third["What it answered"], third["Case"]) == ("named training: TIG welding in ten evenings", None)
    assert third["Outcome"] == "its employer says that it fits"
    assert (fourth["What it answered"], fourth["Outcome"]) == ("wants to be talked to about it", "")
    assert (fifth["UKPRN"], fifth["What it answered"]) == (10003868, "no answer yet")
    assert "for the employer alone" not in str(told(this, "Provider log"))
    assert [row["Answered on"] for row in told(last, "Provider log")] == [date(2026, 4, 2), date(2026, 5, 20)]


@only_sqlite
def test_a_year_that_is_not_over_is_held_against_as_many_days(app: Flask) -> None:
    def work() -> None:
        need(1, "TIG welding", theme="ENG-WELD")
        need(2, "TIG welding", theme="ENG-WELD", made_on=NOW.date().replace(year=2025))
        need(3, "TIG welding", theme="ENG-WELD", made_on=NOW.date().replace(year=2025) + timedelta(1))

    this, _last = packs(app, work)

    assert measure(this, "Employers") == (1, 1), "whoever asked later in the last year is not held against it"
    (row,) = told(this, "Needs")
    assert (row["Employers"], row["Employers before"], row["Trend"]) == (1, 2, "down 1")


@only_sqlite
def test_a_value_of_the_year_before_stands_under_the_year_before(app: Flask) -> None:
    def work() -> None:
        for day, value in ((date(2026, 3, 31), 7), (date(2026, 4, 1), 9), (date(2020, 4, 1), 1)):
            enter(Measured("short-courses", day, Decimal(value), "", "A letter", ""), "Ola")

    this, _last = packs(app, work)

    found = {row["Change"]: (row["In these dates"], row["A year before"]) for row in told(this, "Progress")}
    assert found["on 31 March 2026"] == (None, "7")
    assert found["on 1 April 2026"] == ("9", None)
    assert "on 1 April 2020" not in found


@only_sqlite
def test_the_figures_page_gives_what_the_sheets_say_besides_the_sums(app: Flask, officer: FlaskClient) -> None:
    with app.app_context():

        def work() -> None:
            for employer, when in ((1, "now"), (2, "1-year")):
                need(employer, "TIG welding", theme="ENG-WELD").wanted_when = when
            need(3, "TIG welding", theme="ENG-WELD", made_on=date(2026, 3, 1))

        keep(work)
        db.session.remove()

    page = officer.get("/priorities/figures?from=2026-04-01&to=2027-03-31&theme=ENG-WELD").get_data(as_text=True)
    for words in ("1 skill</dd>", "1 employer: monitoring", "0 offers", "no provision"):
        assert words in page, words
    provider = officer.get("/priorities/figures?from=2026-04-01&to=2027-03-31&ukprn=10003867").get_data(as_text=True)
    assert "Replies to leads" in provider and "0, of them 0 confirmed" in provider
    wrong = officer.get("/priorities/figures?from=2026-04-01&to=2027-03-31&ukprn=x&soc=y")
    assert wrong.status_code == 422
    said = wrong.get_data(as_text=True)
    assert "“x” is no UK provider reference number" in said and "“y” is no occupation of SOC 2020" in said


def test_a_section_says_which_divisions_it_has() -> None:
    assert divisions_of("C") == "divisions 10 to 33"
    assert divisions_of("L") == "division 68"
    assert divisions_of("") == ""
