"""What may change about an account: password, address, links sent for both, disabling, handing over, forgetting."""

from __future__ import annotations

from datetime import timedelta

from flask import has_request_context
from sqlalchemy import delete, select

from skillsmatch.accounts import sign_ins
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.inviting import withdraw_all_of
from skillsmatch.accounts.keys import digest_of, new_secret
from skillsmatch.accounts.models import Account, AccountLink, Organisation, SignIn
from skillsmatch.accounts.organisations import NotPossible, other_owners
from skillsmatch.accounts.passwords import hash_password
from skillsmatch.accounts.roles import Role
from skillsmatch.accounts.second_step import turn_off
from skillsmatch.addresses import whole_address
from skillsmatch.clock import now
from skillsmatch.extensions import db
from skillsmatch.mail.outbox import TooManyMessages, post
from skillsmatch.texts.reading import Letter, letter

RESET_MINUTES = 30  # long enough for a slow mail server, short enough that an old mail is worth nothing
EMAIL_MINUTES = 60
# Why an account is disabled, as the pages say it.
BY_ADMINISTRATOR, BY_OPERATOR = "by an administrator", "by the operator"


def account_of(email: str) -> Account | None:
    """The account with this e-mail address, however it is typed."""
    return db.session.scalars(select(Account).where(Account.email == email.strip().lower())).first()


def words_about(account: Account) -> tuple[str, ...]:
    """Words that a password of this account must not be made of."""
    return account.name, account.email, account.organisation.name


def _link(account: Account, purpose: str, minutes: int, email: str = "") -> str:
    """A new link's secret; older links for the same purpose no longer work."""
    db.session.execute(
        delete(AccountLink).where(AccountLink.account_id == account.id, AccountLink.purpose == purpose)
    )
    secret = new_secret()
    db.session.add(
        AccountLink(
            account_id=account.id,
            purpose=purpose,
            email=email,
            secret_digest=digest_of(secret),
            created_at=now(),
            expires_at=now() + timedelta(minutes=minutes),
        )
    )
    return secret


def link_of(purpose: str, secret: str) -> AccountLink | None:
    """The open link of this purpose; None once it was used or has run out, or its account is disabled."""
    asked = select(AccountLink).where(
        AccountLink.purpose == purpose, AccountLink.secret_digest == digest_of(secret)
    )
    found = db.session.scalars(asked).first()
    return found if found and found.is_open(now()) and found.account.is_active else None


def send_reset(account: Account) -> None:
    """Posts a link to choose a new password. Raises TooManyMessages where six such went to the address today."""
    secret = _link(account, "reset", RESET_MINUTES)
    link = whole_address("accounts.choose_password", secret=secret)
    mail = letter("accounts.reset", name=account.name, link=link, minutes=RESET_MINUTES)
    post(f"reset-{digest_of(secret)[:24]}", account.email, mail.subject, mail.body, alone="reset-")


def send_new_address(account: Account, email: str) -> None:
    """Posts a link to the new address, and tells the old one, which the account keeps until the link is used."""
    secret = _link(account, "email", EMAIL_MINUTES, email)
    link = whole_address("accounts.prove_email", secret=secret)
    mail = letter("accounts.email", name=account.name, link=link, minutes=EMAIL_MINUTES, email=email)
    post(f"email-{digest_of(secret)[:24]}", email, mail.subject, mail.body)
    note("new e-mail asked for", f"account {account.id}")
    link = whole_address("accounts.forgotten")
    asked = letter("accounts.change-asked", name=account.name, email=email, link=link)
    _post_change(account, account.email, asked)


def tell(account: Account, what: str, to: str = "") -> None:
    """Tells the account's holder by mail what was changed, so that a stranger's change does not go unseen.

    With `to` it goes to the address that the account had before, to which no reset link goes any more.
    """
    words = {"name": account.name, "what": what}
    if to:
        _post_change(account, to, letter("accounts.changed-before", **words))
    else:
        link = whole_address("accounts.forgotten")
        _post_change(account, account.email, letter("accounts.changed", **words, link=link))


def _post_change(account: Account, to: str, mail: Letter) -> None:
    try:
        post(f"changed-{new_secret()}", to, mail.subject, mail.body, alone="changed-")
    except TooManyMessages:
        note("mail not sent", f"account {account.id}", why="too many today")


def set_password(account: Account, password: str) -> None:
    """The new password stands; every sign-in is ended, and every link that was sent to change the account."""
    account.password_hash, account.password_changed_at = hash_password(password), now()
    ended = sign_ins.end_all(account)
    _end_links(account)
    note("password changed", f"account {account.id}", by=account, sign_ins_ended=ended)
    tell(account, "Its password was changed, and other browsers were signed out.")


