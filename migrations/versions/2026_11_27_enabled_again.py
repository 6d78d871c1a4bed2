"""When an account was enabled again: until now that stood as its last sign-in, which it was not.

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("account", sa.Column("enabled_at", sa.DateTime(), nullable=True))


def downgrade():
    with op.batch_alter_table("account") as account:
        account.drop_column("enabled_at")
