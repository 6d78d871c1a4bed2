"""Words the Chamber owns; needs, surveys and businesses it gathers; employers that are one; quotes by consent.

Triggers refuse every change of a consent to be quoted but its withdrawal, which happens once, and every deletion.

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

REFUSAL = "a consent is only given and withdrawn"
FIXED = ("id", "need_id", "wording", "given_at")
CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in FIXED)
SQLITE = (
    f"CREATE TRIGGER quote_consent_stays BEFORE DELETE ON quote_consent "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER quote_consent_stands BEFORE UPDATE ON quote_consent "
    f"WHEN OLD.withdrawn_at IS NOT NULL OR {CHANGED} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    f"""CREATE FUNCTION quote_consent_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NOT ({CHANGED}) THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION '{REFUSAL}';
    END $$""",
    "CREATE TRIGGER quote_consent_stands BEFORE UPDATE OR DELETE ON quote_consent "
    "FOR EACH ROW EXECUTE FUNCTION quote_consent_stands()",
)
LIVE_PAIR, LIVE_CONSENT = sa.text("undone_at IS NULL"), sa.text("withdrawn_at IS NULL")
SIZES = "('', '0-9', '10-49', '50-249', '250+')"


def account(table):
    name = f"fk_{table}_account_id_account"
    return (
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="SET NULL"),
    )


def points_to(table, column, other):
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade():
    op.create_table(
        "owned_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        *account("owned_words"),
        sa.CheckConstraint(
            "NOT standard OR (subject = '' AND body = '')", name="ck_owned_words_standard_is_empty"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_owned_words"),
    )
    op.create_index("ix_owned_words_newest", "owned_words", ["code", "id"])
    op.create_index("ix_owned_words_account_id", "owned_words", ["account_id"])

    op.create_table(
        "employer_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        *account("employer_pair"),
        sa.CheckConstraint("key_id < other_id", name="ck_employer_pair_older_first"),
        points_to("employer_pair", "key_id", "employer_key"),
        points_to("employer_pair", "other_id", "employer_key"),
        sa.PrimaryKeyConstraint("id", name="pk_employer_pair"),
    )
    op.create_index("ix_employer_pair_other_id", "employer_pair", ["other_id"])
    op.create_index("ix_employer_pair_account_id", "employer_pair", ["account_id"])
    op.create_index(
        "uq_employer_pair_live", "employer_pair", ["key_id", "other_id"], unique=True,
        sqlite_where=LIVE_PAIR, postgresql_where=LIVE_PAIR,
    )  # fmt: skip
    op.create_table(
        "merged_employer",
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("root_id", sa.Integer(), nullable=False),
        sa.Column("record_key", sa.Integer(), nullable=False),
        sa.CheckConstraint("key_id <> root_id", name="ck_merged_employer_another"),
        points_to("merged_employer", "key_id", "employer_key"),
        points_to("merged_employer", "root_id", "employer_key"),
        sa.PrimaryKeyConstraint("key_id", name="pk_merged_employer"),
    )
    op.create_index("ix_merged_employer_root_id", "merged_employer", ["root_id"])

    op.create_table(
        "gathered_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("occasion", sa.String(120), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        *account("gathered_file"),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('survey', 'members')", name="ck_gathered_file_kind_known"),
        sa.CheckConstraint(
            "state IN ('faulty', 'read', 'saved', 'dropped')", name="ck_gathered_file_state_known"
        ),
        sa.CheckConstraint(
            "(state IN ('saved', 'dropped')) = (ended_at IS NOT NULL)",
            name="ck_gathered_file_ended_says_when",
        ),
        sa.CheckConstraint("ended_at IS NULL OR content IS NULL", name="ck_gathered_file_ended_is_empty"),
        sa.PrimaryKeyConstraint("id", name="pk_gathered_file"),
    )
    op.create_index("ix_gathered_file_latest", "gathered_file", ["kind", "id"])
    op.create_index("ix_gathered_file_account_id", "gathered_file", ["account_id"])
    op.create_table(
        "gathered_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("occasion", sa.String(120), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("file_row", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        *account("gathered_need"),
        sa.CheckConstraint(
            "channel IN ('event', 'phone', 'visit', 'meeting', 'survey')",
            name="ck_gathered_need_channel_known",
        ),
        sa.CheckConstraint("(file_id IS NULL) = (file_row IS NULL)", name="ck_gathered_need_row_of_a_file"),
        points_to("gathered_need", "need_id", "need"),
        points_to("gathered_need", "file_id", "gathered_file"),
        sa.PrimaryKeyConstraint("id", name="pk_gathered_need"),
        sa.UniqueConstraint("need_id", name="uq_gathered_need_need_id"),
        sa.UniqueConstraint("file_id", "file_row", name="uq_gathered_need_file_id_file_row"),
    )
    op.create_index("ix_gathered_need_account_id", "gathered_need", ["account_id"])
    op.create_table(
        "known_business",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employer_key_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("outcode", sa.String(4), nullable=False),
        sa.Column("district", sa.String(9), nullable=False),
        sa.Column("sic_section", sa.String(1), nullable=False),
        sa.Column("size_band", sa.String(8), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"size_band IN {SIZES}", name="ck_known_business_size_band_known"),
        points_to("known_business", "employer_key_id", "employer_key"),
        points_to("known_business", "file_id", "gathered_file"),
        sa.PrimaryKeyConstraint("id", name="pk_known_business"),
        sa.UniqueConstraint("employer_key_id", name="uq_known_business_employer_key_id"),
    )
    op.create_index("ix_known_business_file_id", "known_business", ["file_id"])

    op.create_table(
        "quote_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(12), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at", name="ck_quote_consent_withdrawn_after_given"
        ),
        points_to("quote_consent", "need_id", "need"),
        sa.PrimaryKeyConstraint("id", name="pk_quote_consent"),
    )
    op.create_index("ix_quote_consent_need_id", "quote_consent", ["need_id"])
    op.create_index(
        "uq_quote_consent_live", "quote_consent", ["need_id"], unique=True,
        sqlite_where=LIVE_CONSENT, postgresql_where=LIVE_CONSENT,
    )  # fmt: skip
    op.create_table(
        "quote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("sector", sa.String(1), nullable=False),
        sa.Column("size", sa.String(8), nullable=False),
        sa.Column("district", sa.String(9), nullable=False),
        sa.Column("described", sa.String(200), nullable=False),
        sa.Column("drafted_at", sa.DateTime(), nullable=False),
        sa.Column("approved_at", sa.DateTime(), nullable=True),
        *account("quote"),
        sa.CheckConstraint(
            "size IN ('', 'sme', '0-9', '10-49', '50-249', '250+')", name="ck_quote_size_known"
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (described = '')", name="ck_quote_approved_is_described"
        ),
        points_to("quote", "need_id", "need"),
        sa.PrimaryKeyConstraint("id", name="pk_quote"),
        sa.UniqueConstraint("need_id", name="uq_quote_need_id"),
    )
    op.create_index("ix_quote_account_id", "quote", ["account_id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade():
    for table in ("quote", "quote_consent", "known_business", "gathered_need", "gathered_file"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION quote_consent_stands()")
    for table in ("merged_employer", "employer_pair", "owned_words"):
        op.drop_table(table)
