"""Pages of files that officers send: a survey or a list of businesses, checked, matched, looked at, and then saved."""

from __future__ import annotations

import logging
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from skillsmatch.accounts.audit import note
from skillsmatch.cases import gathering_counting as counting
from skillsmatch.cases import kept_files, members, survey_rows, survey_saving
from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.cases.gathering_files import MOST_BYTES, errors_csv
from skillsmatch.cases.gathering_forms import FileForm, SaveForm, SurveyForm, too_large
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed
from skillsmatch.cases.gathering_views import RETRY, Answer, area
from skillsmatch.cases.kept_files import SavedBefore, checked_again
from skillsmatch.cases.owned_words import me
from skillsmatch.cases.said import said_before
from skillsmatch.cases.survey import NotAsShown
from skillsmatch.cases.survey_rows import NoIndex
from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.offers.indexing import open_index
from skillsmatch.safety import drain
from skillsmatch.words import count_words

log = logging.getLogger(__name__)

MOST_SENT = 12_000_000  # bytes that are read of a request, so that what is wrong with a large file is told at its box
PER_PAGE = 20  # rows of a survey on one page
SAVED_PER_PAGE = 100  # needs of a saved survey on one page
SHOWN_FAULTS = 100
SHOWN_CHANGES = 50


@cases.get("/gathering/survey")
def survey_new() -> str:
    """The form for a survey's file, or for what was not said yet of one that was sent."""
    form = SurveyForm(formdata=None)
    file = _kept(request.args.get("file", ""))
    form.kept.data = str(file.id) if file else ""
    return _file_form("survey", form)


@cases.get("/gathering/members")
def members_new() -> str:
    """The form for a list of businesses."""
    return _file_form("members", FileForm(formdata=None))


def _file_form(kind: str, form: FileForm, **more: Any) -> str:
    kept = _kept(form.kept.data or "") if isinstance(form, SurveyForm) else None
    return render_template(
        "cases/file_new.html", kind=kind, spec=kept_files.KINDS[kind], form=form, kept=kept, **more
    )


def _kept(number: str) -> GatheredFile | None:
    """A survey that waits, by what a form or an address says of it."""
    if not (number.isascii() and number.isdigit() and len(number) < 11 and int(number) <= LARGEST_ID):
        return None
    file = db.session.get(GatheredFile, int(number))
    return file if file and file.kind == "survey" and file.is_waiting else None


@cases.post("/gathering/survey")
@csrf.exempt  # the form checks its own token, so that a stale one loses nothing that was typed
def survey_send() -> Answer:
    """Takes the file in and goes to the page that shows what it says. A file that came is kept whatever else lacks."""
    request.max_content_length = MOST_SENT
    try:
        form = SurveyForm()
        right = form.validate()
    except RequestEntityTooLarge:
        return _too_large("survey", SurveyForm(formdata=None))
    kept = _kept(form.kept.data or "")
    content = form.content(MOST_BYTES) if form.ours and (form.chosen or not kept) else None
    about = {"occasion": form.occasion.data or "", "met_on": form.met_on.data} if right else {}
    if right and kept and not form.chosen:
        return _name(kept, form, **about)
    if content is None:
        return _file_form("survey", form), 422
    return _take("survey", form, content, **about)


def _name(file: GatheredFile, form: SurveyForm, **about: Any) -> Answer:
    number = file.id
    try:
        keep(lambda: kept_files.name(number, **about))
    except NotSaved:
        return _file_form("survey", form, unsaved=True), 503, RETRY
    return _go_to(number)


@cases.post("/gathering/members")
@csrf.exempt  # as above
def members_send() -> Answer:
    """The same for a list of businesses."""
    request.max_content_length = MOST_SENT
    try:
        form = FileForm()
        right = form.validate()
    except RequestEntityTooLarge:
        return _too_large("members", FileForm(formdata=None))
    content = form.content(MOST_BYTES) if right else None
    return _take("members", form, content) if content is not None else (_file_form("members", form), 422)


def _too_large(kind: str, form: FileForm) -> Answer:
    drain()
    form.file.errors = [too_large(MOST_BYTES)]
    return _file_form(kind, form), 413


