"""Pages of uploads: choose a file, see what is wrong or what would change, publish, undo; and the history."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from skillsmatch.database import LARGEST_ID, NotSaved
from skillsmatch.extensions import csrf
from skillsmatch.offers.desk import uploads
from skillsmatch.offers.desk.blueprint import (
    RETRY,
    desk,
    mine,
    provider_to_write,
    the_provider,
    the_ukprn,
    who,
)
from skillsmatch.offers.desk.difference import Difference, difference_of
from skillsmatch.offers.desk.forms import PressForm, UploadForm, too_much
from skillsmatch.offers.desk.models import Upload
from skillsmatch.offers.desk.receiving import MOST_ROWS, MOST_SENT, Reading, read_upload
from skillsmatch.offers.desk.undoing import CannotUndo, UndoChanged, Undoing, undo, undoing
from skillsmatch.offers.desk.uploads import NotWaiting, SinceChanged
from skillsmatch.offers.formats import DOCUMENTS, TABLES
from skillsmatch.safety import drain

PAGE_SIZE = 20  # uploads on one page of the history
BESIDE_FILE = 500_000  # bytes of a form besides its file
FORMATS = {form.source: form.name for form in TABLES} | {form.source: form.name for form in DOCUMENTS}
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@desk.get("/uploads")
def list_uploads() -> str:
    """The provider's uploads, the newest first."""
    provider = the_provider()
    total = uploads.count_uploads(provider)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    listed = uploads.last_uploads(provider, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    listing = {"page": page, "pages": pages, "total": total}
    return render_template("desk/uploads.html", uploads=listed, listing=listing, formats=FORMATS)


@desk.get("/uploads/new")
def new_upload() -> str:
    """The form for a file."""
    return show_form(UploadForm())


@desk.post("/uploads/new")
@csrf.exempt  # the form checks its own token, after more than elsewhere may be sent has been allowed
def send_upload() -> Answer:
    """Takes the file in, and goes to the page that says what is wrong with it, or what it would change."""
    request.max_content_length = MOST_SENT + BESIDE_FILE
    try:
        form = UploadForm()
        right = form.validate()
    except RequestEntityTooLarge:
        drain()
        form = UploadForm(formdata=None)
        form.file.errors = [too_much()]
        return show_form(form), 413
    content = form.content() if right else None
    if content is None:
        too_large = bool(form.file.errors) and form.file.errors[0] == too_much()
        return show_form(form), 413 if too_large else 422
    name = form.file.data.filename or ""
    try:
        upload = uploads.take_upload(
            content, name, provider_to_write(), whole=bool(form.whole.data), by=who()
        )
    except NotSaved:
        return show_form(form, unsaved=True), 503, RETRY
    return redirect(url_for("desk.show_upload", number=upload.id), 303)


def show_form(form: UploadForm, **more: Any) -> str:
    """The page with the form for a file."""
    return render_template(
        "desk/upload_new.html", form=form, most_rows=MOST_ROWS, most_mb=MOST_SENT // 1_000_000, **more
    )


@desk.get(f"/uploads/<int(max={LARGEST_ID}):number>")
def show_upload(number: int) -> str:
    """One upload: its faults, or what it would change, or what it has changed."""
    return show(mine(uploads.find_upload(the_provider(), number)))


def show(upload: Upload, difference: Difference | None = None, **more: Any) -> str:
    """The upload's page; a `difference` that is given takes the place of one that is worked out now."""
    page: dict[str, Any] = {"upload": upload, "format": FORMATS.get(upload.format, ""), **more}
    if upload.state in uploads.WAITING and upload.content is not None:
        with read_upload(upload.content, the_ukprn(), whole=upload.whole) as reading:
            page["reading"] = reading
            page["has_table"] = _is_table(reading)
            if reading.checked is not None:
                page["difference"] = difference or difference_of(
                    reading.checked, the_provider(), whole=upload.whole
                )
    if "difference" in page:
        page["form"] = PressForm(formdata=None, data={"mark": page["difference"].mark})
    elif "reading" in page:
        page["form"] = UploadForm(formdata=None, data={"whole": upload.whole})
    page["can_undo"] = upload.state == "applied" and upload.undo is not None
    return render_template("desk/upload.html", most_rows=MOST_ROWS, most_mb=MOST_SENT // 1_000_000, **page)


def _is_table(reading: Reading) -> bool:
    return reading.form is not None and reading.form in TABLES and reading.rows > 0


@desk.get(f"/uploads/<int(max={LARGEST_ID}):number>/errors.csv")
def errors(number: int) -> Answer:
    """The file again with a last column that names what is wrong in each row."""
    upload = mine(uploads.find_upload(the_provider(), number))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "errors.csv"
        with read_upload(upload.content or b"", the_ukprn(), whole=upload.whole, errors=path):
            pass
        found = path.read_bytes() if upload.content and path.exists() else None
    if found is None:
        return render_template("desk/no_errors_file.html", upload=upload), 404
    answer = Response(found, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"errors-upload-{number}.csv")
    return answer


@desk.post(f"/uploads/<int(max={LARGEST_ID}):number>/publish")
def publish(number: int) -> Answer:
    """Publishes what was shown; where that is no longer what would happen, shows the new difference."""
    provider = the_provider()
    upload = mine(uploads.find_upload(provider, number))
    try:
        uploads.publish(upload, request.form.get("mark", ""), who())
    except SinceChanged as moved:
        return show(mine(uploads.find_upload(provider, number)), moved.difference, moved=True), 409
    except NotWaiting:
        return show(mine(uploads.find_upload(provider, number)), gone=True), 409
    except NotSaved:
        return show(mine(uploads.find_upload(provider, number)), unsaved=True), 503, RETRY
    return redirect(url_for("desk.show_upload", number=number), 303)


@desk.post(f"/uploads/<int(max={LARGEST_ID}):number>/drop")
def drop(number: int) -> Answer:
    """Drops an upload that waits."""
    uploads.drop(mine(uploads.find_upload(the_provider(), number)), who())
    flash("The file was dropped. Nothing was changed.")
    return redirect(url_for("desk.list_uploads"), 303)


@desk.get(f"/uploads/<int(max={LARGEST_ID}):number>/undo")
def ask_undo(number: int) -> Answer:
    """What undoing the upload would do."""
    upload = mine(uploads.find_upload(the_provider(), number))
    try:
        return _show_undo(upload, undoing(upload))
    except CannotUndo as refused:
        return render_template("desk/undo.html", upload=upload, refused=str(refused)), 409


def _show_undo(upload: Upload, found: Undoing, **more: Any) -> str:
    form = PressForm(formdata=None, data={"mark": found.mark})
    return render_template("desk/undo.html", upload=upload, found=found, form=form, **more)


@desk.post(f"/uploads/<int(max={LARGEST_ID}):number>/undo")
def do_undo(number: int) -> Answer:
    """Undoes the upload, as it was shown."""
    upload = mine(uploads.find_upload(the_provider(), number))
    try:
        done = undo(upload, request.form.get("mark", ""), who())
    except CannotUndo as refused:
        upload = mine(uploads.find_upload(the_provider(), number))
        return render_template("desk/undo.html", upload=upload, refused=str(refused)), 409
    except UndoChanged:
        upload = mine(uploads.find_upload(the_provider(), number))
        return _show_undo(upload, undoing(upload), moved=True), 409
    if done.left_out:
        flash(f"Left as it is, because it was changed since: {len(done.left_out)}.")
    return redirect(url_for("desk.show_upload", number=number), 303)
