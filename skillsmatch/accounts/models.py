"""Organisation, Account, SignIn, Invitation, AccountLink and the audit log's two tables."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from skillsmatch.accounts.roles import NEEDS_SECOND_STEP, Kind, Role
from skillsmatch.database import Base, one_of

IDLE = timedelta(minutes=30)  # a sign-in unused for so long is over
LONGEST = timedelta(hours=12)  # a sign-in is over then, used or not
PURPOSES = ("reset", "email")


class Organisation(Base):
    """Whom an account belongs to. A provider's is tied to its offers by the UKPRN, and by nothing else."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", tuple(Kind), empty=False),
        CheckConstraint("ukprn BETWEEN 10000000 AND 19999999", name="ukprn_eight_digits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(255))
    ukprn: Mapped[int | None] = mapped_column(unique=True)
    demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(DateTime)

    accounts: Mapped[list[Account]] = relationship(back_populates="organisation")


class Account(Base, UserMixin):
    """One person's way in. `email` is kept in small letters, so that an address has one account however it is typed."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(JSON)
    owner: Mapped[bool] = mapped_column(default=False)  # a main contact: invites and disables colleagues
    demonstration: Mapped[bool] = mapped_column(
        default=False
    )  # signs in only while the service is a demonstration

    password_hash: Mapped[str] = mapped_column(String(255), default="")
    password_changed_at: Mapped[datetime | None] = mapped_column(DateTime)
    totp_sealed: Mapped[str] = mapped_column(String(255), default="")  # encrypted; empty: no second step
    totp_used: Mapped[int] = mapped_column(default=0)  # the last 30 seconds whose code was taken: none twice
    recovery_digests: Mapped[list[str]] = mapped_column(JSON, default=list)

    created_at: Mapped[datetime] = mapped_column(DateTime)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(DateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime)
    disabled_why: Mapped[str] = mapped_column(String(40), default="")
    enabled_at: Mapped[datetime | None] = mapped_column(DateTime)  # last, after it had been disabled

    organisation: Mapped[Organisation] = relationship(back_populates="accounts")

    sign_in_secret = ""  # set for the moment of signing in: what the browser's cookie holds of it

    @validates("email")
    def _small(self, _key: str, email: str) -> str:
        return email.strip().lower()

    @validates("roles")
    def _known(self, _key: str, roles: list[Role]) -> list[str]:
        if not roles:
            raise ValueError("an account has one role or more")
        return [Role(role).value for role in roles]

    @property
    def all_roles(self) -> frozenset[Role]:
        """The roles as such."""
        return frozenset(map(Role, self.roles))

    def has(self, *roles: Role) -> bool:
        """True where the account has one of `roles`."""
        return not self.all_roles.isdisjoint(roles)

    @property
    def needs_second_step(self) -> bool:
        """True where signing in takes a code besides the password, whether or not it is set up yet."""
        return bool(self.all_roles & NEEDS_SECOND_STEP) and not self.demonstration

    @property
    def has_second_step(self) -> bool:
        """True where codes are set up."""
        return bool(self.totp_sealed)

    @property
    def is_active(self) -> bool:
        """False once disabled."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """What Flask-Login puts into the cookie: the secret of this one sign-in, not the account's number."""
        return self.sign_in_secret


class SignIn(Base):
    """One browser that is signed in. Ending the row signs that browser out, whatever its cookie says."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(60), default="")  # "Firefox on Windows"
    second_step: Mapped[str] = mapped_column(
        String(10), default=""
    )  # "code" or "recovery"; empty: none was asked
    created_at: Mapped[datetime] = mapped_column(DateTime)
    last_seen_at: Mapped[datetime] = mapped_column(DateTime)  # to the minute
    ended_at: Mapped[datetime | None] = mapped_column(DateTime, index=True)

    account: Mapped[Account] = relationship()

    def is_live(self, moment: datetime) -> bool:
        """True while the browser is signed in: not ended, not idle for long, not older than half a day."""
        return self.ended_at is None and moment < min(self.last_seen_at + IDLE, self.created_at + LONGEST)


class Invitation(Base):
    """A place kept for somebody, until the link in their mail is used or runs out."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(String(320), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    roles: Mapped[list[str]] = mapped_column(JSON)
    owner: Mapped[bool] = mapped_column(default=False)
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str] = mapped_column(String(320), default="")  # shown to whoever is invited
    inviter_id: Mapped[int | None] = mapped_column(  # empty where the operator invites at the command line
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(DateTime)
    expires_at: Mapped[datetime] = mapped_column(DateTime)
    used_at: Mapped[datetime | None] = mapped_column(DateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime)

    organisation: Mapped[Organisation] = relationship()
    inviter: Mapped[Account | None] = relationship()

    @validates("email")
    def _small(self, _key: str, email: str) -> str:
        return email.strip().lower()

    def is_open(self, moment: datetime) -> bool:
        """True while the link works: not used, withdrawn or run out, and whoever invited is not disabled."""
        if self.inviter is not None and not self.inviter.is_active:
            return False
        return self.used_at is None and self.withdrawn_at is None and moment < self.expires_at


class AccountLink(Base):
    """A link sent to an account's mail, to choose a new password or to prove a new address; it works once."""

    __tablename__ = "account_link"
    __table_args__ = (one_of("purpose", PURPOSES, empty=False),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(320), default="")  # the new address
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    expires_at: Mapped[datetime] = mapped_column(DateTime)
    used_at: Mapped[datetime | None] = mapped_column(DateTime)

    account: Mapped[Account] = relationship()

    def is_open(self, moment: datetime) -> bool:
        """True while the link works."""
        return self.used_at is None and moment < self.expires_at


class AuditEntry(Base):
    """Who did what, when, to what. Rows are only added: a trigger refuses every change (see the migration).

    `digest` is made from this row and the row before, so that a change shows in every row that follows.
    """

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 without a gap
    at: Mapped[datetime] = mapped_column(DateTime, index=True)  # UTC
    account_id: Mapped[int | None] = mapped_column(
        index=True
    )  # no foreign key: the entry outlives the account
    who: Mapped[str] = mapped_column(String(320))
    action: Mapped[str] = mapped_column(String(60), index=True)
    about: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[str] = mapped_column(Text, default="{}")  # JSON, as it went into the digest
    key_name: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(64))


class AuditAnchor(Base):
    """Where the log begins after its oldest rows were dropped. Only rows up to an anchor may go."""

    __tablename__ = "audit_anchor"

    id: Mapped[int] = mapped_column(primary_key=True)
    through: Mapped[int] = mapped_column(unique=True)  # the last entry dropped
    digest: Mapped[str] = mapped_column(String(64))  # of that entry
    at: Mapped[datetime] = mapped_column(DateTime)
    key_name: Mapped[str] = mapped_column(String(8))
    seal: Mapped[str] = mapped_column(String(64))  # made with the audit key, so that nobody else can move it
