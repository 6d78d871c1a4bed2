"""Funding rules as dated rows: what each is worth on a day, where that is written, when it was checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from skillsmatch.area.tables import AreaError, Row, read_toml

# The rules that the cost to an employer stands on. An area whose file lacks one of them is refused.
NEEDED = (
    "adult-cofunded-share",
    "apprentice-minimum-wage",
    "apprenticeship-free-age-to",
    "apprenticeship-minimum-length",
    "apprenticeship-over-band",
    "apprenticeship-share",
    "bootcamp-age-from",
    "bootcamp-share-large",
    "bootcamp-share-recruits",
    "bootcamp-share-small",
    "employer-nic-free-to",
    "foundation-age-to",
    "foundation-payment",
    "free-courses-for-jobs",
    "full-price-share",
    "level-7-funded-age-to",
    "levy-out-of-funds-share",
    "levy-pay-bill",
    "low-wage-threshold",
    "t-level-hours",
    "t-level-share",
    "unit-age-from",
    "young-apprentice-payment",
)


@dataclass(frozen=True)
class FundingRule:
    """One rule over one span of days, both ends included."""

    rule: str
    kinds: tuple[str, ...]  # the kinds of training it bears on
    value: float
    unit: str
    valid_from: date
    valid_to: date | None  # None: the end is not known
    source: str
    url: str
    checked_on: date  # the day the source was last read
    words: str  # the rule as an employer reads it

    def holds_on(self, day: date) -> bool:
        """True where `day` falls inside the span."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def share(self) -> float:
        """The value of a percentage as a part of one. Refused (ValueError) for any other unit."""
        if self.unit != "percent":
            raise ValueError(f"{self.rule} is in {self.unit}, not percent")
        return self.value / 100


@dataclass(frozen=True)
class FundingRules:
    """Every rule of an area, by name, oldest first."""

    rows: Mapping[str, tuple[FundingRule, ...]]

    def on(self, rule: str, day: date) -> FundingRule | None:
        """The row of `rule` for `day`: the one in force, else the last that had ended; None before the first.

        A row that had ended is given because training is often planned past the last year published.
        """
        begun = [row for row in self.rows.get(rule, ()) if row.valid_from <= day]
        return begun[-1] if begun else None


def read_rules(path: Path) -> FundingRules:
    """The rules of a funding file.

    Refused (AreaError): a span that ends before it begins, two spans of one rule that overlap, a share over
    100 percent, and a file without one of the rules in NEEDED.
    """
    file = read_toml(path)
    rows: dict[str, list[FundingRule]] = {}
    for row in file.rows("rule"):
        rule = _rule(row)
        before = rows.setdefault(rule.rule, [])
        if before and (before[-1].valid_to is None or before[-1].valid_to >= rule.valid_from):
            raise row.wrong("valid_from", f"{rule.rule} already has a row that holds on {rule.valid_from}")
        before.append(rule)
    _need(rows, file.file)
    return FundingRules({name: tuple(spans) for name, spans in rows.items()})


def _need(rows: Iterable[str], file: str) -> None:
    have = set(rows)
    for name in NEEDED:
        if name not in have:
            raise AreaError(f'{file}: no row has rule = "{name}", and the cost to an employer needs it')


def _rule(row: Row) -> FundingRule:
    unit = row.text("unit")
    start, end = row.day("valid_from"), row.day_or_none("valid_to")
    if end is not None and end < start:
        raise row.wrong("valid_to", f"{end} is before valid_from, {start}")
    kinds = row.many("kinds")
    if not kinds:
        raise row.wrong("kinds", "names no kind of training")
    url = row.text("url")
    if not url.startswith("https://"):
        raise row.wrong("url", f"{url!r} does not begin with https://")
    return FundingRule(
        rule=row.text("rule"),
        kinds=kinds,
        value=row.decimal("value", 0, 100 if unit == "percent" else 1e9),
        unit=unit,
        valid_from=start,
        valid_to=end,
        source=row.text("source"),
        url=url,
        checked_on=row.day("checked_on"),
        words=row.text("words"),
    )
