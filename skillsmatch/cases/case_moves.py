"""A case's decisions, which may follow which, and why the others may not. Plain data in, plain data out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a case stands. All but the first and the last are decisions."""

    REVIEW = "review"
    REFERRED = "referred"
    AGREED = "agreed"
    EXISTS = "exists"
    NATIONAL = "national"
    NO_ACTION = "no-action"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        """The state as officers read it."""
        return _WORDS[self]

    @property
    def within(self) -> str:
        """The same within a sentence; names keep their capitals."""
        return self.words[0].lower() + self.words[1:]

    @property
    def is_decision(self) -> bool:
        """True where somebody has decided what is to be done."""
        return self not in (State.REVIEW, State.CLOSED)


REVIEW, REFERRED, AGREED, EXISTS, NATIONAL, NO_ACTION, CLOSED = State
STATES = tuple(state.value for state in State)
DECISIONS = tuple(state.value for state in State if state.is_decision)
_WORDS = {
    REVIEW: "Under review",
    REFERRED: "Referred to providers",
    AGREED: "New provision agreed",
    EXISTS: "Provision exists and employers told",
    NATIONAL: "National blocker, to Skills England",
    NO_ACTION: "No action",
    CLOSED: "Closed",
}
RAG = MappingProxyType({"red": "Red: stuck", "amber": "Amber: at risk", "green": "Green: on track"})


@dataclass(frozen=True, slots=True)
class NoActionWhy:
    """One reason for taking no action, for officers and as its employers read it."""

    code: str
    words: str
    employer_words: str


NO_ACTION_WHY = MappingProxyType(
    {
        why.code: why
        for why in (
            NoActionWhy("too-few", "Too few ask for it", "too few employers ask for it to start a class"),
            NoActionWhy(
                "elsewhere", "Met outside the area or online", "it can be had outside the area or online"
            ),
            NoActionWhy("not-training", "Not a matter of training", "training alone does not solve it"),
            NoActionWhy("no-longer", "No longer asked for", "nobody asks for it any more"),
            NoActionWhy(
                "duplicate", "Another case deals with it", "it is dealt with together with like needs"
            ),
            NoActionWhy("other", "Another reason", "it is not possible now"),
        )
    }
)


class MoveRefused(ValueError):
    """The case cannot go there as things stand; the words say why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has been done in a case so far, as far as it decides where the case may go."""

    state: State
    owned: bool  # whether an officer owns it
    lead: bool  # whether a lead organisation is named
    due: bool  # whether a day is set
    referred: int  # providers asked since it was last opened
    answered: int  # of those, how many have answered
    told: int  # employers written to about training that fits


@dataclass(frozen=True, slots=True)
class Said:
    """What the officer says with a move."""

    words: str = ""
    why: str = ""  # a code of NO_ACTION_WHY


def check_move(now: Standing, to: State, said: Said) -> None:
    """Refuses (MoveRefused) a move that makes no sense, with the reason in words; says nothing otherwise."""
    if to == now.state:
        raise MoveRefused(there_already(to))
    if now.state == CLOSED and to != REVIEW:
        raise MoveRefused("The case is closed. Open it again first")
    if to.is_decision and not now.owned:
        raise MoveRefused(
            "Nobody owns this case. Hand it to somebody first, who then answers for the decision"
        )
    check = _CHECKS.get(to)
    if check is not None:
        check(now, said)


def there_already(state: State) -> str:
    """Why a case is not moved to where it stands."""
    return f"The case is there already: “{state.words}”"


def _to_review(now: Standing, said: Said) -> None:
    if not said.words:
        again = "opened again" if now.state == CLOSED else "reviewed again"
        raise MoveRefused(f"Say why the case is {again}")


def _to_referred(now: Standing, _said: Said) -> None:
    if not now.referred:
        raise MoveRefused("No provider has been asked. Send a referral first: that moves the case by itself")


def _to_agreed(now: Standing, _said: Said) -> None:
    if not now.lead:
        raise MoveRefused("Name the lead organisation first: it is the one that has agreed to run it")
    if not now.due:
        raise MoveRefused("Set the due date first: the day by which the new provision should be there")


def _to_exists(now: Standing, said: Said) -> None:
    if not now.told and not said.words:
        raise MoveRefused(
            "No employer has been told yet. Approve a mail to them first, or say in words how they were told"
        )


def _to_national(_now: Standing, said: Said) -> None:
    if not said.words:
        raise MoveRefused("Say what blocks it nationally, such as a funding rule: Skills England will ask")


def _to_no_action(_now: Standing, said: Said) -> None:
    if said.why not in NO_ACTION_WHY:
        raise MoveRefused("Choose why nothing is to be done: the employers will read it")
    if said.why == "other" and not said.words:
        raise MoveRefused("Say in words why nothing is to be done")


def _to_closed(now: Standing, said: Said) -> None:
    if now.state == REVIEW:
        raise MoveRefused("Take a decision first: a case is closed with the decision that it ends in")
    if now.state == REFERRED:
        waits = now.referred - now.answered
        raise MoveRefused(
            f"{waits} of {now.referred} providers have not answered. Wait, or decide otherwise first"
            if waits
            else "The providers have answered. Decide what comes of it first: a referral is not an outcome"
        )
    if now.state == AGREED and not now.told and not said.words:
        raise MoveRefused(
            "New provision is agreed, and no employer has been told. Tell them first, or say why not"
        )


_CHECKS = {
    REVIEW: _to_review,
    REFERRED: _to_referred,
    AGREED: _to_agreed,
    EXISTS: _to_exists,
    NATIONAL: _to_national,
    NO_ACTION: _to_no_action,
    CLOSED: _to_closed,
}


def moves_from(now: Standing) -> list[tuple[State, str]]:
    """Every other state, with what stands in the way of it where nothing is said besides; "" where nothing does."""
    found = []
    for to in State:
        if to == now.state:
            continue
        try:
            check_move(now, to, Said(words="as said", why="too-few"))
            found.append((to, ""))
        except MoveRefused as refused:
            found.append((to, str(refused)))
    return found
