"""Work that was done a month ago is forgotten."""

from datetime import timedelta
from typing import Any

from portal import clock
from portal.db import db
from portal.jobs.actions import breathe, forget_done, keep_lease
from portal.jobs.handlers import daily, handler
from portal.words import _l

REMEMBERED = timedelta(days=30)
TIDY = "jobs.tidy"
CHUNK = 500

daily(TIDY)


@handler(TIDY, words=_l("清理办完的工作"))
def tidy(payload: dict[str, Any]) -> None:
    """Forget, chunk by chunk, what was done long ago."""
    while True:
        at = clock.now()
        count = forget_done(before=at - REMEMBERED, most=CHUNK)
        keep_lease(payload["job_id"], at=at)
        db.session.commit()
        if count < CHUNK:
            return
        breathe()
