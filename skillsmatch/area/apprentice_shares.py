"""The employer's share of apprenticeships, foundation apprenticeships and apprenticeship units."""

from __future__ import annotations

from skillsmatch.area.rules import FundingRule
from skillsmatch.area.shares import (
    LARGE,
    LEVY,
    NON_LEVY,
    OLDEST,
    YOUNGEST,
    Answer,
    Ask,
    Closed,
    not_yet,
    too_young,
)


def apprenticeship(ask: Ask) -> Answer | Closed:
    """The share by age, size and date; at level 7 the full price for people too old to be funded."""
    return _shared_with_government(ask, ask.bands(), _apprentice_notes(ask, ask.bands()))


def foundation(ask: Ask) -> Answer | Closed:
    """As an apprenticeship, for young people only. Few people of 22 to 24 may start."""
    limit = ask.rule("foundation-age-to")
    if limit is None:
        return not_yet(ask, "foundation-age-to")
    young = frozenset(band for band in OLDEST if OLDEST[band] <= limit.value)
    bands = ask.ages - {"25+"} or (frozenset() if ask.ages else young)
    if not bands:
        return Closed("Not open to people aged 25 or over", [limit])
    notes = ask.words("foundation-payment") + _apprentice_notes(ask, bands & young)
    # The few of 22 to 24 who may start are funded as younger people are.
    answer = _shared_with_government(ask, bands & young or young, notes)
    if isinstance(answer, Answer):
        answer.because.append(limit)
    return answer


def unit(ask: Ask) -> Answer | Closed:
    """The share for staff of 19 and over; a range for the young, whose rule for units is not published."""
    start = ask.rule("unit-age-from")
    if start is None:
        return not_yet(ask, "unit-age-from")
    bands = frozenset(band for band in ask.bands() if YOUNGEST[band] >= start.value)
    if not bands:
        return too_young(start)
    answer = _shared_with_government(
        ask, bands, ["A unit is for your own staff, in paid working time."], False
    )
    if isinstance(answer, Answer):
        answer.because.append(start)
    return answer


def _shared_with_government(
    ask: Ask, bands: frozenset[str], notes: list[str], free_is_certain: bool = True
) -> Answer | Closed:
    """The least and the most that the employer's share may be, over everything that is not known."""
    share, free = ask.rule("apprenticeship-share"), ask.rule("apprenticeship-free-age-to")
    levy = ask.rule("levy-out-of-funds-share")
    if share is None or free is None or levy is None:
        return not_yet(ask, "apprenticeship-free-age-to")
    unfunded = _unfunded_at_level_7(ask, bands)
    funded = bands - unfunded
    young = frozenset(band for band in funded if OLDEST[band] <= free.value)
    shares, because, notes = set[float](), list[FundingRule](), list(notes)
    if unfunded:
        shares.add(1.0)
        because += [rule for rule in [ask.rule("level-7-funded-age-to")] if rule]
    if NON_LEVY in ask.payers() and funded:
        shares |= {0.0} if young else set()
        if funded - young or not free_is_certain:
            shares.add(share.share)
            because.append(share)
        if young and free_is_certain:
            because.append(free)
        elif young:
            notes.append("Whether younger staff are free is not published; ask the provider.")
    if LEVY in ask.payers() and funded:
        shares |= {0.0, levy.share}
        because.append(levy)
    if ask.size_band in (None, "50-249") and funded:
        notes += _levy_note(ask, levy)
    return Answer(min(shares), max(shares), because, notes, capped=True)


def _unfunded_at_level_7(ask: Ask, bands: frozenset[str]) -> frozenset[str]:
    limit = ask.rule("level-7-funded-age-to")
    if ask.level != 7 or limit is None:
        return frozenset()
    return frozenset(band for band in bands if OLDEST[band] > limit.value)


def _levy_note(ask: Ask, levy: FundingRule) -> list[str]:
    """Size does not show who pays the levy, so a firm that may pay it reads what that would mean."""
    return ask.words("levy-pay-bill") + ([] if LEVY in ask.payers() else [levy.words])


def _apprentice_notes(ask: Ask, bands: frozenset[str]) -> list[str]:
    notes = [
        "You also pay the apprentice's wage, in training time too.",
        *ask.words("apprentice-minimum-wage"),
    ]
    if bands & {"16-18", "19-21", "22-24"}:
        notes += ask.words("young-apprentice-payment", "employer-nic-free-to")
        extra = ask.rule("small-firm-hiring-payment")
        if extra and ask.kind in extra.kinds and ask.size_band != LARGE:
            notes.append(f"{extra.words} Conditions apply.")
    free = ask.rule("apprenticeship-free-age-to")
    if "22-24" in bands and free and OLDEST["22-24"] > free.value and NON_LEVY in ask.payers():
        notes.append("At 22 to 24 it is free with an education, health and care plan, or after leaving care.")
    return notes + ask.words("apprenticeship-minimum-length")