def _take(kind: str, form: FileForm, content: bytes, **about: Any) -> Answer:
    """Keeps the file. Where it is not said yet which survey it is, the form comes again and asks for that alone."""
    name, who = form.file.data.filename or "", me()

    def take() -> int:
        file = kept_files.take(content, name, kind, area(), who, **about)
        note(f"{kind} file taken", f"gathered file {file.id}", rows=file.rows, errors=file.errors)
        return file.id

    try:
        number = keep(take)
    except SavedBefore as before:
        form.file.errors = [str(before)]
        return _file_form(kind, form), 409
    except NotSaved:
        return _file_form(kind, form, unsaved=True), 503, RETRY
    if isinstance(form, SurveyForm) and not about:
        form.kept.data = str(number)
        return _file_form(kind, form), 422
    return _go_to(number)


def _go_to(number: int) -> Response:
    _match(number)
    return redirect(url_for("cases.gathered_file", number=number), 303)


def _match(number: int) -> None:
    """Matches a survey's rows for as long as a page may take. What is left is told on the file's page."""
    file = _file(number)
    if file.kind != "survey" or file.state != "read" or not file.is_waiting:
        return
    rows = checked_again(file, area()).rows
    try:
        survey_rows.match_rows(number, rows, area())
    except NoIndex:
        log.warning("a survey waits: there is no search index yet")
    except NotSaved:
        log.warning("a survey's matches could not be kept just now")


def _file(number: int) -> GatheredFile:
    return db.session.get(GatheredFile, number) or abort(404)


@cases.get(f"/gathering/files/{NUMBER}")
def gathered_file(number: int) -> str:
    """One file: its faults, or how each row would be matched, themed and split, or what became of it."""
    return _file_page(_file(number))


def _file_page(file: GatheredFile, **more: Any) -> str:
    page: dict[str, Any] = {
        "file": file,
        "names": names_of_accounts({file.account_id}),
        "form": SaveForm(formdata=None),
    }
    if file.is_waiting:
        checked = checked_again(file, area())
        page["faults"], page["more"] = checked.faults[:SHOWN_FAULTS], len(checked.faults) - SHOWN_FAULTS
        if checked.right and file.kind == "survey":
            page |= _survey_page(file, checked.rows)
        elif checked.right:
            page["compared"] = members.compare(checked.rows, area(), SHOWN_CHANGES)
    elif (file.is_being_saved or file.state == "saved") and file.kind == "survey":
        page |= _saved_page(file)
    return render_template("cases/file.html", **{**page, **more})


def _survey_page(file: GatheredFile, rows: survey_rows.Rows) -> dict[str, Any]:
    """What the page says of a survey that waits: in all, and row by row."""
    only_unmet = request.args.get("show") == "unmet"
    unmet = survey_rows.unmet_rows(file.id) if only_unmet else set()
    listed = [(number, got) for number, got in rows if number in unmet] if only_unmet else list(rows)
    listing = _listing(len(listed), PER_PAGE)
    some = listed[(listing["page"] - 1) * PER_PAGE : listing["page"] * PER_PAGE]
    found = survey_rows.seen_rows(file.id, [number for number, _ in some])
    tally = survey_rows.tally(file.id)
    before = said_before(rows)
    return {
        "stale": len(found) < len(some),
        "listing": listing,
        "only_unmet": only_unmet,
        "tally": tally,
        "cannot_match": tally["rows"] < len(rows) and open_index() is None,
        "kept_days": kept_files.KEPT_WAITING.days,
        "rows_in_all": len(rows),
        "seen": survey_saving.look(some, found, area()),
        "before": len(before.standing),
        "withdrawn": len(before.withdrawn),
        "same_name": kept_files.same_name(file),
    }


def _saved_page(file: GatheredFile) -> dict[str, Any]:
    mine = select(GatheredNeed).where(GatheredNeed.file_id == file.id)
    total = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    listing = _listing(total, SAVED_PER_PAGE)
    some = mine.order_by(GatheredNeed.file_row).options(joinedload(GatheredNeed.need))
    some = some.offset((listing["page"] - 1) * SAVED_PER_PAGE).limit(SAVED_PER_PAGE)
    return {
        "listing": listing,
        "saved": db.session.scalars(some).all(),
        "not_counted": counting.not_counted(file.id),
        "so_far": survey_saving.so_far(file.id),
    }


