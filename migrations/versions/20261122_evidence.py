"""Papers that prove hours.

Revision: 20261122_evidence
After: 20261122_roles
"""

revision = "20261122_evidence"
down_revision = "20261122_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
