"""Cases with a history that stands, referrals to providers, and past needs matched again with the mails about it.

Triggers refuse every change of the history; an officer's words may be emptied and not changed otherwise.
A later revision that rebuilds case_event or case_note (SQLite's batch mode does) has to make the triggers again.

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = "'review', 'referred', 'agreed', 'exists', 'national', 'no-action', 'closed'"
DECISIONS = "'', 'referred', 'agreed', 'exists', 'national', 'no-action'"
WHY = "'', 'too-few', 'elsewhere', 'not-training', 'no-longer', 'duplicate', 'other'"
EVENTS = (
    "'opened', 'moved', 'noted', 'handed-over', 'lead', 'due', 'rag', "
    "'referred', 'answered', 'fits-found', 'told', 'helped'"
)
REFUSAL = "the history of a case is only added to"
EMPTIED = "NEW.words = '' AND NEW.id = OLD.id AND NEW.case_id = OLD.case_id AND NEW.made_at = OLD.made_at"

SQLITE = (
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for table in ("case_event", "case_note")
    ),
    f"CREATE TRIGGER case_event_stands BEFORE UPDATE ON case_event BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER case_note_stands BEFORE UPDATE ON case_note WHEN NOT ({EMPTIED}) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    f"""CREATE FUNCTION case_history_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    f"""CREATE FUNCTION case_words_may_be_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF {EMPTIED} THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    "CREATE TRIGGER case_event_stands BEFORE UPDATE OR DELETE ON case_event "
    "FOR EACH ROW EXECUTE FUNCTION case_history_stands()",
    "CREATE TRIGGER case_event_stays BEFORE TRUNCATE ON case_event EXECUTE FUNCTION case_history_stands()",
    "CREATE TRIGGER case_note_stays BEFORE DELETE ON case_note "
    "FOR EACH ROW EXECUTE FUNCTION case_history_stands()",
    "CREATE TRIGGER case_note_never_empties BEFORE TRUNCATE ON case_note EXECUTE FUNCTION case_history_stands()",
    "CREATE TRIGGER case_note_stands BEFORE UPDATE ON case_note "
    "FOR EACH ROW EXECUTE FUNCTION case_words_may_be_emptied()",
)


def upgrade():
    _cases()
    _referrals()
    _fits()
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _id():
    return sa.Column("id", sa.Integer(), primary_key=True)


def _to(name, target, **more):
    ondelete = more.pop("ondelete", None)
    return sa.Column(
        name, sa.Integer(), sa.ForeignKey(f"{target}.id", ondelete=ondelete), **{"nullable": False} | more
    )


def _cases():
    op.create_table(
        "unmet_case",
        _id(),
        _to("group_id", "need_group", nullable=True),
        _to("need_id", "need", nullable=True),
        _to("owner_id", "account", nullable=True, ondelete="SET NULL"),
        sa.Column("lead", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("no_action_why", sa.String(12), nullable=False),
        sa.Column("rag", sa.String(5), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("(group_id IS NULL) != (need_id IS NULL)", name="about_one_thing"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_and_when"),
        sa.CheckConstraint("(decision = 'no-action') = (no_action_why != '')", name="no_action_says_why"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state_known"),
        sa.CheckConstraint(f"decision IN ({DECISIONS})", name="decision_known"),
        sa.CheckConstraint(f"no_action_why IN ({WHY})", name="no_action_why_known"),
        sa.CheckConstraint("rag IN ('red', 'amber', 'green')", name="rag_known"),
    )
    for column in ("group_id", "need_id", "owner_id"):
        op.create_index(f"ix_unmet_case_{column}", "unmet_case", [column])
    op.create_index("ix_unmet_case_listed", "unmet_case", ["state", "due_on"])
    live = sa.text("closed_at IS NULL")
    for about in ("group", "need"):
        op.create_index(
            f"uq_unmet_case_live_{about}",
            "unmet_case",
            [f"{about}_id"],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )
    op.create_table(
        "case_note",
        _id(),
        _to("case_id", "unmet_case"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_case_note_case_id", "case_note", ["case_id"])
    op.create_table(
        "case_event",
        _id(),
        _to("case_id", "unmet_case"),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("before", sa.String(200), nullable=False),
        sa.Column("after", sa.String(200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        _to("note_id", "case_note", nullable=True),
        sa.CheckConstraint(f"kind IN ({EVENTS})", name="kind_known"),
    )
    for column in ("case_id", "note_id"):
        op.create_index(f"ix_case_event_{column}", "case_event", [column])


def _referrals():
    op.create_table(
        "case_referral",
        _id(),
        _to("case_id", "unmet_case"),
        sa.Column("ukprn", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(10), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("question IN ('run-new', 'more', 'together')", name="question_known"),
    )
    op.create_index("ix_case_referral_case_id", "case_referral", ["case_id"])
    op.create_index("ix_case_referral_ukprn", "case_referral", ["ukprn", "sent_at"])
    op.create_table(
        "case_referral_lead",
        _to("referral_id", "case_referral", primary_key=True),
        _to("lead_id", "lead", primary_key=True),
    )
    op.create_table(
        "case_referral_answer",
        _id(),
        _to("referral_id", "case_referral"),
        sa.Column("number", sa.Integer(), nullable=False),
        _to("account_id", "account", nullable=True, ondelete="SET NULL"),
        sa.Column("kind", sa.String(6), nullable=False),
        _to("offer_id", "offer", nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reach", sa.String(320), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("referral_id", "number"),
        sa.CheckConstraint("kind IN ('new', 'have', 'cannot')", name="kind_known"),
        sa.CheckConstraint("(kind = 'have') = (offer_id IS NOT NULL)", name="have_names_offer"),
        sa.CheckConstraint("(kind = 'cannot') = (reason != '')", name="cannot_has_reason"),
        sa.CheckConstraint("kind = 'new' OR starts_on IS NULL", name="new_may_have_start"),
    )
    for column in ("account_id", "offer_id"):
        op.create_index(f"ix_case_referral_answer_{column}", "case_referral_answer", [column])


def _fits():
    op.create_table(
        "rematched",
        _id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "looked_at_offer",
        _to("offer_id", "offer", primary_key=True),
        sa.Column("looks", sa.String(16), nullable=False),
    )
    op.create_table(
        "new_fit",
        _to("facet_id", "facet", primary_key=True),
        _to("offer_id", "offer", primary_key=True),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_new_fit_offer_id", "new_fit", ["offer_id"])
    op.create_table(
        "fit_batch",
        _id(),
        _to("case_id", "unmet_case"),
        _to("approved_by", "account", nullable=True, ondelete="SET NULL"),
        sa.Column("approved_at", sa.DateTime(), nullable=False),
    )
    for column in ("case_id", "approved_by"):
        op.create_index(f"ix_fit_batch_{column}", "fit_batch", [column])
    op.create_table(
        "fit_mail",
        _id(),
        _to("batch_id", "fit_batch"),
        _to("need_id", "need"),
        *(
            sa.Column(name, sa.DateTime(), nullable=name != "made_at")
            for name in ("made_at", "posted_at", "dropped_at", "answered_at", "stopped_at")
        ),
        sa.UniqueConstraint("batch_id", "need_id"),
    )
    op.create_index("ix_fit_mail_need", "fit_mail", ["need_id", "made_at"])
    op.create_index("ix_fit_mail_posted_at", "fit_mail", ["posted_at"])
    op.create_table(
        "told_offer",
        _id(),
        _to("mail_id", "fit_mail"),
        _to("facet_id", "facet"),
        _to("offer_id", "offer"),
        sa.Column("said", sa.String(5), nullable=False),
        sa.UniqueConstraint("mail_id", "facet_id", "offer_id"),
        sa.CheckConstraint("said IN ('', 'helps', 'no')", name="said_known"),
    )
    for column in ("facet_id", "offer_id"):
        op.create_index(f"ix_told_offer_{column}", "told_offer", [column])


def downgrade():
    for table in (
        *("told_offer", "fit_mail", "fit_batch", "new_fit", "looked_at_offer", "rematched"),
        *("case_referral_answer", "case_referral_lead", "case_referral"),
        *("case_event", "case_note", "unmet_case"),
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_history_stands()")
        op.execute("DROP FUNCTION case_words_may_be_emptied()")
