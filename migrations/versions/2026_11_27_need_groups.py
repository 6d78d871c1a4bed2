"""Unmet needs gathered into groups, the names officers know needs by, and how many businesses there are.

Revision: 0009
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "need_group",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("named_by", sa.String(8), nullable=False),
        sa.Column("named_after_id", sa.Integer(), sa.ForeignKey("facet.id"), nullable=True),
        sa.Column("theme", sa.String(30), nullable=False),
        sa.Column("made_by", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), sa.ForeignKey("need_group.id"), nullable=True),
        sa.Column("merged_at", sa.DateTime(), nullable=True),
        sa.Column("split_from_id", sa.Integer(), sa.ForeignKey("need_group.id"), nullable=True),
        sa.CheckConstraint("made_by IN ('engine', 'officer')", name="made_by_known"),
        sa.CheckConstraint("named_by IN ('engine', 'officer')", name="named_by_known"),
        sa.CheckConstraint("(merged_into_id IS NULL) = (merged_at IS NULL)", name="merged_into_and_when"),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id != id", name="merged_into_another"),
    )
    for column in ("named_after_id", "merged_into_id", "split_from_id"):
        op.create_index(f"ix_need_group_{column}", "need_group", [column])
    op.create_table(
        "grouped_facet",
        sa.Column("facet_id", sa.Integer(), sa.ForeignKey("facet.id"), primary_key=True),
        sa.Column("group_id", sa.Integer(), sa.ForeignKey("need_group.id"), nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("grouped_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("how IN ('engine', 'officer')", name="how_known"),
    )
    op.create_index("ix_grouped_facet_group_id", "grouped_facet", ["group_id"])
    op.create_table(
        "filed_need",
        sa.Column("need_id", sa.Integer(), sa.ForeignKey("need.id"), primary_key=True),
        sa.Column("name", sa.String(16), nullable=False, unique=True),
        sa.Column("filed_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "business_count",
        sa.Column("sic_section", sa.String(1), primary_key=True),
        sa.Column("size_band", sa.String(8), primary_key=True),
        sa.Column("district", sa.String(9), primary_key=True),
        sa.Column("businesses", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("businesses >= 0", name="businesses_not_negative"),
    )


def downgrade():
    for table in ("business_count", "filed_need", "grouped_facet", "need_group"):
        op.drop_table(table)
