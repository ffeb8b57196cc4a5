"""Long lists are read beside the web, in pieces.

Revision: 20261122_list_reading
After: 20261122_tallies
"""

revision = "20261122_list_reading"
down_revision = "20261122_tallies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
