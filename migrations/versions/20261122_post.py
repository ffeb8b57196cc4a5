"""Letters that wait to be sent, and notices on the bell.

Revision: 20261122_post
After: 20261122_accounts
"""

revision = "20261122_post"
down_revision = "20261122_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
