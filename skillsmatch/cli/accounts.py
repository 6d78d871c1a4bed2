"""`flask accounts`: the first administrator, invitations, ending what should end, and the proof of the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from skillsmatch.accounts.roles import Role
from skillsmatch.cli.saving import refuse_unsaved
from skillsmatch.database import NotSaved
from skillsmatch.safety import SettingsError

if TYPE_CHECKING:
    from skillsmatch.accounts.models import Account

T = TypeVar("T")
HERE = "http://127.0.0.1:8000"  # what `make run` opens; the links of a command's mails, where no setting says better
MOST_FAULTS = 20  # said one by one
UKPRN = click.IntRange(10_000_000, 19_999_999)

accounts = AppGroup("accounts", help="Invite people, end accounts and sign-ins, and prove the audit log.")


def _keep(work: Callable[[], T]) -> T:
    """Does it in one transaction, or says in a sentence why not."""
    from skillsmatch.accounts.organisations import NotPossible
    from skillsmatch.database import keep
    from skillsmatch.mail.outbox import TooManyMessages

    config, given = current_app.config, current_app.config["BASE_URL"]
    config["BASE_URL"] = given or HERE
    try:
        return keep(work)
    except NotPossible as error:
        raise click.ClickException(f"{error}.") from None
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    except TooManyMessages as error:
        raise click.ClickException(f"{error} has had its mails for today. Try again tomorrow.") from None
    except (NotSaved, DBAPIError) as error:
        refuse_unsaved(error, "nothing was changed")
    finally:
        config["BASE_URL"] = given


def _address(_context: click.Context, _option: click.Parameter, given: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(given, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise click.BadParameter(f'"{given}" is not an e-mail address, such as name@firm.co.uk') from None


def _account(email: str) -> Account:
    """The account with this address; else the command ends."""
    from skillsmatch.accounts.changing import account_of
    from skillsmatch.accounts.organisations import NotPossible

    account = account_of(email)
    if account is None:
        raise NotPossible(f"There is no account for {email}. `flask accounts list` shows those there are")
    return account


def _tell_where_mail_goes() -> None:
    config = current_app.config
    if config["SMTP_HOST"]:
        click.echo(f"`flask work` sends the mail by {config['SMTP_HOST']}.")
    else:
        click.echo(f"There is no mail server: `flask work` writes the mail to {config['MAIL_DIR']}.")
    if not config["BASE_URL"]:
        click.echo(f"Its link begins with {HERE}; set SKILLSMATCH_BASE_URL to the service's own address.")


@accounts.command("create-admin")
@click.argument("email", callback=_address)
@click.option("--name", default="", help="The person's name.")
@click.option("--organisation", default="Operator", show_default=True, help="Who runs this service.")
def create_admin(email: str, name: str, organisation: str) -> None:
    """Invite an administrator: the first, or one more.

    They get a link by mail, choose a password and set up their second step. No password passes through here.
    """
    _invite(email, (Role.ADMIN,), None, organisation, name)


@accounts.command("invite")
@click.argument("email", callback=_address)
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]),
    help="What they do here. Give it twice for an FE college: provider and college.",
)  # fmt: skip
@click.option("--ukprn", type=UKPRN, help="The provider's number: the offers loaded under it become theirs.")
@click.option("--organisation", default="", help="The organisation's name, where the UKPRN does not tell it.")
@click.option("--name", default="", help="The person's name.")
@click.option("--main-contact", is_flag=True, help="They may invite and disable colleagues.")
def invite(
    email: str, roles: tuple[str, ...], ukprn: int | None, organisation: str, name: str, main_contact: bool
) -> None:
    """Invite a person by mail.

    The link works once, for 7 days. The first person of an organisation becomes its main contact.
    """
    _invite(email, tuple(map(Role, roles)), ukprn, organisation, name, main_contact)


def _invite(
    email: str,
    roles: tuple[Role, ...],
    ukprn: int | None,
    organisation: str,
    name: str,
    owner: bool = False,
) -> None:
    from skillsmatch.accounts.inviting import invite as send
    from skillsmatch.accounts.organisations import organisation_for

    def work() -> tuple[str, str]:
        home = organisation_for(roles, organisation or _known_as(ukprn), ukprn)
        invitation = send(email, roles, home, name=name, owner=owner)
        return home.name, ", main contact" if invitation.owner else ""

    home, main = _keep(work)
    click.echo(f"{email} is invited to {home} as {' and '.join(role.words for role in roles)}{main}.")
    _tell_where_mail_goes()


def _known_as(ukprn: int | None) -> str:
    """The provider's name in the catalogue."""
    from sqlalchemy import select

    from skillsmatch.extensions import db
    from skillsmatch.offers.models import Provider

    return db.session.scalar(select(Provider.name).where(Provider.ukprn == ukprn)) or "" if ukprn else ""