def _end_links(account: Account, but: int = 0) -> None:
    """Whoever had the old password or the old mailbox may have asked for them, to come back by."""
    others = delete(AccountLink).where(AccountLink.account_id == account.id, AccountLink.id != but)
    db.session.execute(others)


def set_email(link: AccountLink) -> Account:
    """The new address stands; this link is used up, and one that went to the old address works no more.

    Refused (NotPossible) where another account has it by now.
    """
    account = link.account
    if account_of(link.email) is not None:
        raise NotPossible("Another account has this e-mail address by now")
    before, account.email, link.used_at = account.email, link.email, now()
    _end_links(account, but=link.id)
    note("e-mail changed", f"account {account.id}", by=account, before=before)
    tell(account, f"Its e-mail address is now {account.email}.", to=before)
    return account


def disable(account: Account, why: str) -> None:
    """The person can no longer sign in, and is signed out everywhere at once; invitations they sent end.

    Refused (NotPossible) for the last main contact of an organisation with other people, who would be stranded,
    and for an administrator to whoever is none.
    """
    if not account.is_active:
        return
    _let_change(account)
    _hold_organisation(account)
    if account.owner and not other_owners(account) and _others(account):
        raise NotPossible(
            f"{account.name} is the last main contact of {account.organisation.name}. Hand over first"
        )
    account.disabled_at, account.disabled_why = now(), why
    ended = sign_ins.end_all(account)
    note("account disabled", f"account {account.id}", why=why, sign_ins_ended=ended)
    withdraw_all_of(account)


def _let_change(account: Account) -> None:
    """Refuses (NotPossible) a main contact who is no administrator and would shut one out, or let one in."""
    acting = _acting()
    if account.has(Role.ADMIN) and acting is not None and not acting.has(Role.ADMIN):
        raise NotPossible(
            f"{account.name} is an administrator. Only an administrator can change their account"
        )


def _acting() -> Account | None:
    """Whoever is signed in; None at the command line."""
    from skillsmatch.accounts.access import current_account

    return current_account() if has_request_context() else None


def _hold_organisation(account: Account) -> None:
    """Nobody else of it is disabled or hands over beside this: each might count on the other to stay."""
    db.session.get(Organisation, account.organisation_id, with_for_update=True)


def _others(account: Account) -> bool:
    same = select(Account.id).where(
        Account.organisation_id == account.organisation_id,
        Account.id != account.id,
        Account.disabled_at.is_(None),
    )
    return db.session.scalar(same.limit(1)) is not None


def enable(account: Account) -> None:
    """The person can sign in again, as before, and has another year to do so.

    Refused (NotPossible) to a main contact, where an administrator or the operator has disabled the account, and
    for an administrator to whoever is none.
    """
    _let_change(account)
    acting, why = _acting(), account.disabled_why
    if why in (BY_ADMINISTRATOR, BY_OPERATOR) and acting is not None and not acting.has(Role.ADMIN):
        raise NotPossible(f"{account.name}'s account was disabled {why}. Only an administrator can enable it")
    account.disabled_at, account.disabled_why, account.enabled_at = None, "", now()
    note("account enabled", f"account {account.id}")


def make_owner(account: Account) -> None:
    """The person becomes a main contact. Refused (NotPossible) for a disabled account."""
    if not account.is_active:
        raise NotPossible(f"{account.name}'s account is disabled. Enable it first")
    account.owner = True
    note("made main contact", f"account {account.id}")


def end_owner(account: Account) -> None:
    """The person is a main contact no longer. Refused (NotPossible) for the last one, and as `disable` is."""
    _let_change(account)
    _hold_organisation(account)
    if not other_owners(account):
        raise NotPossible(f"{account.name} is the last main contact. Make somebody else one first")
    account.owner = False
    note("main contact ended", f"account {account.id}")


def take_second_step_off(account: Account) -> None:
    """For a person who has lost phone and codes: the password alone signs in, and leads to setting it up again."""
    turn_off(account)
    ended = sign_ins.end_all(account)
    note("second step taken off", f"account {account.id}", sign_ins_ended=ended)
    tell(account, "Its second step was taken off. You set it up again when you next sign in.")


def forget(account: Account) -> None:
    """Name, address, password and second step are gone; the empty row stays, because the log names it."""
    if account.is_active:
        disable(account, "forgotten")
    db.session.execute(delete(SignIn).where(SignIn.account_id == account.id))
    db.session.execute(delete(AccountLink).where(AccountLink.account_id == account.id))
    account.email, account.name = f"account-{account.id}@forgotten.invalid", "Forgotten account"
    account.password_hash, account.owner, account.disabled_why = "", False, "forgotten"
    turn_off(account)
    note("account forgotten", f"account {account.id}")
