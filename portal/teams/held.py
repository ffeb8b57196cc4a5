"""What teams hold of a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.db import DETACHED, db
from portal.holdings import SERVICE_RECORDS, Group, Then, holds, when_forgotten
from portal.teams.models import JoinRequest, Wish
from portal.words import _l

_RECORDS = _l("志愿服务条例：服务记录要写明是哪支队伍")

holds(
    "teams_join_request",
    _l("入队的申请"),
    Group.TEAMS,
    own=("person_id",),
    deeds=("decided_by_id",),
    rule=SERVICE_RECORDS,
    why=_RECORDS,
)
holds(
    "teams_loan",
    _l("借调到别的组织"),
    Group.TEAMS,
    own=("person_id",),
    deeds=("asked_by_id", "host_yes_by_id", "lender_yes_by_id", "said_by_id", "ended_by_id"),
    rule=SERVICE_RECORDS,
    why=_RECORDS,
)
holds(
    "teams_leaving",
    _l("离开队伍的原因"),
    Group.TEAMS,
    through=("membership_id", "orgs_membership"),
    deeds=("by_id",),
    then=Then.DELETED,
    why=_l("队伍交接"),
)
holds(
    "teams_recipient",
    _l("收到的队伍通知"),
    Group.NEWS,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("把队里的事告诉您"),
)
holds("teams_message", _l("发给队员的通知"), Group.WORK, deeds=("sent_by_id",), why=_l("谁发的，要查得清"))
holds(
    "teams_invitation",
    _l("入队的邀请"),
    Group.WORK,
    deeds=("made_by_id", "revoked_by_id"),
    hidden=("nonce", "token_digest"),
    why=_l("谁发的，要查得清"),
)


@when_forgotten
def take_back(person: Any, by: Any, at: datetime) -> None:
    """No leader is asked any more, and what she wrote of herself goes."""
    hers = update(JoinRequest).where(JoinRequest.person_id == person.id)
    over = {"status": Wish.WITHDRAWN.value, "decided_at": at, "decided_by_id": by.id}
    waits = hers.where(JoinRequest.status == Wish.WAITING.value)
    db.session.execute(waits.values(over), execution_options=DETACHED)
    db.session.execute(hers.where(JoinRequest.words != "").values(words=""), execution_options=DETACHED)
