"""What badges hold of a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.badges.models import Badge
from portal.db import DETACHED, db
from portal.holdings import Group, Then, holds, when_forgotten
from portal.words import _l

holds(
    "badges_badge",
    _l("志愿者证"),
    Group.SERVICE,
    own=("person_id",),
    deeds=("issued_by_id", "revoked_by_id"),
    then=Then.EMPTIED,
    why=_l("没有手机时刷卡记时长"),
    hidden=("nonce", "pin_hash"),
    emptied=("pin_hash", "pin_set_at"),
)
holds(
    "badges_visit",
    _l("刷卡的记录"),
    Group.WORK,
    deeds=("host_id",),
    why=_l("卡在谁的设备上刷的，要查得清"),
)
holds("badges_kiosk", _l("刷卡机"), Group.WORK, deeds=("opened_by_id",), hidden=("token_digest",), why=_l("谁开的"))


@when_forgotten
def revoke(person: Any, by: Any, at: datetime) -> None:
    """Her cards open nothing any more."""
    hers = update(Badge).where(Badge.person_id == person.id, Badge.revoked_at.is_(None))
    db.session.execute(hers.values(revoked_at=at, revoked_by_id=by.id), execution_options=DETACHED)
