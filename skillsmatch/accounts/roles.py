"""What an account is for, and so which pages are open to it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person does here. One account may have several: a further education college is provider and college."""

    PROVIDER = "provider"  # keeps its own offers right
    COLLEGE = "college"  # reads demand, in safe totals
    CHAMBER = "chamber"  # reviews unmet needs
    ADMIN = "admin"  # looks after accounts

    @property
    def words(self) -> str:
        """The role as a page names it."""
        return {
            "provider": "training provider",
            "college": "college",
            "chamber": "Chamber officer",
            "admin": "administrator",
        }[self.value]


NEEDS_SECOND_STEP = frozenset(
    {Role.CHAMBER, Role.ADMIN}
)  # they can reach an employer's words, or let others in


class Kind(StrEnum):
    """What sort of organisation an account belongs to."""

    PROVIDER = "provider"
    COLLEGE = "college"
    CHAMBER = "chamber"
    OPERATOR = "operator"  # who runs the service


KIND_OF_ROLE = {
    Role.PROVIDER: Kind.PROVIDER,
    Role.COLLEGE: Kind.COLLEGE,
    Role.CHAMBER: Kind.CHAMBER,
    Role.ADMIN: Kind.OPERATOR,
}
