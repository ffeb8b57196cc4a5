"""Lists of volunteers that are brought and taken away.

Revision: 20261123_rosters
After: 20261123_mydata
"""

revision = "20261123_rosters"
down_revision = "20261123_mydata"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
