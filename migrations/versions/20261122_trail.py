"""The audit trail is read as a list: by time, by who, by what, by request.

Revision: 20261122_trail
After: 20261122_sign_ins
"""

from alembic import op

revision = "20261122_trail"
down_revision = "20261122_sign_ins"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_audit_line_newest": ["at", "id"],
    "ix_audit_line_action": ["action", "at", "id"],
    "ix_audit_line_actor": ["actor_name", "at", "id"],
    "ix_audit_line_request_id": ["request_id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "audit_line", columns)


def downgrade() -> None:
    for name in reversed(INDEXES):
        op.drop_index(op.f(name), table_name="audit_line")
