"""Applying to be a volunteer.

Revision: 20261123_joining
After: 20261123_teams
"""

revision = "20261123_joining"
down_revision = "20261123_teams"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
