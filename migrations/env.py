"""Runs the migrations on the service's own engine, in one transaction, so that a failed one leaves nothing."""

from alembic import context
from flask import current_app

from skillsmatch.database import Base
from skillsmatch.extensions import db


def run() -> None:
    """Brings the database to the asked revision, or leaves it as it was."""
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            connection = connection.execution_options(sqlite_begin="IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit(f"{current_app.name}: migrations run on a database; --sql is not offered.")
run()
