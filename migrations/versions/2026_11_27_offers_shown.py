"""When each offer was shown for a need, so that the desk's figures can say it by quarters.

Lists of before are dated from their need: the first from the day it was made, the others from its latest search.

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DATED = """
    UPDATE need_match SET shown_at = (
        SELECT CASE WHEN need_match.search_round > 1 AND need.searched_at IS NOT NULL THEN need.searched_at
                    ELSE need.created_at END
        FROM facet JOIN need ON need.id = facet.need_id WHERE facet.id = need_match.facet_id)
"""


def upgrade():
    op.add_column("need_match", sa.Column("shown_at", sa.DateTime(), nullable=True))
    op.execute(DATED)
    with op.batch_alter_table("need_match") as match:
        match.alter_column("shown_at", existing_type=sa.DateTime(), nullable=False)


def downgrade():
    with op.batch_alter_table("need_match") as match:
        match.drop_column("shown_at")
