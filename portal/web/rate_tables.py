"""The table in which rates are counted where PORTAL_RATES says `database`."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model


class RateWindow(Model):
    """How often a bucket was asked for since `began_at`; from `ends_at` on it begins anew."""

    __tablename__ = "web_rate"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    asked: Mapped[int]
