"""`flask work`: what is done beside the web, again and again."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from skillsmatch.addresses import NoAddress
from skillsmatch.database import NotSaved
from skillsmatch.extensions import db

log = logging.getLogger(__name__)

OFTEN = 3.0  # seconds; a mail leaves and an edited offer is found within a few seconds
SOON = 60.0  # seconds; a college hears of a lead within minutes, and a reminder may come any time in its day
LATER = 900.0  # seconds; nobody waits for these by the minute, and all leads are read for them
HOURLY = 3_600.0  # seconds
DAILY = 86_400.0  # seconds
AFTER_TROUBLE = 30.0  # seconds a job rests when its database or disk did not answer


@dataclass
class Job:
    """One thing to do every `every` seconds. `run` is asked to stop early once the event is set."""

    name: str
    every: float
    run: Callable[[threading.Event], object]
    due: float = 0.0  # time.monotonic(); 0 is at once


def send_mail(stop: threading.Event) -> None:
    """Sends the mail that waits; ends after the message in hand once `stop` is set."""
    from skillsmatch.mail.delivery import deliver

    sent, failed = deliver(stop.is_set)
    if sent or failed:
        log.info("mail: %d sent, %d to be tried again", sent, failed)


def refresh_search(_stop: threading.Event) -> None:
    """Brings the search index up to the catalogue."""
    from skillsmatch.offers.indexing import refresh_index

    refresh_index()


def search_waiting(_stop: threading.Event) -> None:
    """Searches for the needs that were kept while there was no index."""
    from flask import current_app

    from skillsmatch.needs import changing

    changing.search_waiting(current_app.extensions["area"])


def forget_old(_stop: threading.Event) -> None:
    """Empties the words and contact of needs and of educators whose time is over, and the sent mails (privacy page)."""
    from skillsmatch.cases import educators, said
    from skillsmatch.mail import outbox
    from skillsmatch.needs import forgetting

    if forgotten := forgetting.forget_old():
        log.info("needs: the words of %d were emptied, their time is over", forgotten)
    if emptied := educators.forget_old():
        log.info("educators: the words of %d were emptied, their time is over", emptied)
    said.forget_said()
    outbox.forget_sent()


def tell_of_leads(_stop: threading.Event) -> None:
    """Reminders to employers, replies whose mail had to wait, and alerts of leads to colleges."""
    from skillsmatch.leads import telling

    if told := telling.tell(telling.SOON):
        log.info("leads: %s", told)


def tell_of_groups(_stop: threading.Event) -> None:
    """Groups of like needs that have become large enough, and releases that touch an alert."""
    from skillsmatch.leads import telling

    if told := telling.tell(telling.LATER):
        log.info("leads: %s", told)


def match_past_needs(_stop: threading.Event) -> None:
    """Holds past unmet needs against offers that came or changed; employers hear of it once an officer approves."""
    from skillsmatch.cases.rematching import rematch

    looked_at, found = rematch()
    if looked_at:
        log.info("cases: %d offers held against past unmet needs, %d new fits", looked_at, found)


def tell_of_cases(_stop: threading.Event) -> None:
    """Mails of cases that had to wait: to employers, as approved, and to providers who were asked."""
    from skillsmatch.cases.telling import tell_waiting

    if told := tell_waiting():
        log.info("cases: %d mails that had waited", told)


def group_needs(_stop: threading.Event) -> None:
    """Puts unmet needs that came in since into groups, for the Chamber's register."""
    from skillsmatch.cases import grouping

    done = grouping.group_new()
    if done.joined or done.gathered:
        log.info("unmet needs: %d joined a group, %d made %d new ones", done.joined, done.gathered, done.groups)


def look_after_accounts(_stop: threading.Event) -> None:
    """Disables accounts not used for a year, drops what is over, and writes the audit log's newest entry down."""
    from skillsmatch.accounts import retention

    done = retention.tidy()
    if any(done.values()):
        log.info(
            "accounts: %(disabled)d disabled, %(forgotten)d forgotten; %(entries)d log entries dropped", done
        )


def let_go_of_hidden(_stop: threading.Event) -> None:
    """Takes offers that nobody has confirmed for a year out of the search, on the day that this comes true."""
    from skillsmatch.offers.freshness import note_hidden

    if hidden := note_hidden():
        log.info("offers: %d are hidden, nobody has confirmed them for a year", hidden)


