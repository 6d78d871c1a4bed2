"""On SQLite no line of a case's history and no note can be put in the place of another.

`INSERT OR REPLACE` takes the standing row away without asking the triggers of a DELETE. PostgreSQL has no such
statement: its `ON CONFLICT DO UPDATE` is an UPDATE, which is refused already.

Revision: 0016
Follows: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REFUSED = "BEGIN SELECT RAISE(ABORT, 'the history of a case is only added to'); END"
STANDS = {
    "case_event": "EXISTS (SELECT 1 FROM case_event WHERE id = NEW.id)",
    "case_note": "EXISTS (SELECT 1 FROM case_note WHERE id = NEW.id)",
}


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        for table, stands in STANDS.items():
            op.execute(f"CREATE TRIGGER {table}_is_new BEFORE INSERT ON {table} WHEN {stands} {REFUSED}")


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        for table in STANDS:
            op.execute(f"DROP TRIGGER {table}_is_new")
