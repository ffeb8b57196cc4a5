"""Whoever exported a list is reminded when its day has come."""

from typing import Any

from portal import clock
from portal.db import db
from portal.exports.queries import expired
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.handlers import daily, handler
from portal.notices import Told, Way, kind, tell_each
from portal.words import _l

REMIND = "exports.remind"
CHUNK = 200

EXPIRED = kind(
    "exports.expired",
    words=_l("导出的名单到期"),
    detail=_l("您导出的「%(what)s」到期了，请删掉文件和副本，再点「已删除」。"),
    mail=Way.DAILY,
)

daily(REMIND)


@handler(REMIND, words=_l("提醒删除导出的名单"))
def remind(payload: dict[str, Any]) -> None:
    """Each export once, however often this runs."""
    after = 0
    while found := expired(on=clock.today(), after=after, most=CHUNK):
        at = clock.now()
        told = [Told(one.person_id, "/exports", {"what": one.what}, f"export:{one.id}") for one in found]
        after = found[-1].id
        tell_each(EXPIRED, told, at=at)
        keep_lease(payload["job_id"], at=at)
        db.session.commit()
        breathe()
