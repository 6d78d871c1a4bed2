"""The pages of cases: lists and board, opening one, and one case with everything that is done in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from skillsmatch.accounts.access import current_account
from skillsmatch.accounts.models import Account
from skillsmatch.area.themes import load_themes
from skillsmatch.cases.behind import filed, filed_names
from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.case_facets import facets_of
from skillsmatch.cases.case_forms import HandForm, MoveForm, NoteForm, OpenForm, PlanForm
from skillsmatch.cases.case_history import carried_words, history_of, line_of
from skillsmatch.cases.case_keeping import (
    CaseRefused,
    add_note,
    decide,
    hand_over,
    live_case,
    officers,
    open_case,
    set_plan,
    twins_of,
)
from skillsmatch.cases.case_listing import (
    View,
    board,
    counts_for,
    listing,
    title_of,
)
from skillsmatch.cases.case_models import Case, case_is_here
from skillsmatch.cases.case_moves import NO_ACTION_WHY, RAG, MoveRefused, State
from skillsmatch.cases.fit_mails import outcome_of
from skillsmatch.cases.fits import fits_of, fits_without_case
from skillsmatch.cases.models import NeedGroup, group_here
from skillsmatch.cases.referral_models import QUESTIONS
from skillsmatch.cases.referrals import theme_words, themes_of
from skillsmatch.database import NotSaved, keep
from skillsmatch.extensions import csrf, db
from skillsmatch.forms import clean
from skillsmatch.leads.choosing import names_of
from skillsmatch.leads.wording import WHY_NOT_BY_CODE
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.needs.models import Need

NAMED = 5  # groups without a case, above which training has come
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def me() -> Account:
    """The officer signed in; the blueprint's audience has seen to it that there is one."""
    return current_account() or abort(403)


def the_case(number: int) -> Case:
    """The case with this number, or 404."""
    return db.session.scalar(_numbered(number)) or abort(404)


def held_case(number: int) -> Case:
    """The same, which nobody else changes until this transaction ends: of two officers one waits for the other."""
    return db.session.scalar(_numbered(number).with_for_update(key_share=True)) or abort(404)


def _numbered(number: int) -> Select[tuple[Case]]:
    return select(Case).where(Case.id == number, case_is_here())


@cases.app_template_filter()
def state_words(code: str) -> str:
    """A case's state as officers read it."""
    return State(code).words


@cases.app_template_filter()
def state_within(code: str) -> str:
    """The same within a sentence."""
    return State(code).within


cases.add_app_template_global(live_case)


# --- lists -----------------------------------------------------------------------------------------


@cases.get("/list")
def case_list() -> str:
    """Cases in a list, the first due first, narrowed as the address says."""
    view = View.of(request.args)
    paged = listing(view, me(), request.args.get("page", 1, type=int))
    return _list_page("cases/list.html", view, paged=paged, without=fits_without_case(NAMED))


@cases.get("/board")
def case_board() -> str:
    """The same cases in columns, one for each state."""
    view = View.of(request.args)
    return _list_page("cases/board.html", view, columns=board(view, me()))


def _list_page(template: str, view: View, **more: Any) -> str:
    return render_template(
        template,
        view=view,
        counts=counts_for(me()),
        states=list(State),
        rags=RAG,
        officers=officers(),
        themes=sorted(((t.code, t.name) for t in load_themes().themes.values()), key=lambda pair: pair[1]),
        **more,
    )


# --- opening ---------------------------------------------------------------------------------------


@cases.route("/open", methods=["GET", "POST"])
@csrf.exempt  # the form checks its own token, so that a stale one shows the words again instead of losing them
def open_page() -> Answer:
    """Opens a case about a need group or about a need."""
    form = OpenForm(officers(), formdata=request.form if request.method == "POST" else None)
    asked = request.form if request.method == "POST" else request.args
    group, need = _about(asked.get("group", ""), asked.get("need", ""))
    standing = live_case(group=group, need=need)
    if standing is not None:
        if request.method == "POST":
            flash("An open case is about this already. Here it is.")
        return redirect(url_for("cases.case", number=standing.id), 303)
    if request.method != "POST":
        form.owner.data = str(me().id)
        return _open_page(form, group, need)
    if not form.validate():
        return _open_page(form, group, need), 422
    try:
        number = keep(lambda: _open(form))
    except CaseRefused as refused:
        form.form_errors.append(str(refused))
        return _open_page(form, *_about(asked.get("group", ""), asked.get("need", ""))), 409
    except IntegrityError:  # a colleague opened one in this moment
        about = {"group": form.group.data or None, "need": form.need.data or None}
        return redirect(url_for("cases.open_page", _anchor=None, **about), 303)
    except NotSaved:
        return (
            _open_page(form, *_about(asked.get("group", ""), asked.get("need", "")), unsaved=True),
            503,
            RETRY,
        )
    flash("The case is open.")
    return redirect(url_for("cases.case", number=number), 303)


def _open(form: OpenForm) -> int:
    group, need = _about(form.group.data or "", form.need.data or "")
    case = open_case(
        me(),
        group=group,
        need=need,
        owner=db.session.get(Account, int(form.owner.data)),
        lead=form.lead.data or "",
        due_on=form.due_on.data,
        rag=form.rag.data,
        words=form.words.data or "",
    )
    return case.id


def _about(group: str, need: str) -> tuple[NeedGroup | None, Need | None]:
    """What the case is to be about; 404 where there is no such group or need here."""
    if group:
        number = int(group) if group.isascii() and group.isdigit() and len(group) < 10 else 0
        return group_here(number) or abort(404), None
    named = filed(clean(need)) or abort(404)
    return None, named.need


