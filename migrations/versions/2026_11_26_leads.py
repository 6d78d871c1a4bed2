"""What employers agreed to share: consents, leads and the replies to them, cohorts told of, class sizes and alerts.

Triggers refuse every change of a consent but its withdrawal, which happens once, and every deletion.
A later revision that rebuilds consent (SQLite's batch mode does) has to make its triggers again.

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFUSAL = "a consent is only given and withdrawn"
FIXED = ("id", "need_id", "purpose", "recipients", "ukprn", "wording", "given_at")
CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in FIXED)
SQLITE = (
    f"CREATE TRIGGER consent_stays BEFORE DELETE ON consent BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    f"CREATE TRIGGER consent_stands BEFORE UPDATE ON consent WHEN OLD.withdrawn_at IS NOT NULL OR {CHANGED} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
)
POSTGRESQL = (
    f"""CREATE FUNCTION consent_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NOT ({CHANGED}) THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION '{REFUSAL}';
    END $$""",
    "CREATE TRIGGER consent_stands BEFORE UPDATE OR DELETE ON consent "
    "FOR EACH ROW EXECUTE FUNCTION consent_stands()",
)


def upgrade():
    op.create_table(
        "class_size",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people BETWEEN 1 AND 500", name=op.f("ck_class_size_people_1_to_500")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_class_size_provider_id_provider")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_size")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_class_size_provider_id")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("recipients", sa.String(length=8), nullable=False),
        sa.Column("ukprn", sa.Integer(), nullable=False),
        sa.Column("wording", sa.String(length=12), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'pool') = (recipients = 'chosen')", name=op.f("ck_consent_pool_is_for_the_chosen")
        ),
        sa.CheckConstraint("(recipients = 'named') = (ukprn > 0)", name=op.f("ck_consent_named_has_ukprn")),
        sa.CheckConstraint("purpose IN ('share', 'pool')", name=op.f("ck_consent_purpose_known")),
        sa.CheckConstraint(
            "recipients IN ('named', 'nearby', 'chosen')", name=op.f("ck_consent_recipients_known")
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at", name=op.f("ck_consent_withdrawn_after_given")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_consent_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_need_id"), "consent", ["need_id"])
    op.create_index("ix_consent_ukprn", "consent", ["ukprn", "withdrawn_at"])
    op.create_index(
        "uq_consent_live",
        "consent",
        ["need_id", "purpose", "recipients", "ukprn"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("extended_at", sa.DateTime(), nullable=True),
        sa.Column("stage_told", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_why", sa.String(length=10), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_why = '')", name=op.f("ck_lead_closed_says_why")),
        sa.CheckConstraint(
            "closed_why IN ('', 'stopped', 'withdrawn')", name=op.f("ck_lead_closed_why_known")
        ),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (expires_at IS NULL)", name=op.f("ck_lead_open_ones_expire")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_lead_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("need_id", name=op.f("uq_lead_need_id")),
    )
    op.create_index("ix_lead_expires", "lead", ["closed_at", "expires_at"])
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=30), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("looked_at", sa.DateTime(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_alert_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    op.create_index(op.f("ix_alert_account_id"), "alert", ["account_id"])
    op.create_table(
        "alert_hit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_hit_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_alert_hit_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_hit")),
        sa.UniqueConstraint("alert_id", "lead_id", name=op.f("uq_alert_hit_alert_id_lead_id")),
    )
    op.create_index(op.f("ix_alert_hit_alert_id"), "alert_hit", ["alert_id"])
    op.create_index(op.f("ix_alert_hit_lead_id"), "alert_hit", ["lead_id"])
    op.create_index("ix_alert_hit_waiting", "alert_hit", ["told_at", "seen_at"])
    op.create_table(
        "cohort_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ukprn", sa.Integer(), nullable=False),
        sa.Column("seed_facet_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_cohort_notice_need_id_need")),
        sa.ForeignKeyConstraint(
            ["seed_facet_id"], ["facet.id"], name=op.f("fk_cohort_notice_seed_facet_id_facet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_notice")),
    )
    op.create_index(op.f("ix_cohort_notice_need_id"), "cohort_notice", ["need_id"])
    op.create_index(op.f("ix_cohort_notice_seed_facet_id"), "cohort_notice", ["seed_facet_id"])
    op.create_index(op.f("ix_cohort_notice_ukprn"), "cohort_notice", ["ukprn"])
    op.create_table(
        "lead_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("ukprn", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("facet_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reach", sa.String(length=320), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("fits_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'cannot') = (reason != '')", name=op.f("ck_lead_reply_cannot_has_reason")
        ),
        sa.CheckConstraint(
            "(kind = 'offer') = (offer_id IS NOT NULL)", name=op.f("ck_lead_reply_offer_reply_has_offer")
        ),
        sa.CheckConstraint("kind IN ('contact', 'offer', 'cannot')", name=op.f("ck_lead_reply_kind_known")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_lead_reply_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["facet_id"], ["facet.id"], name=op.f("fk_lead_reply_facet_id_facet")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_reply_lead_id_lead")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_lead_reply_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_reply")),
        sa.UniqueConstraint("lead_id", "ukprn", "number", name=op.f("uq_lead_reply_lead_id_ukprn_number")),
    )
    op.create_index(op.f("ix_lead_reply_account_id"), "lead_reply", ["account_id"])
    op.create_index(op.f("ix_lead_reply_facet_id"), "lead_reply", ["facet_id"])
    op.create_index(op.f("ix_lead_reply_lead_id"), "lead_reply", ["lead_id"])
    op.create_index(op.f("ix_lead_reply_offer_id"), "lead_reply", ["offer_id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade():
    for table in ("lead_reply", "cohort_notice", "alert_hit", "alert", "lead", "consent", "class_size"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION consent_stands()")
