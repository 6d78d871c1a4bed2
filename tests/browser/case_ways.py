"""How the Chamber's pages get into each of their states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from skillsmatch.area.businesses import BusinessRow, store_businesses
from skillsmatch.cases.grouping import group_new
from skillsmatch.cases.models import FiledNeed, GroupedFacet
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need
from tests.browser.account_ways import as_
from tests.browser.hands import press
from tests.browser.site import Site
from tests.browser.ways import ONE_WORD, Way

if TYPE_CHECKING:
    from playwright.sync_api import Page

UNMET = "drone pilots for roof surveys"


def gathered(site: Site) -> tuple[int, str]:
    """Unmet needs of two employers in groups, one of a single long word; a group's number, and a need's name."""

    def find() -> Facet | None:
        query = (
            select(Facet)
            .join(Facet.need)
            .where(Need.text.startswith(UNMET), Facet.outcome == "nothing-fitted")
        )
        return db.session.scalars(query.order_by(Facet.id)).first()

    with site.app.app_context():
        there = find() is not None
        db.session.remove()
    if not there:
        site.say(
            f"{UNMET}, ask for Priya Patel on 07700 900123 or at {ONE_WORD[:120]}", email="owner@sky.example"
        )
        site.say(f"{ONE_WORD[:200]}")
    with site.app.app_context():
        group_new()
        facet = find()
        assert facet is not None
        group = db.session.get_one(GroupedFacet, facet.id).group_id
        name = db.session.get_one(FiledNeed, facet.need_id).name
        db.session.remove()
    return group, name


def unmet_needs(query: str = "") -> Way:
    """The register, with something in it."""

    def go(page: Page, site: Site) -> None:
        gathered(site)
        as_("officer", f"/cases{query}")(page, site)

    return go


def a_group(page: Page, site: Site) -> None:
    group, _ = gathered(site)
    as_("officer", f"/cases/groups/{group}")(page, site)


def splitting_without_a_name(page: Page, site: Site) -> None:
    a_group(page, site)
    press(page, "Take them out")


def a_need(page: Page, site: Site) -> None:
    _, name = gathered(site)
    as_("officer", f"/cases/needs/{name}")(page, site)


def unheard_of(page: Page, site: Site) -> None:
    districts = site.app.extensions["area"].districts
    rows = [BusinessRow(sector, "0-9", code, 120) for sector in "CFG" for code in districts]
    site.change(lambda: store_businesses(rows, f"Somebody who counts {ONE_WORD[:150]}"))
    as_("officer", "/cases/unheard")(page, site)