def _open_page(form: OpenForm, group: NeedGroup | None, need: Need | None, unsaved: bool = False) -> str:
    form.group.data = str(group.id) if group else ""
    form.need.data = filed_names([need.id]).get(need.id, "") if need else ""
    about = group.name if group else f"Need {form.need.data}"
    return render_template(
        "cases/open.html",
        form=form,
        about=about,
        group=group,
        unsaved=unsaved,
    )


# --- one case --------------------------------------------------------------------------------------


@cases.get(f"/case/{NUMBER}")
def case(number: int) -> str:
    """One case: what it is about, what fits now, what was asked and answered, and its history."""
    return _page(the_case(number))


def _page(case: Case, form: Any = None, **more: Any) -> str:
    facets = facets_of(case)
    plan = PlanForm(formdata=None, lead=case.lead, due_on=case.due_on, rag=case.rag)
    ukprns = {referral.ukprn for referral in case.referrals}
    return render_template(
        "cases/case.html",
        case=case,
        title=title_of(case),
        twins=twins_of(case),
        state=State(case.state),
        decision=State(case.decision) if case.decision else None,
        why_none=NO_ACTION_WHY.get(case.no_action_why),
        rag_words=RAG[case.rag],
        themes=theme_words(themes_of(case)),
        needs=len({facet.need_id for facet in facets}),
        filed=filed_names([case.need_id]).get(case.need_id or 0, "") if case.need_id else "",
        fits=fits_of(case),
        outcome=outcome_of(case),
        referrals=case.referrals,
        providers=names_of(ukprns),
        questions=QUESTIONS,
        why_not=WHY_NOT_BY_CODE,
        carried_words=carried_words,
        history=history_of(case),
        form=form,
        move=form if isinstance(form, MoveForm) else MoveForm(case, formdata=None),
        plan=form if isinstance(form, PlanForm) else plan,
        hand=form if isinstance(form, HandForm) else HandForm(officers(), case, formdata=None),
        note=form if isinstance(form, NoteForm) else NoteForm(formdata=None),
        **more,
    )


def _act(
    number: int, form: Any, work: Callable[[Case], Any], done: str | Callable[[Any], str], anchor: str
) -> Answer:
    """Does `work` where the form is right; what is refused is said on the page, with what was typed.

    `done` is what the next page says; where it hangs on what `work` answers, that is asked of it.
    """

    def as_seen() -> Any:
        case = held_case(number)
        _check_seen(case)
        return work(case)

    if not form.validate():
        return _page(the_case(number), form, seen=request.form.get("seen")), 422
    try:
        answer = keep(as_seen)
    except (CaseRefused, MoveRefused) as refused:
        form.form_errors.append(str(refused))
        return _page(the_case(number), form), 409
    except IntegrityError:
        form.form_errors.append("A colleague did the same in this moment. Please look at the case again")
        return _page(the_case(number), form), 409
    except NotSaved:
        return _page(the_case(number), form, seen=request.form.get("seen"), unsaved=True), 503, RETRY
    flash(done if isinstance(done, str) else done(answer))
    return redirect(url_for("cases.case", number=number, _anchor=anchor), 303)


def _check_seen(case: Case) -> None:
    """Refuses (CaseRefused) a form that shows the case as it was before somebody changed it; the words say how."""
    if request.form.get("seen", str(case.last_change.id)) != str(case.last_change.id):
        last = line_of(case.last_change)
        raise CaseRefused(
            f"Since you opened this page, {last.who} {last.words}. "
            "Look at the case, and send this again if it still holds"
        )


@cases.post(f"/case/{NUMBER}/decide")
@csrf.exempt
def case_decide(number: int) -> Answer:
    """Moves the case; a move that makes no sense is refused with the reason."""
    form = MoveForm(the_case(number))

    def work(case: Case) -> None:
        why = form.why.data if form.to.data == State.NO_ACTION else ""
        decide(case, State(form.to.data), me(), form.move_words.data or "", why or "")

    return _act(number, form, work, "The decision is on record.", "history")


@cases.post(f"/case/{NUMBER}/plan")
@csrf.exempt
def case_plan(number: int) -> Answer:
    """Sets lead organisation, due date and colour."""
    form = PlanForm()

    def work(case: Case) -> None:
        set_plan(case, me(), lead=form.lead.data or "", due_on=form.due_on.data, rag=form.rag.data)

    return _act(number, form, work, "The plan is on record.", "plan")


@cases.post(f"/case/{NUMBER}/hand-over")
@csrf.exempt
def case_hand_over(number: int) -> Answer:
    """Gives the case to another officer, who is told by mail."""
    form = HandForm(officers(), the_case(number))

    def work(case: Case) -> str:
        to = db.session.get(Account, int(form.owner.data)) or abort(404)
        told = hand_over(case, to, me(), form.hand_words.data or "")
        if to.id == me().id:
            return "The case is yours now."
        if told:
            return f"The case is handed over. {to.name} is told by mail."
        return f"The case is handed over. No mail could be sent to {to.name}: please tell them yourself."

    return _act(number, form, work, str, "plan")


@cases.post(f"/case/{NUMBER}/note")
@csrf.exempt
def case_note(number: int) -> Answer:
    """Adds a note to the history."""
    form = NoteForm()
    return _act(
        number, form, lambda case: add_note(case, me(), form.note.data), "The note is kept.", "history"
    )
