"""The plan's priorities: all of them, one with its history, and the forms that change them; and its actions."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError

from skillsmatch.accounts.audit import note
from skillsmatch.area.areas import FOLLOWS, Priority
from skillsmatch.area.kinds import load_kinds
from skillsmatch.area.national import load_divisions, load_soc
from skillsmatch.area.priorities import (
    ChangedMeanwhile,
    all_priorities,
    changed_fields,
    history_of,
    save_version,
)
from skillsmatch.area.themes import load_themes
from skillsmatch.cases import actions
from skillsmatch.cases.blueprint import NUMBER
from skillsmatch.cases.measures import all_measures
from skillsmatch.cases.plan import PlanAction
from skillsmatch.cases.plan_blueprint import MEANWHILE, RETRY, Answer, plan, the_area, the_officer
from skillsmatch.cases.plan_forms import ActionForm, PriorityForm, filled_with, version_typed
from skillsmatch.clock import today
from skillsmatch.database import NotSaved, keep
from skillsmatch.words import listed_words


@plan.get("/plan")
def all_of_them() -> str:
    """Every priority there is or was."""
    return render_template("plan/priorities.html", priorities=all_priorities(the_area()), today=today())


@plan.get("/plan/<code>")
def priority(code: str) -> Answer:
    """One priority: what it asks for, its actions and measures, and who changed what."""
    history = history_of(the_area(), code)
    if not history:
        abort(404)
    return render_template(
        "plan/priority.html",
        priority=history[0].priority,
        history=[
            (v, _changed_words(before.priority, v.priority) if before else "", asks_of(v.priority))
            for v, before in zip(history, (*history[1:], None), strict=True)
        ],
        asks=asks_of(history[0].priority),
        actions=[a for a in actions.all_actions() if a.priority == code],
        measures=[m for m in all_measures(the_area()) if m.measure.priority == code],
        standing=actions.standing_words,
        today=today(),
    )


def _changed_words(before: Priority, after: Priority) -> str:
    """What one version changed of the one before, in the words of the form."""
    return listed_words([f"“{label_of(name)}”" for name in changed_fields(before, after)])


def label_of(name: str) -> str:
    """A field of a priority as its form names it."""
    if name in ("themes", "groups"):
        return "Themes"
    return str(getattr(PriorityForm, name).args[0]) if hasattr(PriorityForm, name) else name


def asks_of(one: Priority) -> list[tuple[str, list[str]]]:
    """What a priority asks for, in names: themes, kinds, occupations and sectors; empty ones are left out."""
    known, kinds, soc, divisions = load_themes(), load_kinds(), load_soc(), load_divisions()
    named = {**{g.code: f"All of {g.name}" for g in known.groups.values()}}
    named |= {t.code: t.name for t in known.themes.values()}
    kind_names = {kind.value: kind_words.name for kind, kind_words in kinds.items()}
    sectors = {
        **{s.letter: s.name for s in the_area().sectors},
        **{d.code: d.title for d in divisions.values()},
    }
    found = [
        ("Themes", [named.get(code, code) for code in one.themes]),
        ("Kinds of training", [kind_names.get(code, code) for code in one.kinds]),
        ("Occupations (SOC 2020)", [f"{code} {soc.get(code, '')}".strip() for code in one.soc]),
        ("Sectors (SIC 2007)", [f"{code} {sectors.get(code, '')}".strip() for code in one.sic]),
        ("The scorecard tells besides", [FOLLOWS.get(name, name) for name in one.follows]),
    ]
    return [(words, names) for words, names in found if names]


@plan.route("/plan/new", methods=["GET", "POST"])
def new_priority() -> Answer:
    """A priority that the plan has and this service does not know yet."""
    form = (
        PriorityForm()
        if request.method == "POST"
        else PriorityForm(formdata=None, seen="-1", checked_on=today())
    )
    if request.method != "POST":
        return _priority_form(form, None)
    return _save(form, None)


@plan.route("/plan/<code>/change", methods=["GET", "POST"])
def change_priority(code: str) -> Answer:
    """Changes a priority: the version that stands now stays in its history."""
    history = history_of(the_area(), code)
    if not history:
        abort(404)
    latest = history[0]
    if request.method != "POST":
        return _priority_form(
            PriorityForm(formdata=None, **filled_with(latest.priority, latest.number)), latest.priority
        )
    return _save(PriorityForm(), latest.priority)


def _priority_form(form: PriorityForm, before: Priority | None, **page: object) -> str:
    return render_template("plan/priority_form.html", form=form, before=before, **page)


def _save(form: PriorityForm, before: Priority | None) -> Answer:
    if before is not None:
        form.code.data = before.code
    if not form.validate():
        return _priority_form(form, before), 422
    seen = version_typed(form.seen) if before is not None else -1
    wanted = form.priority()
    if before is None and (taken := _known_as(wanted.code)):
        form.code.errors = [f"There is a priority {taken} already. Choose another code, or change that one"]
        return _priority_form(form, before), 422

    def work() -> None:
        row = save_version(the_area(), wanted, seen, the_officer(), form.why.data or "")
        changed = changed_fields(before, wanted) if before else ["new"]
        note("priority saved", f"priority {row.code}", version=row.number, changed=changed)

    try:
        keep(work)
    except (ChangedMeanwhile, IntegrityError):
        now_stands = history_of(the_area(), wanted.code)[0]
        form.form_errors.append(MEANWHILE)
        form.seen.data = str(now_stands.number)
        return _priority_form(form, now_stands.priority), 409
    except NotSaved:
        return _priority_form(form, before, unsaved=True), 503, RETRY
    flash(f"{wanted.code} is saved.")
    return redirect(url_for("plan.priority", code=wanted.code), 303)


def _known_as(code: str) -> str:
    """The code that stands already and is read as this one, in capitals or not; "" where it is free."""
    return next((p.code for p in all_priorities(the_area()) if p.code.casefold() == code.casefold()), "")


# --- actions --------------------------------------------------------------------------------------


@plan.get("/actions")
def action_list() -> str:
    """Every action: who owns it, by when, done or not."""
    found, chosen = actions.all_actions(), request.args.get("show", "")
    shown = [a for a in found if chosen != "overdue" or a.is_overdue(today())]
    return render_template(
        "plan/actions.html",
        actions=shown,
        chosen=chosen,
        overdue=sum(a.is_overdue(today()) for a in found),
        total=len(found),
        removed=actions.removed_actions(),
        standing=actions.standing_words,
        today=today(),
    )


@plan.route("/actions/new", methods=["GET", "POST"])
def new_action() -> Answer:
    """An action that is not in the plan yet."""
    known = all_priorities(the_area())
    if request.method != "POST":
        wanted = request.args.get("priority", "")
        return _action_form(ActionForm(known, formdata=None, priority=wanted), [])
    return _save_action(ActionForm(known), None, [])


@plan.route(f"/actions/{NUMBER}", methods=["GET", "POST"])
def action(number: int) -> Answer:
    """One action, its form and its history. One that was taken out of the plan can be put back here."""
    versions = actions.versions_of(number)
    if not versions:
        abort(404)
    known = all_priorities(the_area())
    if request.method != "POST":
        values = {name: getattr(versions[0], name) for name in actions.FIELDS}
        return _action_form(
            ActionForm(known, formdata=None, seen=str(versions[0].number), **values), versions
        )
    return _save_action(ActionForm(known), number, versions)


def _action_form(form: ActionForm, versions: list[PlanAction], **page: object) -> str:
    return render_template(
        "plan/action.html",
        form=form,
        versions=versions,
        standing=actions.standing_words,
        rated=actions.rated_words,
        today=today(),
        **page,
    )


def _save_action(form: ActionForm, number: int | None, versions: list[PlanAction]) -> Answer:
    if not form.validate():
        return _action_form(form, versions), 422
    said = actions.Said(**{name: form[name].data for name in actions.FIELDS})
    seen = version_typed(form.seen)

    def work() -> int:
        row = actions.save_action(number, said, seen, the_officer())
        note(
            "action saved",
            f"action {row.action}",
            version=row.number,
            priority=row.priority,
            removed=row.removed,
        )
        return row.action

    try:
        saved = keep(work)
    except (actions.ActionChanged, IntegrityError):
        form.form_errors.append(MEANWHILE)
        newest = actions.versions_of(number) if number else []
        form.seen.data = str(newest[0].number if newest else 0)
        return _action_form(form, newest), 409
    except NotSaved:
        return _action_form(form, versions, unsaved=True), 503, RETRY
    if said.removed:
        flash("The action is out of the plan. Its history is kept.")
        return redirect(url_for("plan.action_list"), 303)
    flash("The action is saved.")
    return redirect(url_for("plan.action", number=saved), 303)
