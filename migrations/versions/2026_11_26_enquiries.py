"""A provider's own reference for an offer, so that its file can be written out again as it came in;
and of a message, whom its reader answers.

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("reference", sa.String(255), nullable=False, server_default=""))
    with op.batch_alter_table("mail_message") as message:
        message.add_column(sa.Column("reply_to", sa.String(320), nullable=False, server_default=""))


def downgrade():
    with op.batch_alter_table("mail_message") as message:
        message.drop_column("reply_to")
    with op.batch_alter_table("offer") as offer:
        offer.drop_column("reference")
