from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model


class Series(Model):
    """A run of numbers by name, such as `receipt:919:2026`. `last` is the highest number given out.

    `first` is where the run begins here: more than 1 where the numbers before were given out on paper.
    """

    __tablename__ = "series_series"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    last: Mapped[int]
