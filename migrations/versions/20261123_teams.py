"""Running a team: invitations, requests, messages, lending.

Revision: 20261123_teams
After: 20261123_organisations
"""

revision = "20261123_teams"
down_revision = "20261123_organisations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
