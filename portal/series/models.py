from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model


class Series(Model):
    """A run of numbers by name, such as `receipt:919:2026`. `last` is the highest number given out."""

    __tablename__ = "series_series"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
