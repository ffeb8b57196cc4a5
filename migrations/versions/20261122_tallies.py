"""Sums of hours, kept as they change.

Revision: 20261122_tallies
After: 20261122_search
"""

revision = "20261122_tallies"
down_revision = "20261122_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
