from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model
from portal.guards import declare, not_deleted, not_replaced, refusing


class SetUp(Model):
    """The first day: a single row. Once it is done, the database lets nobody do it again.

    `token_digest` is what is kept of the token that opens the pages, until `token_until`; `draft` what was filled in so
    far, nothing of it secret.
    """

    __tablename__ = "administration_set_up"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("(token_digest IS NULL) = (token_until IS NULL)", name="token_ends"),
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by_somebody"),
        CheckConstraint("done_at IS NULL OR token_digest IS NULL", name="no_token_once_done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_digest: Mapped[str | None]
    token_until: Mapped[datetime | None]
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    alliance_name: Mapped[str | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))


_TABLE = SetUp.__tablename__
declare(
    refusing(
        "administration_set_up_over",
        _TABLE,
        verb="UPDATE",
        when="OLD.done_at IS NOT NULL",
        sentence="the first day is over",
    )
)
not_deleted(_TABLE)
not_replaced(_TABLE)
