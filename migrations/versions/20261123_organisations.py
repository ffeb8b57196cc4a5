"""What an organisation is: its kind and code, branch, terms, stages, papers; member units.

Revision: 20261123_organisations
After: 20261123_profiles
"""

revision = "20261123_organisations"
down_revision = "20261123_profiles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
