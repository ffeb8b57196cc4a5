"""What a roster brought along is forgotten a month after it is done with, and a preview that nobody confirmed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.db import DETACHED, committed, db
from portal.jobs.actions import BREATH, breathe, keep_lease
from portal.jobs.handlers import daily, handler
from portal.rosters.actions import withdraw
from portal.rosters.keeping import forget_file
from portal.rosters.models import Roster, RosterRow, RosterStatus
from portal.rosters.work import locked
from portal.words import _l

KEPT = timedelta(days=30)
TIDY = "rosters.tidy"
CHUNK = 2_000

daily(TIDY)


@handler(TIDY, words=_l("清理办完的名册"))
def tidy(payload: dict[str, Any]) -> None:
    """Withdraw what was left lying, then forget files and rows of what is over."""
    at = clock.now()
    for roster_id in _left_lying(at):
        with committed():
            roster = locked(roster_id)
            if roster.state in (RosterStatus.READING, RosterStatus.PREVIEW):
                withdraw(roster, by=None, at=at)
            keep_lease(payload["job_id"], at=clock.now())
    for roster_id in _over(at):
        _forget(roster_id, payload["job_id"])


def _left_lying(at: datetime) -> list[int]:
    states = (RosterStatus.READING.value, RosterStatus.PREVIEW.value)
    old = select(Roster.id).where(Roster.status.in_(states), Roster.brought_at < at - KEPT)
    return list(db.session.scalars(old))


def _over(at: datetime) -> list[int]:
    """Withdrawn ones at once, booked ones when their wrong rows had time to be mended."""
    is_over = (Roster.status == RosterStatus.WITHDRAWN.value) | (Roster.finished_at < at - KEPT)
    return list(db.session.scalars(select(Roster.id).where(Roster.forgotten_at.is_(None), is_over)))


def _forget(roster_id: int, job_id: int) -> None:
    some = select(RosterRow.id).where(RosterRow.roster_id == roster_id).order_by(RosterRow.id).limit(CHUNK)
    while True:
        with committed():
            gone = db.session.execute(
                delete(RosterRow).where(RosterRow.id.in_(some)).returning(RosterRow.id), execution_options=DETACHED
            ).all()
            keep_lease(job_id, at=clock.now())
            if len(gone) < CHUNK:
                forget_file(roster_id)
                locked(roster_id).forgotten_at = clock.now()
                return
        breathe(BREATH)