def _listing(total: int, per_page: int) -> dict[str, int]:
    pages = max(1, -(-total // per_page))
    return {"page": min(max(1, request.args.get("page", 1, type=int)), pages), "pages": pages, "total": total}


@cases.get(f"/gathering/files/{NUMBER}/errors.csv")
def gathered_file_errors(number: int) -> Response:
    """The file again, with what is wrong in a last column."""
    file = _file(number)
    if file.state != "faulty":
        abort(404)
    answer = Response(errors_csv(checked_again(file, area())), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"errors-{file.kind}-{number}.csv")
    return answer


@cases.post(f"/gathering/files/{NUMBER}/match")
def gathered_file_match(number: int) -> Answer:
    """Matches the rows of a survey that are not matched yet, or whose offers have gone since."""
    file = _file(number)
    stale = survey_rows.stale_rows(number)
    if stale and file.is_waiting:
        keep(lambda: survey_rows.forget_rows(number, stale))
    _match(number)
    return redirect(url_for("cases.gathered_file", number=number), 303)


@cases.post(f"/gathering/files/{NUMBER}/save")
def gathered_file_save(number: int) -> Answer:
    """Saves every row of the file."""
    file = _file(number)
    rows = checked_again(file, area()).rows if file.is_waiting else []
    if file.state == "read" and file.is_waiting and not rows:
        return _file_page(file, gone=True), 409  # a list of ours has changed since it was found right
    try:
        said = _save_survey(file, len(rows)) if file.kind == "survey" else _save_members(number, rows)
    except NotAsShown:
        return _file_page(_file(number), gone=True, stale=bool(survey_rows.stale_rows(number))), 409
    except (NotSaved, IntegrityError):
        db.session.rollback()
        return _file_page(_file(number), unsaved=True), 503, RETRY
    flash(said)
    return redirect(url_for("cases.gathered_file", number=number), 303)


def _save_survey(file: GatheredFile, rows: int) -> str:
    """Begins with it where nobody has, and saves as many rows as an answer has time for."""
    number, confirmed = file.id, bool(SaveForm().confirmed.data)
    if file.state == "saved":
        return "The file is saved already."
    if file.is_waiting and survey_rows.stale_rows(number):
        raise NotAsShown

    def begin() -> None:
        standing = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
        if not standing.is_being_saved and standing.state != "saved":
            survey_saving.begin(standing, rows, confirmed=confirmed)
            note("survey saved", f"gathered file {number}", rows=rows, counted=confirmed)

    keep(begin)
    told = survey_saving.go_on(number, area())
    said = f"{count_words(told.needs, 'need')} {'is' if told.needs == 1 else 'are'} on record."
    if told.before:
        were = "row was" if told.before == 1 else "rows were"
        said += f" {told.before:,} {were} on record already, and not doubled."
    if told.withdrawn:
        was = "row was" if told.withdrawn == 1 else "rows were"
        said += f" {told.withdrawn:,} {was} withdrawn before, and left out."
    return said + (f" {count_words(told.left, 'row')} follow within minutes." if told.left else "")


def _save_members(number: int, rows: survey_rows.Rows) -> str:
    """Puts all of them on the list, or none."""
    whole = bool(SaveForm().whole.data)

    def save() -> str:
        standing = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
        if standing.state == "saved":
            return "The file is saved already."
        counts = members.save(standing, rows, area(), whole=whole)
        new, changed, left = counts["new"], counts["changed"], counts["left"]
        note("members saved", f"gathered file {number}", new=new, changed=changed, members_no_longer=left)
        ended = f" Members no longer: {left:,}." if left else ""
        return f"The list is saved: {new} new, {changed} changed.{ended}"

    return keep(save)


@cases.post(f"/gathering/files/{NUMBER}/count")
def gathered_file_count(number: int) -> Answer:
    """Counts the employers of a survey that was saved without the tick."""
    if _file(number).state != "saved" or _file(number).kind != "survey":
        abort(404)

    def count() -> int:
        done = counting.count_file(number)
        if done:
            note("survey counted", f"gathered file {number}", needs=done)
        return done

    done = keep(count)
    flash(f"{count_words(done, 'need')} count from now on." if done != 1 else "1 need counts from now on.")
    return redirect(url_for("cases.gathered_file", number=number), 303)


@cases.post(f"/gathering/files/{NUMBER}/drop")
def gathered_file_drop(number: int) -> Answer:
    """Forgets a file that waits."""
    _file(number)

    def forget() -> bool:
        dropped = kept_files.drop(db.session.get_one(GatheredFile, number, with_for_update=True))
        if dropped:
            note("file dropped", f"gathered file {number}")
        return dropped

    flash("The file is dropped. Nothing of it was saved." if keep(forget) else "The file no longer waited.")
    return redirect(url_for("cases.gathered_file", number=number), 303)
