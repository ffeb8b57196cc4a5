from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from portal.db import Id, Model


class StoredFile(Model):
    """An uploaded file. `name` is what its owner called it, shown but never used as a path; `size` in bytes."""

    __tablename__ = "files_file"
    __table_args__ = (CheckConstraint("size >= 0", name="size_not_negative"),)

    id: Mapped[Id]
    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    kept_by_id: Mapped[int]
    kept_at: Mapped[datetime]
