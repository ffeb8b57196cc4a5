"""What proves that it is she: second factors, recovery codes, contacts, badges.

Revision: 20261122_accounts
After: 20261122_trail
"""

revision = "20261122_accounts"
down_revision = "20261122_trail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
