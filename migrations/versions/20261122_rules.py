"""Dated rules with their legal source.

Revision: 20261122_rules
After: 20261122_post
"""

revision = "20261122_rules"
down_revision = "20261122_post"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
