"""My provision against demand: what employers ask for beside what we and others teach, theme by theme."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answered

from skillsmatch.accounts.access import current_account, open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.area.priorities import all_priorities, priorities_on
from skillsmatch.area.themes import load_themes
from skillsmatch.clock import today
from skillsmatch.demand import gaps
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.downloads import PRIVATE
from skillsmatch.demand.files import TYPES
from skillsmatch.demand.gap_files import GAP_MAKERS
from skillsmatch.demand.gaps import Gap, PriorityGap
from skillsmatch.demand.published import Edition, NoSuchTable, Table, read_table
from skillsmatch.demand.ranges import range_of
from skillsmatch.demand.showing import BadChoice, area, asked, edition_of, every_edition, newest, newest_year
from skillsmatch.offers.provision import Taught, all_taught, districts_of
from skillsmatch.words import listed_words

Answer = str | Answered | tuple[str, int]
REACHES = {"": "The whole area", "catchment": "The districts my offers are taught in"}
MOST_DRAWN = 100  # pages; about 60 kB each
SHOWS = {"": "Every theme", "not-mine": "Themes I do not teach", "nobody": "Themes nobody teaches"}


@dataclass(frozen=True)
class Mine:
    """What a provider's page and its files say; every number of employers comes from one published release."""

    edition: Edition
    ukprn: int
    provider: str
    reach: str
    show: str
    districts: tuple[str, ...]  # names of the catchment's; none where the whole area is meant
    no_catchment: str  # why the catchment asked for could not be had; "" where it could
    rows: tuple[Gap, ...]
    all_rows: tuple[Gap, ...]
    priorities: tuple[PriorityGap, ...]
    unclear: int  # offers of mine whose theme is not clear

    @property
    def where(self) -> str:
        """Where the numbers hold, in words."""
        return listed_words(self.districts) if self.districts else "the whole area"

    @property
    def method(self) -> list[str]:
        """What has to go with the numbers, wherever they go."""
        published = self.edition.published_at
        summed = [gaps.TWICE] if len(self.districts) > 1 or self.priorities else []
        return [
            f"Provision of {self.provider} against demand, {self.edition.words} (release {self.edition.period}"
            f"{f', published on {published:%d %B %Y}' if published else ''}), {self.where}",
            self.edition.rests_on,
            gaps.HOW,
            *summed,
            *self.edition.notes,
        ]


def my_ukprn() -> int | None:
    """The number of the organisation that is signed in; None where it has none, or nobody is."""
    account = current_account()
    return account.organisation.ukprn if account else None


def my_provision(ukprn: int, edition: Edition, reach: str, show: str) -> Mine:
    """The provider's gaps by this release. Refused (BadChoice): a reach or a choice that the page does not have."""
    if reach not in REACHES or show not in SHOWS:
        raise BadChoice("Choose one of the answers in the lists.")
    taught, here = all_taught(), area()
    mine = districts_of(taught, ukprn) & set(here.districts)
    why_not = ""
    if reach and not mine:
        why_not = "We know no district of this area in which your offers are taught."
    elif reach and edition.kind != "year":
        why_not = "Districts are counted for years only."
    catchment = frozenset(mine) if reach and not why_not else None
    by_theme = read_table(here, edition.period, "theme")
    asked_for = gaps.asked_by_theme(by_theme)
    if catchment:
        by_district = read_table(here, edition.period, "theme-by-district")
        asked_for = gaps.asked_within(by_district, by_theme, catchment)
    year = edition.kind == "year"
    unmet = gaps.unmet_by_theme(read_table(here, edition.period, "outcome-by-theme")) if year else {}
    priorities = priorities_on(here, today())
    reached = gaps.within(taught, catchment)
    found = gaps.gaps_of(load_themes(), asked_for, unmet, reached, ukprn, priorities)
    account = current_account()
    return Mine(
        edition=edition,
        ukprn=ukprn,
        provider=account.organisation.name if account else "",
        reach=reach,
        show=show,
        districts=tuple(d.name for d in here.districts.values() if d.code in catchment) if catchment else (),
        no_catchment=why_not,
        rows=tuple(g for g in found if _is_shown(g, show)),
        all_rows=tuple(found),
        priorities=tuple(gaps.priority_gaps(priorities, found)),
        unclear=sum(t.ukprn == ukprn and not t.theme for t in taught),
    )