@accounts.command("list")
def list_accounts() -> None:
    """List the accounts and open invitations."""
    from sqlalchemy import select

    from skillsmatch.accounts.inviting import open_invitations
    from skillsmatch.accounts.models import Account, Organisation
    from skillsmatch.clock import now
    from skillsmatch.extensions import db

    try:
        asked = select(Account).join(Account.organisation).order_by(Organisation.name, Account.email)
        found = list(db.session.scalars(asked))
        for account in found:
            click.echo(_line(account))
        moment = now()
        for one in open_invitations():
            state = f"until {one.expires_at:%Y-%m-%d}" if one.is_open(moment) else "run out"
            click.echo(f"{one.email}  invited, {state}  {', '.join(one.roles)}  {one.organisation.name}")
    except DBAPIError as error:
        refuse_unsaved(error, "nothing was changed")
    if not found:
        click.echo("There are no accounts yet. Make the first: flask accounts create-admin EMAIL --name NAME")


def _line(account: Account) -> str:
    home = account.organisation.name + (
        f" ({account.organisation.ukprn})" if account.organisation.ukprn else ""
    )
    marks = [
        *(["main contact"] if account.owner else []),
        *(["second step"] if account.has_second_step else []),
        *(["demonstration"] if account.demonstration else []),
        *([f"disabled {account.disabled_why}".strip()] if not account.is_active else []),
    ]
    seen = f"{account.last_signed_in_at:%Y-%m-%d}" if account.last_signed_in_at else "never"
    return (
        f"{account.email}  signed in {seen}  {', '.join(account.roles)}  {home}  {'; '.join(marks)}".rstrip()
    )


@accounts.command("disable")
@click.argument("email")
def disable_account(email: str) -> None:
    """Disable an account and sign it out everywhere."""
    from skillsmatch.accounts.changing import BY_OPERATOR, disable

    _keep(lambda: disable(_account(email), BY_OPERATOR))
    click.echo(f"{email} can no longer sign in, and is signed out everywhere.")


@accounts.command("enable")
@click.argument("email")
def enable_account(email: str) -> None:
    """Let a disabled account sign in again."""
    from skillsmatch.accounts.changing import enable

    _keep(lambda: enable(_account(email)))
    click.echo(f"{email} can sign in again.")


@accounts.command("end-sessions")
@click.argument("email")
def end_sessions(email: str) -> None:
    """Sign a person out everywhere."""
    from skillsmatch.accounts.audit import note
    from skillsmatch.accounts.sign_ins import end_all

    def work() -> int:
        account = _account(email)
        ended = end_all(account)
        note("sign-ins ended", f"account {account.id}", sign_ins_ended=ended)
        return ended

    ended = _keep(work)
    click.echo(f"{email}: {ended} sign-in{'' if ended == 1 else 's'} ended.")


@accounts.command("second-step-off")
@click.argument("email")
def second_step_off(email: str) -> None:
    """Take the second step off, for a person who has lost phone and codes.

    Be sure first that it is they who ask. They are signed out, and set it up again when they next sign in.
    """
    from skillsmatch.accounts.changing import take_second_step_off

    _keep(lambda: take_second_step_off(_account(email)))
    click.echo(f"{email}: the second step is off.")


@accounts.command("forget")
@click.argument("email")
@click.confirmation_option(
    prompt="Their name, address and password go for good. Go on?", help="Ask no question."
)
def forget_account(email: str) -> None:
    """Remove a person's name, address and password for good."""
    from skillsmatch.accounts.changing import forget

    _keep(lambda: forget(_account(email)))
    click.echo(
        "Forgotten. The audit log names the old address until its entries are dropped, after 24 months."
    )


@accounts.command("verify-audit")
def verify_audit() -> None:
    """Prove that nobody has tampered with the audit log.

    Exit code 1 where an entry was changed, removed, added or moved. Entries cut off the end are found by the file
    of heads that `flask work` writes each day: keep copies of it on another machine.
    """
    from skillsmatch.accounts.verifying import heads_file, look_through

    try:
        found = look_through()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        refuse_unsaved(error, "nothing was looked at")
    for fault in found.faults[:MOST_FAULTS]:
        click.echo(fault)
    if len(found.faults) > MOST_FAULTS:
        click.echo(f"and {len(found.faults) - MOST_FAULTS} more")
    if not found.heads and found.entries:
        click.echo(
            f"No heads are written yet ({heads_file()}), so entries cut off the end would not be seen."
        )
    if found.faults:
        click.echo(
            f"The audit log is NOT as it was written: {found.entries} entries, {len(found.faults)} faults."
        )
        raise click.exceptions.Exit(1)
    click.echo(f"The audit log is as it was written: {found.entries} entries, {found.heads} heads.")
