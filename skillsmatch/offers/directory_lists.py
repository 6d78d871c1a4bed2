"""The Course Directory's files that hold no courses: a provider's venues, and the national list of providers."""

from __future__ import annotations

from collections.abc import Mapping

from skillsmatch.offers import cells
from skillsmatch.offers.directory_courses import needed
from skillsmatch.offers.records import ProviderRow, VenueRow
from skillsmatch.offers.tables import AtOdds, Context, Got, Reader, TableFormat

VENUE_COLUMNS: Mapping[str, tuple[int, Reader]] = {
    "YOUR_VENUE_REFERENCE": (255, cells.line),
    "VENUE_NAME": (250, needed(cells.line, "give the venue's name")),
    "ADDRESS_LINE_1": (100, needed(cells.line, "give the first line of the address")),
    "ADDRESS_LINE_2": (100, cells.line),
    "TOWN_OR_CITY": (75, needed(cells.line, "give the town or city")),
    "COUNTY": (75, cells.line),
    "POSTCODE": (12, needed(cells.postcode, "give the whole postcode, such as LE10 1AA")),
    "EMAIL": (254, cells.email),
    "PHONE": (40, cells.line),
    "WEBSITE": (248, cells.web_address),
}
PROVIDER_COLUMNS: Mapping[str, tuple[int, Reader]] = {
    "Org UPIN": (20, cells.line),
    "Org UKPRN": (20, cells.ukprn),
    "Org Legal Name": (255, needed(cells.line, "give the provider's legal name")),
    "Org Trading Name": (255, cells.line),
    "Org Status": (100, cells.line),
    "Fund Name": (255, cells.line),
    "Fund Start Date": (40, str),
}


def _nothing(_got: Got, _context: Context) -> AtOdds:
    """Each cell stands for itself."""
    yield from ()


def _venue(number: int, got: Got, context: Context) -> VenueRow:
    return VenueRow(
        row=number,
        ref=got["VENUE_NAME"].casefold(),
        ukprn=context.ukprn or 0,
        reference=got["YOUR_VENUE_REFERENCE"],
        name=got["VENUE_NAME"],
        address=", ".join(filter(None, (got["ADDRESS_LINE_1"], got["ADDRESS_LINE_2"]))),
        town=got["TOWN_OR_CITY"],
        county=got["COUNTY"],
        postcode=got["POSTCODE"],
        email=got["EMAIL"],
        phone=got["PHONE"],
        website=got["WEBSITE"],
    )


def _provider(number: int, got: Got, _: Context) -> ProviderRow:
    name = got["Org Trading Name"] or got["Org Legal Name"]
    return ProviderRow(row=number, ref=str(got["Org UKPRN"]), ukprn=got["Org UKPRN"], name=name)


VENUES = TableFormat(
    source="directory-venues",
    name="Course Directory venues",
    columns=VENUE_COLUMNS,
    record=_venue,
    at_odds=_nothing,
    key=("VENUE_NAME", "the same VENUE_NAME; each venue has a name of its own"),
    once=("YOUR_VENUE_REFERENCE",),
    makes="venue",
    empty="there is no venue below the header; a file needs at least one",
)
PROVIDERS = TableFormat(
    source="directory-providers",
    name="the list of providers",
    columns=PROVIDER_COLUMNS,
    record=_provider,
    at_odds=_nothing,
    key=None,  # a provider stands once for each of its funds; its first row counts
    dates=frozenset({"Fund Start Date"}),
    names_provider=True,
    makes="provider",
    empty="there is no provider below the header; a file needs at least one",
)
