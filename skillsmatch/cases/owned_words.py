"""Pages on which officers write the service's mails, help and privacy notice: edit, look first, save, go back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.audit import note
from skillsmatch.accounts.desks import add_desk
from skillsmatch.cases.blueprint import LARGEST_ID, NUMBER, READERS, cases
from skillsmatch.cases.case_keeping import names_of_accounts
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf
from skillsmatch.forms import Form
from skillsmatch.safety import RETRY_AFTER
from skillsmatch.texts import history
from skillsmatch.texts.catalogue import MAIL, SORTS, TEXTS, OwnedText, Words
from skillsmatch.texts.history import SavedMeanwhile, WordsRefused
from skillsmatch.texts.markup import as_html
from skillsmatch.texts.models import OwnedWords
from skillsmatch.texts.placeholders import fill
from skillsmatch.texts.reading import filled

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
RETRY = {"Retry-After": RETRY_AFTER}

add_desk("cases.words", "Words", *READERS, place=70)


class WordsForm(Form):
    """A subject, where it is a mail, and the text. What they may say is checked by the text's own rules."""

    based_on = HiddenField()  # the version that was opened
    subject = StringField("Subject")
    body = TextAreaField("Text")

    @property
    def words(self) -> Words:
        """What was typed."""
        return history.cleaned(self.subject.data or "", self.body.data or "")

    @property
    def opened(self) -> int:
        """The version that was opened; -1, which is none, where the form does not say."""
        given = self.based_on.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 11 else -1


def _text(code: str) -> OwnedText:
    return TEXTS.get(code) or abort(404)


def me() -> int | None:
    """The number of the account that is signed in."""
    account = current_account()
    return account.id if account else None


@cases.get("/words")
def words() -> str:
    """Every text there is, by sort, and which of them the Chamber has written itself."""
    newest = history.all_newest()
    return render_template(
        "cases/words.html",
        sorts=[(title, [t for t in TEXTS.values() if t.sort == sort]) for sort, title in SORTS.items()],
        newest=newest,
        unfit={code for code, row in newest.items() if _unfit(row)},
        names=names_of_accounts({row.account_id for row in newest.values()}),
    )


def _unfit(row: OwnedWords) -> bool:
    text = TEXTS.get(row.code)
    return bool(text and not row.standard and text.faults(Words(row.subject, row.body)))


@cases.get("/words/<code>")
def words_edit(code: str) -> str:
    """One text in its boxes, what it may name, and its history."""
    text = _text(code)
    last = history.newest(code)
    standing = history.words_of(last, text)
    form = WordsForm(formdata=None, data={"subject": standing.subject, "body": standing.body})
    form.based_on.data = str(last.id if last else 0)
    return _page(text, form)


def _page(text: OwnedText, form: WordsForm, **more: Any) -> str:
    versions = history.versions(text.code)
    last = versions[0] if versions else None
    return render_template(
        "cases/words_edit.html",
        text=text,
        form=form,
        is_mail=text.sort == MAIL,
        versions=versions,
        names=names_of_accounts({row.account_id for row in versions}),
        standing=history.words_of(last, text),
        unfit=last is not None and _unfit(last),
        **more,
    )


@cases.post("/words/<code>")
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def words_save(code: str) -> Answer:
    """Shows what the words make, or has them stand from now on."""
    text, form, number = _text(code), WordsForm(), me()
    try:
        history.check(text, form.words)
    except WordsRefused as refused:
        form.validate()
        form.subject.errors, form.body.errors = refused.subject, refused.body
        return _page(text, form), 422
    if not form.validate():
        return _page(text, form), 422
    if request.form.get("do") != "save":
        return _page(text, form, preview=_preview(text, form.words))
    typed, opened = form.words, form.opened

    def save() -> bool:
        row = history.save(text, typed, opened, number)
        if row is not None:
            note("words changed", f"text {code}", version=row.id, standard=row.standard)
        return row is not None

    return _after(text, form, save, "These words stand from now on.")


@cases.post(f"/words/<code>/back/{NUMBER}")
def words_back(code: str, number: int) -> Answer:
    """Has the words of an earlier version stand again; number 0 is our own."""
    text, form, who = _text(code), WordsForm(), me()
    opened = form.opened
    if number and history.version(code, number) is None:
        abort(404)

    def back() -> bool:
        row = history.go_back(text, number, opened, who)
        if row is not None:
            note("words taken back", f"text {code}", version=row.id, to=number)
        return row is not None

    earlier = history.words_of(history.version(code, number) if number else None, text)
    form.subject.data, form.body.data = earlier.subject, earlier.body
    said = "The earlier words stand again." if number else "The standard words stand again."
    return _after(text, form, back, said)


def _after(text: OwnedText, form: WordsForm, work: Any, said: str) -> Answer:
    try:
        changed = keep(work)
    except SavedMeanwhile:
        last = history.newest(text.code)
        form.based_on.data = str(last.id if last else 0)
        return _page(text, form, meanwhile=True), 409
    except WordsRefused as refused:
        form.subject.errors, form.body.errors = refused.subject, refused.body
        return _page(text, form), 409
    except NotSaved:
        return _page(text, form, unsaved=True), 503, RETRY
    flash(said if changed else "Nothing was changed: these words stand already.")
    return redirect(url_for("cases.words_edit", code=text.code), 303)


@cases.get(f"/words/<code>/versions/<int(max={LARGEST_ID}):number>")
def words_version(code: str, number: int) -> str:
    """One version as it was saved, and as it reads with examples filled in."""
    text = _text(code)
    row = history.version(code, number) if number else None
    if number and row is None:
        abort(404)
    told = history.words_of(row, text)
    last = history.newest(code)
    form = WordsForm(formdata=None)
    form.based_on.data = str(last.id if last else 0)
    return render_template(
        "cases/words_version.html",
        text=text,
        row=row,
        told=told,
        form=form,
        preview=_preview(text, told),
        stands=(last.id if last else 0) == number,
        names=names_of_accounts({row.account_id if row else None}),
        number=number,
        is_mail=text.sort == MAIL,
    )


def _preview(text: OwnedText, told: Words) -> Any:
    """What the words make, with examples in place of what is not known yet: a letter, or HTML."""
    if text.sort == MAIL:
        return filled(text, told, dict(text.example))
    return as_html(fill(told.body, text.example, text.needed))
