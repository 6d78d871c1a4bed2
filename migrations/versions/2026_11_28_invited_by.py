"""Who invited somebody, as an account: the invitations of somebody who is disabled end.

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


def downgrade():
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_index(op.f("ix_invitation_inviter_id"))
        invitation.drop_constraint(op.f("fk_invitation_inviter_id_account"), type_="foreignkey")
        invitation.drop_column("inviter_id")
