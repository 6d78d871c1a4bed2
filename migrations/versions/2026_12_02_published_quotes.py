"""Quotes as the public reads them, without their needs. A row goes with its quote.

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "published_quote",
        sa.Column("quote_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("described", sa.String(200), nullable=False),
        sa.Column("sector", sa.String(1), nullable=False),
        sa.Column("size", sa.String(8), nullable=False),
        sa.Column("district", sa.String(9), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name="fk_published_quote_quote_id_quote", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("quote_id", name="pk_published_quote"),
    )


def downgrade():
    op.drop_table("published_quote")
