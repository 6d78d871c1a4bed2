"""The question of who pays, and its answer: the employer's share of the price, with the rules that say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from skillsmatch.area.price_words import long_date
from skillsmatch.area.rules import FundingRule

if TYPE_CHECKING:
    from skillsmatch.area.areas import Area

AGES = ("16-18", "19-21", "22-24", "25+")
SIZE_BANDS = ("0-9", "10-49", "50-249", "250+")
LARGE = "250+"
YOUNGEST = {"16-18": 16, "19-21": 19, "22-24": 22, "25+": 25}
OLDEST = {"16-18": 18, "19-21": 21, "22-24": 24, "25+": 200}

NON_LEVY, LEVY = "non-levy", "levy"


@dataclass(frozen=True)
class Ask:
    """The question. Refused (ValueError): a value not in the lists above, no people, a negative price."""

    kind: str
    price: float | None  # pounds for one person
    people: int | None
    size_band: str | None
    ages: frozenset[str]
    who_for: str | None
    on: date  # the day the training starts
    area: Area
    level: int | None
    max_funding: float | None  # pounds; the most that the government funds for one person

    def __post_init__(self) -> None:
        if self.size_band is not None and self.size_band not in SIZE_BANDS:
            raise ValueError(f"{self.size_band!r} is not a size band ({', '.join(SIZE_BANDS)})")
        if not self.ages <= set(AGES):
            raise ValueError(f"{sorted(self.ages)} are not all age bands ({', '.join(AGES)})")
        if self.who_for not in (None, "present", "new", "both"):
            raise ValueError(f"{self.who_for!r} is not present, new or both")
        if self.people is not None and self.people < 1:
            raise ValueError("people: at least one is needed")
        for name, pounds in (("price", self.price), ("max_funding", self.max_funding)):
            if pounds is not None and not 0 <= pounds < float("inf"):
                raise ValueError(f"{name}: {pounds} is not a sum of pounds")

    def rule(self, name: str) -> FundingRule | None:
        """The row of that rule for the start day; None before its first day."""
        return self.area.funding.on(name, self.on)

    def words(self, *names: str) -> list[str]:
        """The words of those rules, leaving out any that do not hold on the start day."""
        rules = (self.rule(name) for name in names)
        return [rule.words for rule in rules if rule is not None and rule.holds_on(self.on)]

    def bands(self) -> frozenset[str]:
        """The ages asked about; all of them where none is known."""
        return self.ages or frozenset(AGES)

    def payers(self) -> frozenset[str]:
        """Whether this firm may pay the levy. Size does not settle it, so an unknown size means either."""
        if self.size_band is None:
            return frozenset({NON_LEVY, LEVY})
        return frozenset({LEVY if self.size_band == LARGE else NON_LEVY})


@dataclass
class Answer:
    """The employer's share of the price, as parts of one, and why."""

    low: float
    high: float
    because: list[FundingRule]
    notes: list[str] = field(default_factory=list)
    free_words: str = "Nothing to pay: the government pays"
    of_what: str = "the training price"
    capped: bool = False  # a price above the funding band maximum is the employer's to pay


@dataclass
class Closed:
    """The training is not open to these people, or nothing is known for that day."""

    words: str
    because: list[FundingRule]


def not_yet(ask: Ask, name: str) -> Closed:
    """Before the first day of a rule nothing is known, and nothing is guessed."""
    first = ask.area.funding.rows[name][0]
    return Closed(f"Not known: our rules begin on {long_date(first.valid_from)}", [first])


def too_young(age: FundingRule) -> Closed:
    """Nobody asked about is as old as `age` says."""
    return Closed(f"Not open to people under {age.value:g}", [age])
