"""The Chamber's own consent to contact, and by what a need that was withdrawn is known when a survey brings it again.

Triggers refuse every change of a consent but its withdrawal, which happens once, and every deletion; SQLite's
`INSERT OR REPLACE` is refused too. Needs gathered before this revision have no digest: their words may be gone.

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REFUSAL = "a consent is only given and withdrawn"
FIXED = ("id", "need_id", "chamber", "wording", "given_at")
CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in FIXED)
STANDS = "EXISTS (SELECT 1 FROM chamber_consent WHERE id = NEW.id)"
SQLITE = (
    f"CREATE TRIGGER chamber_consent_stays BEFORE DELETE ON chamber_consent "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER chamber_consent_stands BEFORE UPDATE ON chamber_consent "
    f"WHEN OLD.withdrawn_at IS NOT NULL OR {CHANGED} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER chamber_consent_is_new BEFORE INSERT ON chamber_consent "
    f"WHEN {STANDS} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    f"""CREATE FUNCTION chamber_consent_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NOT ({CHANGED}) THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION '{REFUSAL}';
    END $$""",
    "CREATE TRIGGER chamber_consent_stands BEFORE UPDATE OR DELETE ON chamber_consent "
    "FOR EACH ROW EXECUTE FUNCTION chamber_consent_stands()",
)
LIVE = sa.text("withdrawn_at IS NULL")


def upgrade():
    op.create_table(
        "chamber_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("chamber", sa.Text(), nullable=False),
        sa.Column("wording", sa.String(12), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at",
            name="ck_chamber_consent_withdrawn_after_given",
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name="fk_chamber_consent_need_id_need"),
        sa.PrimaryKeyConstraint("id", name="pk_chamber_consent"),
    )
    op.create_index("ix_chamber_consent_need_id", "chamber_consent", ["need_id"])
    op.create_index(
        "uq_chamber_consent_live", "chamber_consent", ["need_id"], unique=True,
        sqlite_where=LIVE, postgresql_where=LIVE,
    )  # fmt: skip
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.add_column("gathered_need", sa.Column("said_digest", sa.String(64), nullable=True))
    op.create_index("ix_gathered_need_said_digest", "gathered_need", ["said_digest"])
    op.add_column("gathered_file", sa.Column("withdrawn", sa.Integer(), nullable=False, server_default="0"))


def downgrade():
    op.drop_column("gathered_file", "withdrawn")
    op.drop_index("ix_gathered_need_said_digest", "gathered_need")
    op.drop_column("gathered_need", "said_digest")
    op.drop_table("chamber_consent")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION chamber_consent_stands()")
