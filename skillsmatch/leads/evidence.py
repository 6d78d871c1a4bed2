"""The evidence pack's page and its files: what a provider puts behind its accountability statement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from flask import Response, render_template
from sqlalchemy import func, select

from skillsmatch import clock
from skillsmatch.accounts.access import open_to
from skillsmatch.accounts.roles import Role
from skillsmatch.demand import evidence_files
from skillsmatch.demand.blueprint import demand
from skillsmatch.demand.evidence import Pack, Replies, pack_for
from skillsmatch.demand.guard import reads_employers
from skillsmatch.demand.published import NoSuchTable, editions
from skillsmatch.demand.showing import area, asked
from skillsmatch.extensions import db
from skillsmatch.leads.desk import own_provider, the_account
from skillsmatch.leads.models import LeadReply
from skillsmatch.offers.models import Provider

PREVIEWED = 8  # rows of a table on the page


def replies_of(provider: Provider, since: date) -> Replies:
    """How many replies to leads the provider has sent since that day, of those that are still kept."""
    start = datetime.combine(since, time(), clock.LOCAL).astimezone(UTC).replace(tzinfo=None)
    own = select(func.count(LeadReply.id)).where(
        LeadReply.ukprn == provider.ukprn, LeadReply.sent_at >= start
    )
    return Replies(since, db.session.scalar(own) or 0)


def whole_pack(provider: Provider, period: str) -> Pack:
    """The provider's pack with its replies. Refused (NoSuchTable) as in `pack_for`."""
    years = [e for e in editions() if e.kind == "year" and e.state == "published"]
    edition = next((e for e in years if not period or e.period == period), None)
    return pack_for(provider, area(), period, replies_of(provider, edition.first_day) if edition else None)


@demand.get("/demand/evidence")
@open_to(Role.COLLEGE)
@reads_employers
def evidence() -> str:
    """What the pack will say, and its files."""
    chosen = asked("release")
    provider = own_provider()
    years = [e for e in editions() if e.kind == "year" and e.state == "published"]
    if provider is None or not years:
        return render_template(
            "demand/no_evidence.html", provider=provider, ukprn=the_account().organisation.ukprn
        )
    pack = whole_pack(provider, chosen["release"])
    return render_template(
        "demand/evidence.html",
        pack=pack,
        edition=pack.edition,
        editions=years,
        sections=list(evidence_files.sections_of(pack)),
        replies=evidence_files.replies_words(pack),
        most=PREVIEWED,
    )


@demand.get("/demand/evidence.<any(docx,xlsx):form>")
@open_to(Role.COLLEGE)
@reads_employers
def evidence_file(form: str) -> Response:
    """The pack as a Word document or a workbook, made anew each time: offers change from day to day."""
    chosen = asked("release")
    provider = own_provider()
    if provider is None:
        raise NoSuchTable(
            "We hold no offers of your organisation, so there is nothing to say of its response"
        )
    pack = whole_pack(provider, chosen["release"])
    answer = Response(evidence_files.MAKERS[form](pack, area()), mimetype=evidence_files.TYPES[form])
    name = f"skillsmatch-{pack.edition.period}-evidence-{pack.ukprn}.{form}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
