"""The provider's desk: uploads with what it takes to undo the last one, drafts, planned places; and of a provider,
whom to ask for, where enquiries go and when it was last reminded; of an offer, when it was last changed at the desk.

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COUNTS = ("rows", "errors", "new", "changed", "unchanged", "withdrawn")


def upgrade():
    with op.batch_alter_table("provider") as provider:
        provider.add_column(sa.Column("contact", sa.String(120), nullable=False, server_default=""))
        provider.add_column(sa.Column("enquiry_email", sa.String(320), nullable=False, server_default=""))
        provider.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("desk_at", sa.DateTime(), nullable=True))
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("provider_id", sa.Integer(), sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("uploaded_by", sa.String(120), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("format", sa.String(30), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("applied_by", sa.String(120), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.String(120), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("undo", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('faulty', 'read', 'applied', 'undone', 'dropped')", name="state_known"),
    )
    op.create_index("ix_upload_latest", "upload", ["provider_id", "uploaded_at"])
    op.create_table(
        "offer_draft",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("provider_id", sa.Integer(), sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("offer_id", sa.Integer(), sa.ForeignKey("offer.id"), nullable=True),
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.String(120), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_offer_draft_provider_id", "offer_draft", ["provider_id"])
    op.create_index("ix_offer_draft_offer_id", "offer_draft", ["offer_id"])
    op.create_table(
        "planned_places",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("offer_id", sa.Integer(), sa.ForeignKey("offer.id"), nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(120), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("offer_id", "quarter"),
        sa.CheckConstraint("places >= 0", name="places_not_negative"),
    )


def downgrade():
    for table in ("planned_places", "offer_draft", "upload"):
        op.drop_table(table)
    with op.batch_alter_table("offer") as offer:
        offer.drop_column("desk_at")
    with op.batch_alter_table("provider") as provider:
        for name in ("reminded_on", "enquiry_email", "contact"):
            provider.drop_column(name)
