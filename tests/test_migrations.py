"""The migrations: from nothing to the models' own tables, and back, on both databases."""

from __future__ import annotations

import alembic.op
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from skillsmatch.database import Base
from skillsmatch.extensions import db


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_the_models_and_the_migrated_tables_agree(in_app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": Base.metadata}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_of_the_design_is_there(in_app: Flask) -> None:
    designed = {"provider", "venue", "offer", "need", "facet", "need_match", "demand_signal", "employer_key"}

    assert designed <= tables()
    assert tables() - {"alembic_version"} == set(Base.metadata.tables)


def test_a_signal_has_no_column_that_could_name_its_employer(in_app: Flask) -> None:
    signal = inspect(db.engine)
    columns = {c["name"] for c in signal.get_columns("demand_signal")}
    points_to = {key["referred_table"] for key in signal.get_foreign_keys("demand_signal")}

    assert not columns & {
        "need_id",
        "facet_id",
        "name",
        "email",
        "text",
        "words",
        "postcode",
        "business_name",
    }
    assert points_to == {"employer_key"}


def test_going_back_leaves_nothing_and_going_forward_makes_it_again(in_app: Flask) -> None:
    before = tables()

    downgrade(revision="base")
    assert tables() == {"alembic_version"}

    upgrade()
    assert tables() == before


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(
    in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables()
    really_drop, dropped = alembic.op.drop_table, []

    def fail_at_the_third(name: str) -> None:
        if len(dropped) == 2:
            raise OSError("the power went")
        dropped.append(name)
        really_drop(name)

    monkeypatch.setattr(alembic.op, "drop_table", fail_at_the_third)

    with pytest.raises(OSError, match="the power went"):
        downgrade(revision="base")

    assert len(dropped) == 2
    assert tables() == before


def test_upgrading_what_is_up_to_date_changes_nothing(in_app: Flask) -> None:
    before = tables()

    upgrade()

    assert tables() == before
