from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from portal.db import Id, Model


class StoredFile(Model):
    """An uploaded file. `name` is what its owner called it, shown but never used as a path; `size` in bytes.

    `public_id` (32 hex digits, by chance) and `media_type` are there only for what may be served again: pictures.
    """

    __tablename__ = "files_file"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index("uq_files_file_public_id", "public_id", unique=True),
    )

    id: Mapped[Id]
    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    kept_by_id: Mapped[int]
    kept_at: Mapped[datetime]
    public_id: Mapped[str | None]
    media_type: Mapped[str | None]
