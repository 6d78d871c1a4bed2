"""The plan: versions of priorities, actions, measures, ambassadors, what educators ask for, reports that were kept.

Triggers refuse every change and deletion of what officers saved: a version, an action, a value, a report.
A later revision that rebuilds one of these (SQLite's batch mode does) has to make its triggers again.

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFUSAL = "what an officer saved of the plan is only added to"
ADDED_TO = ("priority_version", "plan_action", "measure_entry", "kept_report")
SQLITE = tuple(
    f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for table in ADDED_TO
    for name, what in (("stands", "UPDATE"), ("stays", "DELETE"))
)
POSTGRESQL = (
    f"""CREATE FUNCTION plan_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    *(
        f"CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION plan_stands()"
        for table in ADDED_TO
    ),
)


def upgrade():
    op.create_table(
        "priority_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(length=14), nullable=False),
        sa.Column("report", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("soc", sa.JSON(), nullable=False),
        sa.Column("sic", sa.JSON(), nullable=False),
        sa.Column("follows", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sort IN ('priority', 'recommendation')", name=op.f("ck_priority_version_sort_known")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_priority_version_number_from_one")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_priority_version_ends_after_it_begins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority_version")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_priority_version_code_number")),
    )
    op.create_table(
        "plan_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("partners", sa.String(length=500), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("success", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("rag", sa.String(length=5), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("rag IN ('', 'green', 'amber', 'red')", name=op.f("ck_plan_action_rag_known")),
        sa.CheckConstraint(
            "due_on IS NULL OR starts_on IS NULL OR due_on >= starts_on",
            name=op.f("ck_plan_action_due_after_its_start"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_action_number_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_action")),
        sa.UniqueConstraint("action", "number", name=op.f("uq_plan_action_action_number")),
    )
    op.create_index(op.f("ix_plan_action_action"), "plan_action", ["action"], unique=False)
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_measure_code")),
    )
    op.create_table(
        "measure_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_entry")),
    )
    op.create_index("ix_measure_entry_measure_day", "measure_entry", ["measure", "day"], unique=False)
    op.create_table(
        "ambassador",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=120), nullable=False),
        sa.Column("business", sa.String(length=200), nullable=False),
        sa.Column("sector", sa.String(length=1), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reach", sa.String(length=320), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ambassador")),
    )
    op.create_index("ix_ambassador_listed", "ambassador", ["ended_on", "sector"], unique=False)
    op.create_table(
        "ambassador_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "decision IN ('listed', 'not-now')", name=op.f("ck_ambassador_answer_decision_known")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_ambassador_answer_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ambassador_answer")),
        sa.UniqueConstraint("need_id", name=op.f("uq_ambassador_answer_need_id")),
    )
    op.create_table(
        "educator_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("group", sa.String(length=30), nullable=False),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_educator_answer")),
        sa.UniqueConstraint("receipt", name=op.f("uq_educator_answer_receipt")),
    )
    op.create_index(op.f("ix_educator_answer_made_at"), "educator_answer", ["made_at"], unique=False)
    op.create_table(
        "kept_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.Column("kept_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_kept_report_ends_after_it_begins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_report")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade():
    for table in (
        *("kept_report", "educator_answer", "ambassador_answer", "ambassador", "measure_entry", "measure"),
        *("plan_action", "priority_version"),
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION plan_stands()")
