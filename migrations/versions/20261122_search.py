"""Search that finds names of two characters.

Revision: 20261122_search
After: 20261122_public_version
"""

revision = "20261122_search"
down_revision = "20261122_public_version"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
