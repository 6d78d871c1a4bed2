"""Referrals that a demonstration's account sent, so that a provider's inbox leaves them out once it is none any more.

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    shown = sa.Column("demonstration", sa.Boolean(), nullable=False, server_default=sa.false())
    with op.batch_alter_table("case_referral") as referral:
        referral.add_column(shown)


def downgrade():
    with op.batch_alter_table("case_referral") as referral:
        referral.drop_column("demonstration")
