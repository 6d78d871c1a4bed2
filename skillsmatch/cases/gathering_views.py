"""Pages on which officers gather: one need, a survey, the list of businesses; and what became of each."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from skillsmatch.accounts.audit import note
from skillsmatch.accounts.desks import add_desk
from skillsmatch.area.areas import Area
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import kept_files, members, survey
from skillsmatch.cases.blueprint import NUMBER, READERS, cases
from skillsmatch.cases.gathering import CHANNELS, GatheringRefused, Heard, found_for, take_back, write_down
from skillsmatch.cases.gathering_files import MOST_BYTES, errors_csv
from skillsmatch.cases.gathering_forms import FileForm, GatherForm, SaveForm, SurveyForm
from skillsmatch.cases.gathering_models import GatheredFile, GatheredNeed, KnownBusiness
from skillsmatch.cases.kept_files import SavedBefore, checked_again
from skillsmatch.cases.owned_words import me, names_of
from skillsmatch.cases.redaction import redact
from skillsmatch.cases.survey import NotAsShown
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.needs.forms import straddling
from skillsmatch.needs.keeping import new_token, token_digest
from skillsmatch.needs.models import NeedMatch
from skillsmatch.safety import RETRY_AFTER

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY = {"Retry-After": RETRY_AFTER}
PER_PAGE = 20  # rows of a survey that are matched for one page
SHOWN_FAULTS = 100
SHOWN_CHANGES = 50
LATEST = 20
BEST = 3  # offers beside each skill of a need that was written down

add_desk("cases.gathering", "Gathering", *READERS, place=60)


@cases.app_template_filter()
def hide_personal(text: str, business: str = "") -> str:
    """An employer's words with personal data hidden, and the business's own name."""
    return redact(text, business).text


def area() -> Area:
    """The area this service is for."""
    found: Area = current_app.extensions["area"]
    return found


@cases.get("/gathering")
def gathering() -> str:
    """What officers have gathered of late, and the ways to gather more."""
    latest = select(GatheredNeed).options(joinedload(GatheredNeed.need)).order_by(GatheredNeed.id.desc())
    rows = db.session.scalars(latest.where(GatheredNeed.file_id.is_(None)).limit(LATEST)).all()
    files = kept_files.latest(LATEST)
    return render_template(
        "cases/gathering.html",
        rows=rows,
        files=files,
        channels=CHANNELS,
        names=names_of({row.account_id for row in rows}),
        listed=db.session.scalar(select(func.count(KnownBusiness.id))),
        listed_members=db.session.scalar(select(func.count(KnownBusiness.id)).where(KnownBusiness.member)),
    )


@cases.get("/gathering/new")
def gather() -> str:
    """The form, with a one-use token."""
    form = GatherForm()
    form.token.data = new_token()
    if not form.met_on.data:
        form.met_on.data = today()
    return _form(form)


def _form(form: GatherForm, **more: Any) -> str:
    return render_template("cases/gather.html", form=form, straddling=straddling(), **more)


@cases.post("/gathering/new")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def gather_send() -> Answer:
    """Keeps the need and goes to its page; shows the form again, with everything typed, where it cannot."""
    form, who = GatherForm(), me()
    digest = token_digest(form.token.data or "")
    if digest is None:
        form.token.data = new_token()
        form.form_errors.append("This form was cut short. Please send it again. Nothing is lost")
        return _form(form), 422
    if not form.validate():
        return _form(form), 422
    answers = form.answers
    heard = Heard(
        form.channel.data, form.met_on.data, form.occasion.data or "", confirmed=bool(form.confirmed.data)
    )
    found = found_for(answers, area())

    def store() -> int:
        row = write_down(found, answers, heard, f"gathered {digest}", area(), who)
        note("need written down", f"gathered need {row.id}", channel=heard.channel, counted=heard.confirmed)
        return row.id

    try:
        number = keep(store)
    except GatheringRefused as refused:
        form.form_errors.append(str(refused))
        return _form(form), 422
    except (NotSaved, IntegrityError):
        return _form(form, unsaved=True), 503, RETRY
    return redirect(url_for("cases.gathered", number=number), 303)


def _gathered(number: int) -> GatheredNeed:
    return db.session.get(GatheredNeed, number) or abort(404)


@cases.get(f"/gathering/needs/{NUMBER}")
def gathered(number: int) -> str:
    """A need as it was written down: what was understood, and what fits, to tell the employer."""
    return _need_page(_gathered(number))


def _need_page(row: GatheredNeed, **more: Any) -> str:
    facets = row.need.live_facets if row.need.is_open else []
    return render_template(
        "cases/gathered.html",
        row=row,
        need=row.need,
        facets=[(facet, _best(facet.id, row.need.search_round)) for facet in facets],
        themes=load_themes().themes,
        channels=CHANNELS,
        names=names_of({row.account_id}),
        **more,
    )


def _best(facet: int, search_round: int) -> list[NeedMatch]:
    shown = select(NeedMatch).where(NeedMatch.facet_id == facet, NeedMatch.search_round == search_round)
    return list(db.session.scalars(shown.order_by(NeedMatch.position).limit(BEST)))


@cases.post(f"/gathering/needs/{NUMBER}/take-back")
def gathered_take_back(number: int) -> Answer:
    """Withdraws a need that was written down by mistake."""
    _gathered(number)

    def back() -> None:
        take_back(_gathered(number))
        note("need taken back", f"gathered need {number}")

    try:
        keep(back)
    except GatheringRefused as refused:
        return _need_page(_gathered(number), refused=str(refused)), 409
    flash("The need is withdrawn. It no longer counts, and its words are gone.")
    return redirect(url_for("cases.gathered", number=number), 303)


# --- files -------------------------------------------------------------------------------------------


@cases.get("/gathering/survey")
def survey_new() -> str:
    """The form for a survey's file."""
    return _file_form("survey", SurveyForm())


