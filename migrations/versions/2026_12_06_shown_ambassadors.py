"""Ambassadors that a demonstration's account listed, so that nobody reads of them once it is none any more.

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    shown = sa.Column("demonstration", sa.Boolean(), nullable=False, server_default=sa.false())
    with op.batch_alter_table("ambassador") as ambassador:
        ambassador.add_column(shown)


def downgrade():
    with op.batch_alter_table("ambassador") as ambassador:
        ambassador.drop_column("demonstration")
