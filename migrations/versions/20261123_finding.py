"""One search for people, organisations and teams.

Revision: 20261123_finding
After: 20261123_rosters
"""

revision = "20261123_finding"
down_revision = "20261123_rosters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
