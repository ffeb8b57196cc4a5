"""Grants that end, deputies, and duties kept apart.

Revision: 20261122_roles
After: 20261122_rules
"""

revision = "20261122_roles"
down_revision = "20261122_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
