"""Which decision may follow which, and that every refusal gives its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skillsmatch.cases.case_moves import (
    AGREED,
    CLOSED,
    EXISTS,
    NATIONAL,
    NO_ACTION,
    NO_ACTION_WHY,
    REFERRED,
    REVIEW,
    MoveRefused,
    Said,
    Standing,
    State,
    check_move,
    moves_from,
)

NEW = Standing(REVIEW, owned=True, lead=False, due=False, referred=0, answered=0, told=0)
READY = replace(NEW, lead=True, due=True, referred=2, answered=2, told=3)
WORDS = Said("because")


@pytest.mark.parametrize("before", [state for state in State if state != CLOSED])
@pytest.mark.parametrize("to", [REFERRED, AGREED, EXISTS, NATIONAL])
def test_every_decision_may_follow_every_other_once_it_has_what_it_needs(before: State, to: State) -> None:
    standing = replace(READY, state=before)

    if before == to:
        with pytest.raises(MoveRefused, match="there already"):
            check_move(standing, to, WORDS)
    else:
        check_move(standing, to, WORDS)


@pytest.mark.parametrize(
    ("standing", "to", "said", "reason"),
    [
        (NEW, CLOSED, WORDS, "Take a decision first"),
        (NEW, REFERRED, WORDS, "No provider has been asked"),
        (NEW, AGREED, WORDS, "Name the lead organisation first"),
        (replace(NEW, lead=True), AGREED, WORDS, "Set the due date first"),
        (NEW, EXISTS, Said(), "No employer has been told"),
        (NEW, NATIONAL, Said(), "Say what blocks it"),
        (NEW, NO_ACTION, WORDS, "Choose why"),
        (NEW, NO_ACTION, Said(why="not a reason"), "Choose why"),
        (NEW, NO_ACTION, Said(why="other"), "Say in words"),
        (replace(NEW, owned=False), NATIONAL, WORDS, "Nobody owns this case"),
        (replace(READY, state=REFERRED, answered=1), CLOSED, WORDS, "1 of 2 providers have not answered"),
        (replace(READY, state=REFERRED), CLOSED, WORDS, "a referral is not an outcome"),
        (replace(READY, state=AGREED, told=0), CLOSED, Said(), "no employer has been told"),
        (replace(READY, state=CLOSED), NATIONAL, WORDS, "Open it again first"),
        (replace(READY, state=CLOSED), REVIEW, Said(), "Say why the case is opened again"),
        (replace(READY, state=AGREED), REVIEW, Said(), "Say why the case is reviewed again"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_with_the_reason(
    standing: Standing, to: State, said: Said, reason: str
) -> None:
    with pytest.raises(MoveRefused, match=reason):
        check_move(standing, to, said)


def test_a_case_may_be_closed_from_every_decision_that_is_an_outcome_and_opened_again() -> None:
    for decision in (AGREED, EXISTS, NATIONAL, NO_ACTION):
        check_move(replace(READY, state=decision), CLOSED, Said())
    check_move(replace(READY, state=CLOSED, owned=False), REVIEW, WORDS)


def test_no_action_takes_every_reason_of_the_list() -> None:
    for why in NO_ACTION_WHY:
        check_move(NEW, NO_ACTION, Said("words", why))


def test_the_moves_shown_beforehand_are_those_that_are_taken() -> None:
    for state in State:
        for standing in (replace(NEW, state=state), replace(READY, state=state)):
            for to, barred in moves_from(standing):
                if barred:
                    with pytest.raises(MoveRefused):
                        check_move(standing, to, Said("as said", "too-few"))
                else:
                    check_move(standing, to, Said("as said", "too-few"))
