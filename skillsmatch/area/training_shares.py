"""The employer's share of every kind of training that is not an apprenticeship."""

from __future__ import annotations

from skillsmatch.area.shares import LARGE, OLDEST, Answer, Ask, Closed, not_yet, too_young


def bootcamp(ask: Ask) -> Answer | Closed:
    """A share for present staff, by size of firm; nothing for people who will be hired."""
    small, large = ask.rule("bootcamp-share-small"), ask.rule("bootcamp-share-large")
    recruits, age = ask.rule("bootcamp-share-recruits"), ask.rule("bootcamp-age-from")
    if small is None or large is None or recruits is None or age is None:
        return not_yet(ask, "bootcamp-share-small")
    if not any(OLDEST[band] >= age.value for band in ask.bands()):
        return too_young(age)
    notes = [age.words, "Local terms can differ, so ask before you book."]
    if ask.who_for == "new":
        free = "Nothing to pay for people you will hire"
        return Answer(recruits.share, recruits.share, [recruits], notes, free)
    because = [small, large] if ask.size_band is None else [large if ask.size_band == LARGE else small]
    if ask.who_for != "present":
        because.append(recruits)
    shares = [rule.share for rule in because]
    return Answer(min(shares), max(shares), because, notes, of_what="the training price for your own staff")


def free_course(ask: Ask) -> Answer | Closed:
    """Nothing for people who qualify, the full price for those who do not."""
    rule, pay = ask.rule("free-courses-for-jobs"), ask.rule("low-wage-threshold")
    if rule is None or pay is None:
        return not_yet(ask, "low-wage-threshold")
    if not any(OLDEST[band] >= rule.value for band in ask.bands()):
        return too_young(rule)
    notes = ["Free for each person who qualifies; the full price for anyone who does not."]
    return Answer(0.0, 1.0, [rule, pay], notes)


def adult_basics(ask: Ask) -> Answer | Closed:
    """English for speakers of other languages, and functional skills: free on low pay, else a part."""
    rule, pay = ask.rule("adult-cofunded-share"), ask.rule("low-wage-threshold")
    if rule is None or pay is None:
        return not_yet(ask, "low-wage-threshold")
    notes = ["A class run only for your firm, at your site, may be charged in full."]
    because = [rule, pay]
    if ask.kind == "functional-skills":
        entitlements = ask.rule("english-maths-free-to"), ask.rule("digital-free-to")
        because = [*(row for row in entitlements if row is not None), rule, pay]
    if "16-18" in ask.ages:
        notes.append("Adult funding starts at 19; at 16 to 18 the price may be charged in full.")
    low = 1.0 if ask.ages == {"16-18"} else 0.0
    high = 1.0 if "16-18" in ask.ages else rule.share
    return Answer(low, high, because, notes)


def placement(ask: Ask) -> Answer | Closed:
    """A T Level placement: no fee to the firm that hosts it."""
    rule = ask.rule("t-level-share")
    if rule is None:
        return not_yet(ask, "t-level-share")
    notes = [
        *ask.words("t-level-hours", "t-level-remote-most"),
        "Someone at your firm looks after the student.",
    ]
    free = "Nothing to pay: hosting a placement is free"
    return Answer(rule.share, rule.share, [rule], notes, free)


def full_price(ask: Ask) -> Answer | Closed:
    """Training that the employer buys at the provider's price."""
    rule = ask.rule("full-price-share")
    if rule is None:
        return not_yet(ask, "full-price-share")
    notes = []
    if ask.kind == "course":
        notes = [
            *ask.words("first-qualification-free-to"),
            "Some colleges charge less for people on low pay; ask.",
        ]
    elif ask.kind == "htq":
        notes = ["The learner may be able to use student finance instead of a fee from you."]
    elif ask.kind in ("leadership-programme", "educator-cpd"):
        notes = ["Local or national programmes sometimes pay part; ask the provider."]
    return Answer(rule.share, rule.share, [rule], notes)
