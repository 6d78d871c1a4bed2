"""The rows of a survey that waits, as they were matched, so that what is saved is what an officer saw.

And since when a survey is being saved: some rows at a time, so that no other write waits for all of them.

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("gathered_file") as file:
        file.add_column(sa.Column("begun_at", sa.DateTime(), nullable=True))
    op.create_table(
        "survey_row",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("file_row", sa.Integer(), nullable=False),
        sa.Column("skills", sa.Integer(), nullable=False),
        sa.Column("unmet", sa.Integer(), nullable=False),
        sa.Column("unclear", sa.Integer(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["gathered_file.id"], name=op.f("fk_survey_row_file_id_gathered_file")),
        sa.PrimaryKeyConstraint("file_id", "file_row", name=op.f("pk_survey_row")),
    )


def downgrade():
    op.drop_table("survey_row")
    op.execute("ALTER TABLE gathered_file DROP COLUMN begun_at")