@cases.get("/gathering/members")
def members_new() -> str:
    """The form for a list of businesses."""
    return _file_form("members", FileForm())


def _file_form(kind: str, form: FileForm, **more: Any) -> str:
    spec = kept_files.KINDS[kind]
    return render_template("cases/file_new.html", kind=kind, spec=spec, form=form, **more)


@cases.post("/gathering/survey")
@csrf.exempt  # the form checks its own token, so that a stale one loses nothing that was typed
def survey_send() -> Answer:
    """Takes the file in and goes to the page that shows what it says."""
    form = SurveyForm()
    right = form.validate()
    content = form.content(MOST_BYTES) if right else None
    if content is None:
        return _file_form("survey", form), 422
    return _take("survey", form, content, occasion=form.occasion.data or "", met_on=form.met_on.data)


@cases.post("/gathering/members")
@csrf.exempt  # as above
def members_send() -> Answer:
    """The same for a list of businesses."""
    form = FileForm()
    content = form.content(MOST_BYTES) if form.validate() else None
    return _take("members", form, content) if content is not None else (_file_form("members", form), 422)


def _take(kind: str, form: FileForm, content: bytes, **about: Any) -> Answer:
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
    return redirect(url_for("cases.gathered_file", number=number), 303)


def _file(number: int) -> GatheredFile:
    return db.session.get(GatheredFile, number) or abort(404)


@cases.get(f"/gathering/files/{NUMBER}")
def gathered_file(number: int) -> str:
    """One file: its faults, or how each row would be matched, themed and split, or what became of it."""
    return _file_page(_file(number))


def _file_page(file: GatheredFile, **more: Any) -> str:
    page: dict[str, Any] = {
        "file": file,
        "names": names_of({file.account_id}),
        "form": SaveForm(formdata=None),
    }
    if file.state in kept_files.WAITING:
        checked = checked_again(file, area())
        page["faults"], page["more"] = checked.faults[:SHOWN_FAULTS], len(checked.faults) - SHOWN_FAULTS
        if checked.right and file.kind == "survey":
            pages = -(-len(checked.rows) // PER_PAGE)
            at = min(max(1, request.args.get("page", 1, type=int)), pages)
            page["listing"] = {"page": at, "pages": pages, "total": len(checked.rows)}
            page["seen"] = survey.look(checked.rows[(at - 1) * PER_PAGE : at * PER_PAGE], area())
        elif checked.right:
            page["compared"] = members.compare(checked.rows, area(), SHOWN_CHANGES)
    elif file.state == "saved" and file.kind == "survey":
        saved = select(GatheredNeed).where(GatheredNeed.file_id == file.id).order_by(GatheredNeed.file_row)
        page["saved"] = db.session.scalars(saved.options(joinedload(GatheredNeed.need))).all()
    return render_template("cases/file.html", **{**page, **more})


@cases.get(f"/gathering/files/{NUMBER}/errors.csv")
def gathered_file_errors(number: int) -> Response:
    """The file again, with what is wrong in a last column."""
    file = _file(number)
    if file.state != "faulty":
        abort(404)
    answer = Response(errors_csv(checked_again(file, area())), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"errors-{file.kind}-{number}.csv")
    return answer


@cases.post(f"/gathering/files/{NUMBER}/save")
def gathered_file_save(number: int) -> Answer:
    """Saves every row of the file, or nothing."""
    file, who, confirmed = _file(number), me(), bool(SaveForm().confirmed.data)
    checked = checked_again(file, area())
    if file.state == "read" and not checked.right:
        return _file_page(file, gone=True), 409  # a list of ours has changed since it was found right
    kind, rows = file.kind, checked.rows
    prepared = survey.prepare(checked, area()) if kind == "survey" and file.state == "read" else []

    def save() -> str:
        standing = db.session.get_one(GatheredFile, number, with_for_update=True, populate_existing=True)
        if standing.state == "saved":
            return "The file is saved already."
        if kind == "survey":
            told = survey.save(standing, prepared, area(), confirmed=confirmed, by=who)
            note("survey saved", f"gathered file {number}", needs=told.needs, counted=confirmed)
            aside = f" {told.set_aside} of colleges or providers do not count yet." if told.set_aside else ""
            return f"{told.needs} needs with {told.facets} skills are on record.{aside}"
        counts = members.save(standing, rows, area())
        note("members saved", f"gathered file {number}", new=counts["new"], changed=counts["changed"])
        return f"The list is saved: {counts['new']} new, {counts['changed']} changed."

    try:
        said = keep(save)
    except NotAsShown:
        return _file_page(_file(number), gone=True), 409
    except (NotSaved, IntegrityError):
        db.session.rollback()
        return _file_page(_file(number), unsaved=True), 503, RETRY
    flash(said)
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
