"""A case's history that SQLite does not replace either, and when each offer was held against past needs.

`INSERT OR REPLACE` takes the standing row away without asking the triggers of a DELETE. PostgreSQL has no such
statement: its `ON CONFLICT DO UPDATE` is an UPDATE, which is refused already. Of offers looked at before this
revision it is not known when, nor when that was begun.

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

REFUSED = "BEGIN SELECT RAISE(ABORT, 'the history of a case is only added to'); END"
STANDS = {
    "case_event": "EXISTS (SELECT 1 FROM case_event WHERE id = NEW.id)",
    "case_note": "EXISTS (SELECT 1 FROM case_note WHERE id = NEW.id)",
}


def upgrade():
    op.add_column("looked_at_offer", sa.Column("at", sa.DateTime(), nullable=True))
    op.add_column("rematched", sa.Column("began", sa.DateTime(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for table, stands in STANDS.items():
            op.execute(f"CREATE TRIGGER {table}_is_new BEFORE INSERT ON {table} WHEN {stands} {REFUSED}")


def downgrade():
    op.drop_column("rematched", "began")
    op.drop_column("looked_at_offer", "at")
    if op.get_bind().dialect.name == "sqlite":
        for table in STANDS:
            op.execute(f"DROP TRIGGER {table}_is_new")
