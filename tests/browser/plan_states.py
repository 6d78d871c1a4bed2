"""The plan's pages in their states: name, endpoint, way, status."""

from __future__ import annotations

from tests.browser.account_ways import as_
from tests.browser.plan_ways import (
    ambassadors_listed,
    answers,
    board,
    educators_said,
    educators_sent,
    one_made,
    report_kept,
    scorecard_of_much,
    sent_wrongly,
)
from tests.browser.ways import ONE_WORD

PLAN_STATES = [
    ("the scorecard", "plan.scorecard_page", scorecard_of_much),
    ("the figures", "plan.figures", as_("officer", "/priorities/figures?from=1/4/2025&to=31/3/2026&theme=none")),
    ("the priorities", "plan.all_of_them", as_("officer", "/priorities/plan")),
    ("a priority", "plan.priority", as_("officer", "/priorities/plan/LSIP25-2")),
    (
        *("a priority with errors", "plan.new_priority"),
        sent_wrongly("/priorities/plan/new", "Save", code="a code", soc="99", sic="ZZ", url="example"),
        422,
    ),
    ("changing a priority", "plan.change_priority", as_("officer", "/priorities/plan/LSIP25-3/change")),
    ("the actions", "plan.action_list", as_("officer", "/priorities/actions?show=overdue")),
    ("an action with errors", "plan.new_action", sent_wrongly("/priorities/actions/new", "Save", due_on="soon"), 422),
    ("an action", "plan.action", one_made("action", "/priorities/actions")),
    ("the measures", "plan.measure_list", as_("officer", "/priorities/measures")),
    ("a measure to add", "plan.new_measure", sent_wrongly("/priorities/measures/new", "Add it"), 422),
    (
        *("a measure with errors", "plan.measure"),
        sent_wrongly("/priorities/measures/capital-spent", "Save the value", value="a lot", source=ONE_WORD[:400]),
        422,
    ),
    (
        *("a measure to change with errors", "plan.change_measure"),
        sent_wrongly("/priorities/measures/short-courses/change", "Save", title=ONE_WORD[:300]),
        422,
    ),
    (
        *("places of English with errors", "plan.english_places"),
        sent_wrongly("/priorities/english", "Save the number", value="4.5", source=ONE_WORD[:400]),
        422,
    ),
    ("a kept report", "plan.report", report_kept),
    ("ambassadors and answers", "plan.ambassador_desk", answers),
    ("listing an ambassador", "plan.new_ambassador", sent_wrongly("/priorities/ambassadors/new", "Save"), 422),
    ("an ambassador", "plan.ambassador", one_made("ambassador", "/priorities/ambassadors")),
    ("what educators said", "plan.educator_list", educators_said),
    ("the board's page", "plan.board_page", board),
    ("the LSIP pack", "plan.pack_page", sent_wrongly("/priorities/pack", "Make the pack", first="x"), 422),
    ("ambassadors", "ambassadors.public_list", ambassadors_listed),
    ("the educators' form", "educators.form_page", sent_wrongly("/educators", "Send", email="tutor at college"), 422),
    ("educators thanked", "educators.sent", educators_sent),
]
