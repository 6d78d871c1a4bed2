"""Who invited somebody, as an account: the invitations of somebody who is disabled end.

And where an officer has confirmed that a provider teaches: leads for all nearby go by that. Nothing is confirmed yet.

Invitations of before are given to the account that the audit log names; those of somebody disabled since end now.

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FROM_THE_LOG = """
    UPDATE invitation SET inviter_id = (
        SELECT account.id FROM audit_entry JOIN account ON account.id = audit_entry.account_id
        WHERE audit_entry.action = 'invited' AND audit_entry.about = 'invitation ' || invitation.id
        ORDER BY audit_entry.id DESC LIMIT 1)"""
ENDED = """
    UPDATE invitation SET withdrawn_at = (SELECT disabled_at FROM account WHERE account.id = invitation.inviter_id)
    WHERE used_at IS NULL AND withdrawn_at IS NULL
    AND inviter_id IN (SELECT id FROM account WHERE disabled_at IS NOT NULL)"""


def upgrade():
    with op.batch_alter_table("invitation") as invitation:
        invitation.add_column(sa.Column("inviter_id", sa.Integer(), nullable=True))
        invitation.create_foreign_key(
            op.f("fk_invitation_inviter_id_account"), "account", ["inviter_id"], ["id"], ondelete="SET NULL"
        )
        invitation.create_index(op.f("ix_invitation_inviter_id"), ["inviter_id"])
    op.execute(FROM_THE_LOG)
    op.execute(ENDED)
    op.create_table(
        "taught_place",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("provider_id", sa.Integer(), sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="SET NULL"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
    )
    op.create_index(op.f("ix_taught_place_provider_id"), "taught_place", ["provider_id"])
    op.create_index(op.f("ix_taught_place_account_id"), "taught_place", ["account_id"])


def downgrade():
    op.drop_table("taught_place")
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_index(op.f("ix_invitation_inviter_id"))
        invitation.drop_constraint(op.f("fk_invitation_inviter_id_account"), type_="foreignkey")
        invitation.drop_column("inviter_id")