def _is_shown(gap: Gap, show: str) -> bool:
    return not (show and gap.mine.offers) and not (show == "nobody" and gap.offers)


@dataclass(frozen=True)
class _Page:
    """A provider's figures and their tables as they were drawn, from these offers."""

    taught: tuple[Taught, ...]
    found: Mine
    tables: Markup


def _page(ukprn: int, edition: Edition, reach: str, show: str) -> _Page:
    """Drawn once for each state of the catalogue and each day: a hundred rows take longer than all else of the page."""
    account, taught = current_account(), all_taught()
    name = account.organisation.name if account else ""
    priorities = all_priorities(area())  # officers may change them at any time
    key = (ukprn, name, edition, reach, show, priorities, area().slug, today(), request.script_root)
    known: dict[object, _Page] = current_app.extensions.setdefault("drawn provisions", {})
    page = known.get(key)
    if page is None or page.taught is not taught:
        found = my_provision(ukprn, edition, reach, show)
        tables = render_template(
            "demand/mine_tables.html",
            found=found,
            edition=edition,
            shows=SHOWS,
            twice=gaps.TWICE,
            priority_titles={p.code: p.title for p in priorities},
        )
        page = _Page(taught, found, Markup(tables))  # noqa: S704  (our own template has escaped what it shows)
        if len(known) >= MOST_DRAWN:
            known.clear()
        known[key] = page
    return page


def _asked() -> tuple[dict[str, str], Edition | None]:
    chosen = asked("release", "reach", "show")
    edition = edition_of(chosen["release"]) if chosen["release"] else newest_year() or newest()
    return chosen, edition


@demand.get("/demand/mine")
@open_to(Role.COLLEGE)
def mine() -> Answer:
    """Each theme: who asks, what is taught by us and by others, what lies between; the largest gap first."""
    chosen, edition = _asked()
    ukprn = my_ukprn()
    if ukprn is None or edition is None:
        return render_template("demand/no_provision.html", ukprn=ukprn)
    page = _page(ukprn, edition, chosen["reach"], chosen["show"])
    return render_template(
        "demand/mine.html",
        found=page.found,
        tables=page.tables,
        edition=edition,
        editions=every_edition(),
        reaches=REACHES,
        shows=SHOWS,
        how=gaps.HOW,
        twice=gaps.TWICE,
    )


@demand.get("/demand/mine.<any(csv,xlsx):form>")
@open_to(Role.COLLEGE)
def mine_file(form: str) -> Response:
    """The same as a file, with its method."""
    chosen, edition = _asked()
    ukprn = my_ukprn()
    if ukprn is None:
        raise NoSuchTable("Your organisation has no UKPRN here, so we cannot tell which offers are yours")
    if edition is None:
        raise NoSuchTable("There is no published release yet")
    found = my_provision(ukprn, edition, chosen["reach"], chosen["show"])
    answer = Response(GAP_MAKERS[form](found), mimetype=TYPES[form])
    name = f"skillsmatch-{edition.period}-my-provision.{form}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = PRIVATE
    return answer


@demand.get("/demand/mine/<code>")
@open_to(Role.COLLEGE)
def mine_theme(code: str) -> Answer:
    """The offers that were counted for one theme, mine and others'; with "unclear" those of mine without a theme."""
    asked()
    themes, ukprn = load_themes(), my_ukprn()
    if code != "unclear" and code not in themes.themes:
        raise NoSuchTable(f"There is no theme “{code[:30]}”")
    wanted = [t for t in all_taught() if t.theme == ("" if code == "unclear" else code)]
    edition = newest_year() or newest()
    return render_template(
        "demand/mine_theme.html",
        code=code,
        name=themes.themes[code].name if code in themes.themes else "Theme not clear",
        mine=_by_title([t for t in wanted if t.ukprn == ukprn]),
        others=_by_title([t for t in wanted if t.ukprn != ukprn]) if code != "unclear" else [],
        edition=edition,
        asked=_asked_words(edition, code),
    )


def _by_title(offers: list[Taught]) -> list[Taught]:
    return sorted(offers, key=lambda t: (t.title.casefold(), t.provider, t.offer_id))


def _asked_words(edition: Edition | None, code: str) -> str:
    if edition is None or code == "unclear":
        return ""
    table: Table = read_table(area(), edition.period, "theme")
    return range_of(table.of(code), edition.threshold).words
