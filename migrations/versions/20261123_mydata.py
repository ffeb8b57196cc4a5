"""One's own data: copies, looks, retention.

Revision: 20261123_mydata
After: 20261123_joining
"""

revision = "20261123_mydata"
down_revision = "20261123_joining"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
