"""Releases: frozen tables of demand, which the database itself refuses to change once they are published.
An employer key says whether it is a provider's, and whether an officer has confirmed it as an employer.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Rebuilding one of these tables on SQLite drops its triggers: a later revision that does so makes them again.
SQLITE = {
    "release_cell_insert": """BEFORE INSERT ON release_cell
        WHEN (SELECT state FROM release WHERE id = NEW.release_id) <> 'draft'
        BEGIN SELECT RAISE(ABORT, 'a published release is never changed'); END""",
    "release_cell_update": """BEFORE UPDATE ON release_cell
        WHEN (SELECT state FROM release WHERE id = OLD.release_id) <> 'draft'
             OR (SELECT state FROM release WHERE id = NEW.release_id) <> 'draft'
        BEGIN SELECT RAISE(ABORT, 'a published release is never changed'); END""",
    "release_cell_delete": """BEFORE DELETE ON release_cell
        WHEN (SELECT state FROM release WHERE id = OLD.release_id) <> 'draft'
        BEGIN SELECT RAISE(ABORT, 'a published release is never changed'); END""",
    "release_delete": """BEFORE DELETE ON release WHEN OLD.state <> 'draft'
        BEGIN SELECT RAISE(ABORT, 'a published release is never removed'); END""",
    "release_update": """BEFORE UPDATE ON release WHEN OLD.state <> 'draft' AND (
             NOT (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'withdrawn'))
             OR NEW.id <> OLD.id OR NEW.period <> OLD.period OR NEW.kind <> OLD.kind
             OR NEW.year_start_month <> OLD.year_start_month OR NEW.made_at <> OLD.made_at
             OR NEW.first_day <> OLD.first_day OR NEW.last_day <> OLD.last_day
             OR NEW.published_at IS NOT OLD.published_at
             OR NEW.method <> OLD.method OR NEW.loosened <> OLD.loosened OR NEW.demonstration <> OLD.demonstration)
        BEGIN SELECT RAISE(ABORT, 'a published release is never changed'); END""",
}

POSTGRESQL = (
    """CREATE FUNCTION release_cell_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            RAISE EXCEPTION 'a published release is never changed' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP <> 'INSERT' AND (SELECT state FROM release WHERE id = OLD.release_id) <> 'draft' THEN
            RAISE EXCEPTION 'a published release is never changed' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF (SELECT state FROM release WHERE id = NEW.release_id) <> 'draft' THEN
            RAISE EXCEPTION 'a published release is never changed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE FUNCTION release_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            RAISE EXCEPTION 'a published release is never removed' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN
            IF OLD.state <> 'draft' THEN
                RAISE EXCEPTION 'a published release is never removed' USING ERRCODE = 'check_violation';
            END IF;
            RETURN OLD;
        END IF;
        IF OLD.state <> 'draft' AND (
            NOT (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'withdrawn'))
            OR (NEW.id, NEW.period, NEW.kind, NEW.year_start_month, NEW.made_at, NEW.first_day, NEW.last_day,
                NEW.published_at, NEW.method::text, NEW.loosened::text, NEW.demonstration)
               IS DISTINCT FROM
               (OLD.id, OLD.period, OLD.kind, OLD.year_start_month, OLD.made_at, OLD.first_day, OLD.last_day,
                OLD.published_at, OLD.method::text, OLD.loosened::text, OLD.demonstration)) THEN
            RAISE EXCEPTION 'a published release is never changed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER release_cell_frozen BEFORE INSERT OR UPDATE OR DELETE ON release_cell
       FOR EACH ROW EXECUTE FUNCTION release_cell_frozen()""",
    """CREATE TRIGGER release_cell_kept BEFORE TRUNCATE ON release_cell
       FOR EACH STATEMENT EXECUTE FUNCTION release_cell_frozen()""",
    """CREATE TRIGGER release_frozen BEFORE UPDATE OR DELETE ON release
       FOR EACH ROW EXECUTE FUNCTION release_frozen()""",
    """CREATE TRIGGER release_kept BEFORE TRUNCATE ON release
       FOR EACH STATEMENT EXECUTE FUNCTION release_frozen()""",
)


def upgrade():
    with op.batch_alter_table("employer_key") as key:
        key.add_column(sa.Column("provider", sa.Boolean(), nullable=False, server_default=sa.false()))
        key.add_column(sa.Column("confirmed_at", sa.DateTime(), nullable=True))
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("year_start_month", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("method", sa.JSON(), nullable=False),
        sa.Column("loosened", sa.JSON(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'withdrawn', 'too-few')", name=op.f("ck_release_state_known")
        ),
        sa.CheckConstraint("kind IN ('quarter', 'year')", name=op.f("ck_release_kind_known")),
        sa.CheckConstraint(
            "year_start_month BETWEEN 1 AND 12", name=op.f("ck_release_year_start_month_of_a_year")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("period", name=op.f("uq_release_period")),
    )
    op.create_table(
        "release_cell",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=30), nullable=False),
        sa.Column("first", sa.String(length=30), nullable=False),
        sa.Column("second", sa.String(length=30), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_cell_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "table_name", "first", "second", name=op.f("pk_release_cell")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
    else:
        for name, body in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {body}")


def downgrade():
    op.drop_table("release_cell")
    op.drop_table("release")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION release_cell_frozen()")
        op.execute("DROP FUNCTION release_frozen()")
    with op.batch_alter_table("employer_key") as key:
        key.drop_column("confirmed_at")
        key.drop_column("provider")
