"""Guessing takes time: attempts are counted by bucket (an account, an address) in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model, db
from portal.problems import DomainError
from portal.web.unit_of_work import apart
from portal.words import _l


class TooManyAttempts(DomainError):
    """Somebody tries again and again; the sentence says when it is worth trying again."""


class Attempt(Model):
    """One failed try. `bucket` names what is guessed or who guesses, never the guess."""

    __tablename__ = "web_attempt"

    id: Mapped[Id]
    bucket: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Guesses:
    """How often something may be guessed wrongly: bucket → times `within` a span. It never locks for ever."""

    most: Mapping[str, int]
    within: timedelta = timedelta(minutes=15)

    def check(self, *, at: datetime) -> None:
        """Raise TooManyAttempts when one of the buckets is full."""
        for bucket, most in self.most.items():
            check_attempts(bucket, at=at, most=most, within=self.within)

    def count(self, *, at: datetime) -> None:
        """Remember a wrong guess; it outlives this request's rollback."""
        apart(lambda: self.count_here(at=at))

    def count_here(self, *, at: datetime) -> None:
        """Remember it in this transaction: what is counted happens with it or not at all."""
        for bucket in self.most:
            count_attempt(bucket, at=at)


def check_attempts(bucket: str, *, at: datetime, most: int, within: timedelta) -> None:
    """Raise TooManyAttempts when the bucket failed `most` times `within` the last span: it never locks for ever."""
    failed = select(func.count()).where(Attempt.bucket == bucket, Attempt.at > at - within)
    if (db.session.scalar(failed) or 0) >= most:
        minutes = int(within.total_seconds() // 60)
        raise TooManyAttempts(_l("尝试次数太多，请 %(minutes)d 分钟后再试。", minutes=minutes))


def count_attempt(bucket: str, *, at: datetime) -> None:
    """Remember a failed try and forget those of yesterday. Call it `apart`: the request itself rolls back."""
    db.session.add(Attempt(bucket=bucket, at=at))
    db.session.execute(delete(Attempt).where(Attempt.at < at - timedelta(days=1)))
