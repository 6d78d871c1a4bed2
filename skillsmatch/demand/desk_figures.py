"""The desk's figures as pages and files of a provider's own desk: read from releases, and its own alone."""

from __future__ import annotations

from flask import Response, render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answered

from skillsmatch.demand.desk_figure_files import FIGURE_MAKERS
from skillsmatch.demand.files import TYPES
from skillsmatch.demand.offer_figures import Figures, Steps, counted_quarters, figures_of, how, quarters_of
from skillsmatch.demand.published import Edition
from skillsmatch.demand.releases import next_release
from skillsmatch.demand.showing import BadChoice, area, asked
from skillsmatch.offers.desk.blueprint import desk, the_ukprn

Answer = str | Answered | tuple[str, int]
MOST_LISTED = 200  # offers with a number; the others stand in the files


@desk.app_template_global("quarters_of_offer")
def _quarters_of_offer(offer_id: int) -> list[tuple[Edition, Steps]]:
    """For the offer's page at its own provider's desk."""
    return quarters_of(the_ukprn(), offer_id)


def _asked() -> Edition | None:
    """The quarter that was asked for, or else the latest. Refused: 404 for a release that has no such figures."""
    chosen = asked("release")["release"]
    quarters = counted_quarters()
    if not chosen:
        return quarters[0] if quarters else None
    found = next((e for e in quarters if e.period == chosen), None)
    if found is None:
        raise NotFound
    return found


@desk.get("/figures")
def figures() -> Answer:
    """How many employers were shown each of my offers in a quarter, opened it and chose it."""
    try:
        edition = _asked()
    except BadChoice as error:
        return render_template("demand/none.html", title="This cannot be chosen", words=str(error)), 400
    found: Figures | None = figures_of(the_ukprn(), edition) if edition else None
    return render_template(
        "desk/figures.html",
        found=found,
        edition=edition,
        editions=counted_quarters(),
        how=how(edition) if edition else (),
        awaited=next_release(area()),
        most=MOST_LISTED,
    )


@desk.get("/figures.<any(csv,xlsx):form>")
def figures_file(form: str) -> Response:
    """The same as a file, with every offer and with its method."""
    try:
        edition = _asked()
    except BadChoice as error:
        return Response(str(error), 400, mimetype="text/plain")
    if edition is None:
        raise NotFound
    answer = Response(FIGURE_MAKERS[form](figures_of(the_ukprn(), edition)), mimetype=TYPES[form])
    name = f"skillsmatch-{edition.period}-my-offers.{form}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
