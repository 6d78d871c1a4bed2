"""One need group: its numbers, the needs behind them, and what an officer can do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from skillsmatch.area.priorities import all_priorities
from skillsmatch.cases.behind import contacts_of, facet_words, filed_names, reachable_facets
from skillsmatch.cases.blueprint import NUMBER, cases
from skillsmatch.cases.forms import MergeForm, RenameForm, SplitForm
from skillsmatch.cases.models import NeedGroup, group_here
from skillsmatch.cases.nearest import FIRST
from skillsmatch.cases.priority import QUARTER
from skillsmatch.cases.register import GroupRow, register
from skillsmatch.cases.register_views import Paged, area, asked, page_asked
from skillsmatch.cases.regrouping import RegroupingRefused, likely_the_same, merge, rename, split
from skillsmatch.cases.remembered import nearest_of, same_words
from skillsmatch.cases.wording import breakdowns
from skillsmatch.database import LARGEST_ID, NotSaved, keep
from skillsmatch.extensions import db
from skillsmatch.forms import listed
from skillsmatch.needs.blueprint import RETRY
from skillsmatch.needs.models import Facet

NEEDS = 25  # on a page
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def the_group(number: int) -> NeedGroup:
    """The group with this number, or the one that it is in now; or 404."""
    return group_here(number) or abort(404)


@cases.get(f"/groups/{NUMBER}")
def group(number: int) -> Answer:
    """The group within the filters; one that was merged leads to the group it is in now."""
    found = the_group(number)
    if found.id != number:
        return redirect(url_for("cases.group", number=found.id, **asked().given), 303)
    return _page(found)


def _page(group: NeedGroup, form: Any = None, **more: Any) -> str:
    """The page, with whichever form was sent as it was sent."""
    filters = asked()
    row: GroupRow | None = next(iter(register(filters, area(), (group.id,))), None)
    paged = Paged.of(row.facets if row else (), page_asked(), NEEDS)
    facets = _facets(paged.rows)
    likely = likely_the_same(group)
    forms = {"rename": RenameForm(formdata=None, name=group.name), "merge": MergeForm(formdata=None)}
    forms["split"] = SplitForm(formdata=None)
    for name, kind in (("rename", RenameForm), ("merge", MergeForm), ("split", SplitForm)):
        forms[name] = form if isinstance(form, kind) else forms[name]
    forms["merge"].other.choices = listed([(str(g.id), f"G{g.id} {g.name}") for g in likely])
    return render_template(
        "cases/group.html",
        group=group,
        row=row,
        filters=filters,
        paged=paged,
        facets=[(facet, facet_words(facet)) for facet in facets],
        names=filed_names([facet.need_id for facet in facets]),
        contacts=contacts_of({facet.need_id for facet in facets}),
        reachable=len(reachable_facets([row.group]).get(row.group, set()) & set(row.facets)) if row else 0,
        details=breakdowns(row, area()) if row else [],
        nearest=nearest_of(row, most=5, first=FIRST) if row else [],
        same=same_words(row) if row else 0,
        titles={p.code: p.title for p in all_priorities(area())},
        quarter=QUARTER,
        form=form,
        likely=likely,
        **forms,
        **more,
    )


def _facets(numbers: Sequence[int]) -> list[Facet]:
    query = select(Facet).where(Facet.id.in_(numbers)).order_by(Facet.id)
    return list(db.session.scalars(query.options(joinedload(Facet.need), joinedload(Facet.signal))))


def _act(number: int, form: Any, work: Callable[[NeedGroup], int], words: str) -> Answer:
    """Does the work, then goes to the group that it names; what is refused is said on the page, nothing lost."""
    if not form.validate():
        return _page(the_group(number), form), 422

    def try_it() -> int:
        group = the_group(number)
        if group.id != number:
            raise RegroupingRefused(f"G{number} was put into this group a moment ago. Look at it again first")
        return work(group)

    try:
        to = keep(try_it)
    except RegroupingRefused as refused:
        form.form_errors.append(str(refused))
        return _page(the_group(number), form), 409
    except NotSaved:
        return _page(the_group(number), form, unsaved=True), 503, RETRY
    flash(words)
    return redirect(url_for("cases.group", number=to, **asked().given), 303)


@cases.post(f"/groups/{NUMBER}/rename")
def rename_group(number: int) -> Answer:
    """Another name; the theme stays."""
    form = RenameForm()

    def work(group: NeedGroup) -> int:
        rename(group, form.name.data or "")
        return group.id

    return _act(number, form, work, "The group has its new name.")


@cases.post(f"/groups/{NUMBER}/merge")
def merge_group(number: int) -> Answer:
    """Puts another group into this one."""
    form = MergeForm()
    other = form.wanted() if form.validate() else None
    if other is None:
        return _page(the_group(number), form), 422

    def work(group: NeedGroup) -> int:
        from_ = group_here(other) if other <= LARGEST_ID else None
        if from_ is None:
            raise RegroupingRefused(f"There is no group with the number G{other}")
        if from_.id != other:
            where = "this group already" if from_.id == group.id else f"G{from_.id}, so choose that one"
            raise RegroupingRefused(f"G{other} is in {where}")
        merge(from_, group)
        return group.id

    return _act(number, form, work, f"G{other} is in this group now.")


@cases.post(f"/groups/{NUMBER}/split")
def split_group(number: int) -> Answer:
    """Takes the chosen needs out, into a group of their own."""
    form = SplitForm()

    def work(group: NeedGroup) -> int:
        return split(group, form.facets.data or [], form.name.data or "").id

    return _act(number, form, work, f"This is the new group, taken out of G{number}.")
