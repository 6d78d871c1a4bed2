"""Why an offer does not fit: seven reasons the service can find, and six that only an employer can give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, in the words for each reader."""

    code: str
    name: str  # short, for tables and the Chamber's register
    employer_words: str  # beside the box an employer ticks, under "Why does none of these fit?"
    service_words: str = ""  # what the page tells the employer when the service found it; else empty


REASONS = (
    Reason(
        "no-provision",
        "No provision",
        "None of them teaches what we need",
        "We know of no local training in this subject.",
    ),
    Reason(
        "wrong-level",
        "Wrong level",
        "They are too basic or too advanced",
        "There is training in this subject, but not at the level you asked for.",
    ),
    Reason(
        "too-far",
        "Too far",
        "They are too far away",
        "There is training in this subject, but further away than your people can travel.",
    ),
    Reason(
        "wrong-mode-or-time",
        "Wrong way or time",
        "We cannot do those days or hours, or that way of learning",
        "There is training in this subject, but not in the way or at the times you asked for.",
    ),
    Reason(
        "starts-too-late",
        "Starts too late",
        "They start too late",
        "There is training in this subject, but it starts later than you need.",
    ),
    Reason(
        "too-expensive",
        "Too expensive",
        "They cost too much",
        "There is training in this subject, but it costs more than you set aside.",
    ),
    Reason(
        "no-places-or-out-of-date",
        "No places or out of date",
        "They are full, or the dates have passed",
        "There was training in this subject, but its dates have passed or have not been confirmed lately.",
    ),
    Reason("too-long", "Too long", "They take too long"),
    Reason("too-general", "Too general", "They are too general for our work"),
    Reason("language-level", "Language level", "Our people's English is not ready for them"),
    Reason(
        "provider-did-not-respond", "Provider did not respond", "We asked, and the provider did not answer"
    ),
    Reason("bad-experience", "Bad experience", "We have been let down before"),
    Reason("other", "Other", "Another reason"),
)
REASON_BY_CODE = {reason.code: reason for reason in REASONS}
