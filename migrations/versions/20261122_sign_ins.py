"""Who has signed in where, so that it can be looked at and ended.

Revision: 20261122_sign_ins
After: 20261122_jobs
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_sign_ins"
down_revision = "20261122_jobs"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "accounts_sign_in",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_accounts_sign_in_token_digest_is_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_accounts_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_accounts_sign_in_token_digest")),
    )
    op.create_index(op.f("ix_accounts_sign_in_person_id"), "accounts_sign_in", ["person_id"])
    op.create_index(op.f("ix_accounts_sign_in_at"), "accounts_sign_in", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_accounts_sign_in_at"), table_name="accounts_sign_in")
    op.drop_index(op.f("ix_accounts_sign_in_person_id"), table_name="accounts_sign_in")
    op.drop_table("accounts_sign_in")
