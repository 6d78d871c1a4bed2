"""What the Course Directory's own files say besides: how a course is taught, what to bring, what comes next,
whom to ask, the most that is funded, and the provider's reference for a venue.

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = ("how_taught", "bring", "where_next")
SHORT = {"contact_email": 320, "contact_phone": 40}


def upgrade():
    with op.batch_alter_table("offer") as offer:
        for name in TEXTS:
            offer.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name, length in SHORT.items():
            offer.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        offer.add_column(sa.Column("max_funding", sa.Numeric(10, 2), nullable=True))
    with op.batch_alter_table("venue") as venue:
        venue.add_column(sa.Column("reference", sa.String(255), nullable=False, server_default=""))


def downgrade():
    with op.batch_alter_table("venue") as venue:
        venue.drop_column("reference")
    with op.batch_alter_table("offer") as offer:
        for name in ("max_funding", *SHORT, *TEXTS):
            offer.drop_column(name)