def keep_table(stop: threading.Event) -> None:
    """Makes the table of all offers that other sites fetch, where the catalogue is large and has changed."""
    from skillsmatch.offers import open_table

    if open_table.keep_table(stop.is_set):
        log.info("offers: the table of all of them was made anew")


def look_after_desks(_stop: threading.Event) -> None:
    """Reminds providers of offers that have come due, drops uploads left waiting, and forgets who did what long ago."""
    from skillsmatch.offers.desk import forgetting, reminding, uploads

    try:
        if reminded := reminding.remind_providers():
            log.info("providers: %d were reminded to look at their offers", reminded)
    except NoAddress as missing:
        log.warning("providers: their reminders wait, %s", missing)
    uploads.drop_left_waiting()
    forgetting.forget_names()


def look_after_surveys(_stop: threading.Event) -> None:
    """Matches and saves the rows of surveys for which their pages had no time."""
    from flask import current_app

    from skillsmatch.cases import kept_files, survey_saving

    if left := survey_saving.save_waiting(current_app.extensions["area"]):
        log.info("gathering: %d rows of a survey are still to be saved", left)
    if left := kept_files.match_waiting(current_app.extensions["area"]):
        log.info("gathering: %d rows of a survey are still to be matched", left)


def drop_gathered_files(_stop: threading.Event) -> None:
    """Forgets surveys and lists of businesses on which no officer has decided for a fortnight."""
    from skillsmatch.cases import kept_files

    if dropped := kept_files.drop_left_waiting():
        log.info("gathering: %d files were dropped, nobody decided on them", dropped)


def jobs() -> list[Job]:
    """Everything this worker does, in order."""
    return [
        Job("mail", OFTEN, send_mail),
        Job("hidden offers", HOURLY, let_go_of_hidden),
        Job("search index", OFTEN, refresh_search),
        Job("waiting needs", OFTEN, search_waiting),
        Job("surveys", OFTEN, look_after_surveys),
        Job("leads", SOON, tell_of_leads),
        Job("table of all offers", HOURLY, keep_table),
        Job("past needs", SOON, match_past_needs),
        Job("mails of cases", SOON, tell_of_cases),
        Job("groups and releases", LATER, tell_of_groups),
        Job("need groups", LATER, group_needs),
        Job("old needs", DAILY, forget_old),
        Job("providers' desks", DAILY, look_after_desks),
        Job("gathered files", DAILY, drop_gathered_files),
        Job("accounts", DAILY, look_after_accounts),
    ]


def work_until(stop: threading.Event, todo: list[Job], *, once: bool = False) -> bool:
    """Does what is due until `stop` is set, or each job once; True where every last run went well.

    A job that fails is logged and rests; the others go on.
    """
    well = {job.name: True for job in todo}
    while not stop.is_set():
        for job in todo:
            if not stop.is_set() and time.monotonic() >= job.due:
                well[job.name] = _do(job, stop)
        if once:
            break
        stop.wait(max(0.0, min(job.due for job in todo) - time.monotonic()))
    return all(well.values())


def _do(job: Job, stop: threading.Event) -> bool:
    rest = job.every
    try:
        job.run(stop)
        return True
    except (NotSaved, SQLAlchemyError, OSError) as error:
        log.warning("%s: put off, %s", job.name, _said(error))
        rest = max(rest, AFTER_TROUBLE)
    except Exception:
        log.exception("%s: failed", job.name)
        rest = max(rest, AFTER_TROUBLE)
    finally:
        _let_go(job)
        job.due = time.monotonic() + rest
    return False


def _let_go(job: Job) -> None:
    """Ends the job's reads, so that the next run sees what others have written since."""
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        log.warning("%s: %s", job.name, _said(error))


def _said(error: BaseException) -> str:
    cause = error.__cause__ if isinstance(error, NotSaved) and error.__cause__ else error
    return f"{type(cause).__name__}: {getattr(cause, 'orig', None) or cause}"


@contextmanager
def stopped_by_signal() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set; afterwards both do again what they did before."""
    stop = threading.Event()

    def asked_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, asked_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is waiting now, then stop.")
@with_appcontext
def work(once: bool) -> None:
    """Send mail, reminders and alerts; keep the search index fresh.

    Runs until it is told to stop (Ctrl-C or SIGTERM), and then ends after the message in hand.
    With --once the exit code is 1 where something could not be done.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s work: %(message)s")
    with stopped_by_signal() as stop:
        well = work_until(stop, jobs(), once=once)
    if once and not well:
        raise click.exceptions.Exit(1)
