"""Measures as officers changed them: another title, unit or priority, or no longer followed. Every version is kept.

Triggers refuse to change or delete one, as for the rest of the plan.

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REFUSAL = "what an officer saved of the plan is only added to"
SQLITE = tuple(
    f"CREATE TRIGGER measure_version_{name} BEFORE {what} ON measure_version "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, what in (("stands", "UPDATE"), ("stays", "DELETE"))
)
POSTGRESQL = (
    "CREATE TRIGGER measure_version_stands BEFORE UPDATE OR DELETE ON measure_version "
    "FOR EACH ROW EXECUTE FUNCTION plan_stands()",
)


def upgrade():
    op.create_table(
        "measure_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_measure_version_number_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_version")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_measure_version_code_number")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade():
    op.drop_table("measure_version")
