"""The words of the boxes an employer ticks, by version, and of the answers a college may give."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

NEAR_KM = 15  # kilometres from the employer's place; how far a small firm sends people for a day


@dataclass(frozen=True, slots=True)
class Wording:
    """What stood beside the boxes. A consent names its version, so that it can be shown what was agreed to."""

    named: str
    nearby: str
    pool: str


# Other words are another version: a version that was shown is never edited, because consents name it.
WORDINGS = MappingProxyType(
    {
        "2026-11": Wording(
            named=(
                "These colleges and training providers may see my need: my words and my answers, such as place, "
                "number of people and budget, my e-mail address and my business name. "
                "They may contact me about it."
            ),
            nearby=(
                f"Every college and training provider that teaches within {NEAR_KM} km of my place, and is "
                "registered here, may see the same, and may contact me about it."
            ),
            pool=(
                "My need may be counted together with like needs of other employers who agree to this. The colleges "
                "that I let see my need then see how many we are. From 5 employers on, the others are told so too. "
                "They are not told who I am."
            ),
        )
    }
)
PRESENT = "2026-11"

# The Chamber's own box. The name of the area's Chamber is put in, and kept with the consent. As above: a version
# that was shown is never edited.
CHAMBER_WORDINGS = MappingProxyType(
    {
        "2026-11": (
            "{chamber} may see my e-mail address and my business name with this need, and may write to me about it. "
            "This box lets no college or training provider see anything."
        )
    }
)
CHAMBER_PRESENT = "2026-11"


def chamber_words(chamber: str, version: str = CHAMBER_PRESENT) -> str:
    """What stands, or stood, beside the Chamber's box."""
    return CHAMBER_WORDINGS[version].format(chamber=chamber)



@dataclass(frozen=True, slots=True)
class WhyNot:
    """One reason why a provider cannot help, in its own words and in those for the employer."""

    code: str
    provider_words: str
    employer_words: str


WHY_NOT = (
    WhyNot("not-taught", "We do not teach this", "they do not teach this"),
    WhyNot("too-few", "Too few people for a class", "there are too few people for a class"),
    WhyNot("full", "Our classes are full", "their classes are full"),
    WhyNot("no-teacher", "We have no teacher for it now", "they have no teacher for it now"),
    WhyNot("wrong-level", "Not at this level", "they do not teach it at this level"),
    WhyNot("times", "Not on these days or at these hours", "they do not teach it on your days or hours"),
    WhyNot("too-far", "Too far from where we teach", "it is too far from where they teach"),
    WhyNot("cost", "Not within this budget", "they cannot do it within your budget"),
    WhyNot("other", "Another reason", "for another reason"),
)
WHY_NOT_BY_CODE = {reason.code: reason for reason in WHY_NOT}
