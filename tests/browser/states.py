"""Every page in every state it can be in. A new page needs a line here, or a test fails."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.desk_states import DESK_STATES
from tests.browser.ways import (
    EVERYTHING,
    MANY_WORDS,
    NOTHING,
    ONE,
    ONE_WORD,
    SEVERAL,
    Way,
    a_provider,
    a_withdrawn_offer,
    after_fits,
    after_none_fit,
    after_started,
    an_offer,
    an_offer_from_results,
    at,
    change_with_errors,
    changed_mind,
    confirmed,
    correction_of_nothing,
    correction_with_errors,
    every_error,
    filtered,
    form_without_its_cookie,
    managed_and_withdrawn,
    no_reason_given,
    not_saved,
    private,
    refused,
    results_of_withdrawn_and_changed,
    said,
    too_many_mails,
    withdrawn,
    without_search,
    wrong_email,
)


@dataclass(frozen=True)
class State:
    """One page in one state. `endpoint` is what a GET of its address reaches; empty for an address there is not."""

    name: str
    endpoint: str
    reach: Way
    status: int = 200
    more: bool = False  # whether the cards behind "more" are looked at too: the same parts again, and slow


STATES = [
    State("home", "pages.home", at("/")),
    State("about", "pages.about", at("/about")),
    State("privacy", "pages.privacy", at("/privacy")),
    State("accessibility", "pages.accessibility", at("/accessibility")),
    State("kinds of training", "pages.kinds", at("/kinds")),
    State("an address there is not", "", at("/no-such-page"), 404),
    State("an address that only takes a form", "", at("/needs/x/search-again"), 405),
    State("a form without its cookie", "needs.withdraw_open", form_without_its_cookie, 400),
    State("a fault of ours", "broken", at("/broken"), 500),
    State("browse", "offers.browse", at("/offers")),
    State("browse by kind", "offers.browse", at("/offers?kind=esol")),
    State("browse by subject", "offers.browse", at("/offers?route=engineering")),
    State("browse by place", "offers.browse", at("/offers?district=E06000016")),
    State("browse by all three", "offers.browse", at("/offers?kind=htq&route=digital&district=E06000016")),
    State("browse where nothing is", "offers.browse", at("/offers?kind=esol&route=construction")),
    State("browse, second page", "offers.browse", at("/offers?page=2")),
    State("an offer", "offers.offer", an_offer),
    State("an offer come to from results", "offers.offer", an_offer_from_results),
    State("an offer that was withdrawn", "offers.offer", a_withdrawn_offer),
    State("a provider", "offers.provider", a_provider),
    State("the form", "needs.new", at("/needs/new")),
    State("the form with every error", "needs.new", every_error, 422),
    State("the form that could not be saved", "needs.new", not_saved, 503),
    State("the form sent again with other words", "needs.new", changed_mind, 422),
    State("results of one need", "needs.show", said(ONE)),
    State("results with every answer given", "needs.show", said(ONE, **EVERYTHING), more=True),
    State("results of several needs", "needs.show", said(SEVERAL)),
    State("results of 600 characters", "needs.show", said(MANY_WORDS)),
    State("results of a word of 600 characters", "needs.show", said(ONE_WORD)),
    State("results where nothing fits", "needs.show", said(NOTHING)),
    State("results of another language", "needs.show", said("Necesitamos formación en soldadura")),
    State("results outside the area", "needs.show", said(ONE, postcode="SW1A 1AA")),
    State("results of one kind", "needs.show", filtered),
    State("results of a kind there is not", "needs.show", said(ONE, "?kind=nonsense")),
    State("results of offers since changed", "needs.show", results_of_withdrawn_and_changed, more=True),
    State("results after none fits", "needs.show", after_none_fit),
    State("results after one fits", "needs.show", after_fits),
    State("results after a start", "needs.show", after_started),
    State("results of a need that was withdrawn", "needs.show", withdrawn),
    State("results before any search", "needs.show", without_search),
    State("results with an e-mail to confirm", "needs.show", said(ONE, email="waiting@firm.example")),
    State("results with an e-mail confirmed", "needs.show", confirmed),
    State("an answer refused", "", refused, 409),
    State("putting right", "needs.correct", said(SEVERAL, "/correct")),
    State("putting right a word of 600 characters", "needs.correct", said(ONE_WORD, "/correct")),
    State("putting right with errors", "needs.correct", correction_with_errors, 422),
    State("putting right with nothing left", "needs.correct", correction_of_nothing, 422),
    State("none fits", "needs.none_fit", said(SEVERAL, "/facets/1/none-fit")),
    State("none fits without a reason", "needs.none_fit", no_reason_given, 422),
    State("an e-mail to add", "needs.email", said(ONE, "/email")),
    State("an e-mail that is none", "needs.email", wrong_email, 422),
    State("an e-mail written to too often", "needs.email", too_many_mails, 429),
    State("withdrawing", "needs.withdraw_open", said(ONE_WORD, "/withdraw")),
    State("confirming an e-mail", "needs.verify_page", private("verify", "confirming")),
    State("a link used up", "needs.verify_page", at("/needs/verify/long-ago"), 404),
    State("a need's desk", "needs.manage", private("manage", "owner")),
    State("a need's desk after withdrawing", "needs.manage", managed_and_withdrawn),
    State("a desk there is not", "needs.manage", at("/needs/manage/nobodys"), 404),
    State("changing a need", "needs.manage_change", private("manage", "changer", "/change")),
    State("changing a need with errors", "needs.manage_change", change_with_errors, 422),
    *(State(*state) for state in DESK_STATES),
]
