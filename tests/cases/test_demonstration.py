"""The Chamber's side of the demonstration: something on every page, done by the rooms' own functions, and read nowhere
but in a demonstration."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from skillsmatch import create_app
from skillsmatch.accounts.demonstration import make_demonstration_accounts
from skillsmatch.accounts.models import Account
from skillsmatch.cases import actions, ambassadors, educators, english, reports
from skillsmatch.cases.actions import all_actions, removed_actions, standing_words
from skillsmatch.cases.asked import this_year
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_listing import View, listing
from skillsmatch.cases.case_models import Case
from skillsmatch.cases.demonstration import show_demonstration
from skillsmatch.cases.filters import Filters
from skillsmatch.cases.fit_mails import batch_for
from skillsmatch.cases.fits import fits_of
from skillsmatch.cases.gathering_models import KnownBusiness, business_is_here
from skillsmatch.cases.merging import known_firms, suggestions
from skillsmatch.cases.models import NeedGroup
from skillsmatch.cases.plan import Ambassador, EducatorAnswer, KeptReport, MeasureEntry, PlanAction
from skillsmatch.cases.quotes import shown_quotes, waiting
from skillsmatch.cases.referral_answers import carries, referrals_to
from skillsmatch.cases.referral_models import Referral
from skillsmatch.cases.register import register
from skillsmatch.cases.scorecard import scorecard
from skillsmatch.cases.unheard import unheard
from skillsmatch.clock import standing_at, today
from skillsmatch.database import keep
from skillsmatch.demand import demonstration
from skillsmatch.demand.demonstration import NotADemonstration, publish_demonstration
from skillsmatch.demand.models import DEMONSTRATION, DemandSignal, Release
from skillsmatch.extensions import db
from skillsmatch.leads.seeing import leads_for
from skillsmatch.mail.models import MailMessage
from skillsmatch.needs.demonstration import invented_needs, need_of
from skillsmatch.needs.keeping import store_need
from skillsmatch.needs.models import Facet, Need
from skillsmatch.needs.past import unmet_again
from skillsmatch.offers.indexing import index_folder
from skillsmatch.offers.models import Offer, Provider
from tests.conftest import NOW, settings

PROVIDER = (10003867, "Leicester College")


def opened(file: Path, index: Path, folder: Path) -> Flask:
    """A demonstration on this file."""
    app = create_app(settings(f"sqlite:///{file}", folder))
    app.config["DEMO"] = True
    with app.app_context():
        shutil.copytree(index, index_folder())
    return app


@pytest.fixture(scope="session")
def shown(
    loaded_sqlite: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, int]:
    """A file of a demonstration after its first start but for the synthetic releases, its index, and how many needs."""
    source, index = loaded_sqlite
    folder = tmp_path_factory.mktemp("officers")
    shutil.copy(source, folder / "shown.sqlite")
    app = opened(folder / "shown.sqlite", index, folder)
    with app.app_context():
        keep(lambda: make_demonstration_accounts(PROVIDER))
        added = show_demonstration(app.extensions["area"])
        made = index_folder()
        db.session.remove()
        db.engine.dispose()
    return folder / "shown.sqlite", made, added


@pytest.fixture
def demo(shown: tuple[Path, Path, int], tmp_path: Path) -> Iterator[Flask]:
    """A demonstration that has started once, inside its context."""
    file, index, _ = shown
    shutil.copy(file, tmp_path / "test.sqlite")
    app = opened(tmp_path / "test.sqlite", index, tmp_path / "data")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def counted() -> list[int]:
    plan = (PlanAction, KeptReport, Ambassador, EducatorAnswer, MeasureEntry)
    tables = (Need, DemandSignal, NeedGroup, Case, Referral, KnownBusiness, Offer, *plan, MailMessage)
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_needs_are_many_and_varied_and_a_good_half_is_not_served(
    demo: Flask, shown: tuple[Path, Path, int]
) -> None:
    needs = list(db.session.scalars(select(Need)))

    assert shown[2] == len(needs) == len(invented_needs(demo.extensions["area"]))
    assert 60 <= len(needs) <= 120
    assert {need.channel for need in needs} == {DEMONSTRATION}
    unmet = [need for need in needs if any(facet.is_unmet for facet in need.live_facets)]
    assert 0.5 < len(unmet) / len(needs) < 0.9
    assert all(need.email.endswith(".example") for need in needs)
    assert len({need.email for need in needs}) == len({need.text for need in needs}) == len(needs)
    spread = Counter(need.district for need in needs if need.district)
    assert set(spread) == set(demo.extensions["area"].districts)
    assert len({need.sic_section for need in needs}) > 12
    assert {need.size_band for need in needs} == {"0-9", "10-49", "50-249", "250+"}
    assert max((today() - need.created_at.date()).days for need in needs) > 300
    assert 0 < sum(need.email_verified_at is None for need in needs) < len(needs) / 4
    for need in needs:
        assert all(facet.signal.channel == DEMONSTRATION for facet in need.facets)
        assert all(facet.signal.made_on == need.created_at.date() for facet in need.facets)


def test_an_officer_finds_work_on_every_page(demo: Flask) -> None:
    area = demo.extensions["area"]
    officer = db.session.scalars(select(Account).where(Account.email.startswith("chamber"))).one()
    provider = db.session.scalars(select(Provider).where(Provider.ukprn == PROVIDER[0])).one()

    rows = register(Filters(), area)
    assert len(rows) > 25 and rows[0].employers > 2
    assert any("07700" in facet.need.text for row in rows for facet in _facets(row.facets))
    cases = listing(View(state=""), officer, 1)
    assert cases.total == 5
    states = {row.case.state for row in cases.rows}
    assert {"closed", "national", "review", "agreed"} <= states
    assert [row.case.state for row in cases.rows if row.case.is_overdue] == ["agreed"]
    fitting = [row.case for row in cases.rows if fits_of(row.case).offers]
    assert len(fitting) == 1 and fits_of(fitting[0]).words.startswith("2 offers now fit")
    asked = referrals_to(provider)
    assert sorted(len(one.answers) for one in asked) == [0, 1]
    open_one = next(one for one in asked if not one.answers)
    assert len(carries(open_one, provider).words) == 1, "an employer of its shares its words"
    assert len(shown_quotes()) == 2 and len(waiting()) == 2
    counts = unheard(Filters())
    assert "Made up for the demonstration" in counts.source
    assert all(cell.businesses % 5 == 0 for cell in counts.cells)
    assert any(pair.why for pair in suggestions())
    assert not counted()[-1], "nobody invented is written to"


def test_the_plans_pages_have_owners_people_and_what_changed_since_a_report(demo: Flask) -> None:
    area = demo.extensions["area"]

    every = all_actions()
    standing = Counter(standing_words(action, today()) for action in every)
    assert len(every) == 8 and {action.priority for action in every} == {f"LSIP25-{n}" for n in range(1, 7)}
    assert standing["Done"] == standing["Overdue"] == 1 and standing["Amber"] and standing["Red"]
    assert {action.public for action in every} == {True, False}
    assert max(action.number for action in every) == 2
    assert ambassadors.count_listed() == 4 and sum(bool(n) for _, n in ambassadors.by_sector(area)) == 3
    assert all(one.reach.endswith(".example") for one in ambassadors.everyone())
    assert len(educators.wishes(1)) == 3
    assert {key.split(":")[0] for key in english.places_on(area, today())} == {"0", "1", "2"}
    card = scorecard(area, *this_year(area))
    assert card.report is not None and card.report.last_day < today()
    lines = {line.priority.code: line for line in card.lines}
    assert lines["LSIP25-1"].changes["done"] == "up 1"
    assert lines["LSIP25-4"].changes["actions"] == "up 1"
    assert lines["LSIP25-3"].overdue(today()) == 1
    assert card.english is not None and any(row.places for row in card.english.by_level)
    assert ("Actions of the whole plan", "8, led by 5 organisations") in lines["LSIP25-6"].details


def _facets(numbers: tuple[int, ...]) -> list[Facet]:
    return list(db.session.scalars(select(Facet).where(Facet.id.in_(numbers))))


def test_a_second_start_adds_nothing(demo: Flask) -> None:
    before = counted()

    assert show_demonstration(demo.extensions["area"]) == 0
    assert counted() == before


def test_outside_a_demonstration_none_of_it_is_read_and_none_is_taken(demo: Flask) -> None:
    area = demo.extensions["area"]
    officer = db.session.scalars(select(Account).where(Account.email.startswith("chamber"))).one()
    provider = db.session.scalars(select(Provider).where(Provider.ukprn == PROVIDER[0])).one()
    case = next(one for one in db.session.scalars(select(Case)) if fits_of(one).offers)
    assert leads_for(provider) and len(unmet_again()) and known_firms()

    # when the same database is used without the setting
    demo.config["DEMO"] = False

    assert register(Filters(), area) == []
    assert listing(View(state=""), officer, 1).total == 0
    assert not facets_of(case) and not batch_for(case).letters
    assert referrals_to(provider) == [] and leads_for(provider) == []
    assert shown_quotes() == [] and waiting() == []
    assert unheard(Filters()).source == ""
    assert not known_firms() and not len(unmet_again())
    assert not db.session.scalars(select(KnownBusiness).where(business_is_here())).all()
    assert all_actions() == removed_actions() == actions.versions_of(1) == []
    assert ambassadors.everyone() == ambassadors.listed(area) == ambassadors.few_for(["apprenticeship"]) == []
    assert ambassadors.count_listed() == 0 and ambassadors.find_listed(1) is None
    assert educators.wishes(1) == educators.by_group() == english.entries(area) == reports.all_reports() == []
    assert reports.find_report(1) is None
    card = scorecard(area, *this_year(area))
    assert card.report is None and not any(line.actions for line in card.lines)
    assert "0 answers" in str(card.lines) and not any(number for _, number in card.ambassadors)
    with pytest.raises(NotADemonstration, match="SKILLSMATCH_DEMO"):
        show_demonstration(area)
    one = invented_needs(area)[0]
    with pytest.raises(NotADemonstration):
        store_need(None, one.answers, "x", "x", area, channel=DEMONSTRATION)  # type: ignore[arg-type]
    with pytest.raises(NotADemonstration):
        publish_demonstration(area)
    assert need_of(one) is not None, "what is on record stays there"


def test_invented_needs_do_not_stand_in_the_way_of_the_synthetic_demand_of_their_quarter(
    demo: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = demo.extensions["area"]
    monkeypatch.setattr(demonstration, "YEARS", 0)
    before = counted()[1]

    published = publish_demonstration(area)

    assert published == db.session.scalar(select(func.count(Release.id)))
    assert published and counted()[1] > before + published * 100


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_clock_stands_only_as_long_as_it_is_asked_to(in_app: Flask) -> None:
    earlier = NOW.replace(year=2025)
    with pytest.raises(ZeroDivisionError), standing_at(earlier):
        assert today() == earlier.date()
        1 / 0  # noqa: B018

    assert today() == NOW.date()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_is_refused_in_words_outside_a_demonstration_and_without_its_accounts(app: Flask) -> None:
    refused = app.test_cli_runner().invoke(args=["cases", "load-demonstration"])
    assert refused.exit_code == 1 and "SKILLSMATCH_DEMO=1 is not set" in refused.output
    app.config["DEMO"] = True

    early = app.test_cli_runner().invoke(args=["cases", "load-demonstration"])

    assert early.exit_code == 1 and "no demonstration account" in early.output
