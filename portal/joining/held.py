"""What joining holds of a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.db import DETACHED, db
from portal.holdings import SERVICE_RECORDS, Group, Then, holds, when_forgotten
from portal.joining.models import Application, State
from portal.words import _l

holds(
    "joining_draft",
    _l("没有填完的申请"),
    Group.FILE,
    own=("person_id",),
    then=Then.DELETED,
    why=_l("下次接着填"),
    hidden=("token_digest", "code_digest"),
)
holds(
    "joining_application",
    _l("加入的申请"),
    Group.FILE,
    own=("person_id",),
    deeds=("applied_by_id", "decided_by_id"),
    rule=SERVICE_RECORDS,
    why=_l("志愿服务条例：如实记录志愿者的个人基本信息和服务情况"),
)


@when_forgotten
def take_back(person: Any, by: Any, at: datetime) -> None:
    """Nobody decides on somebody who is no more."""
    waits = update(Application).where(Application.person_id == person.id, Application.status == State.WAITING.value)
    over = waits.values(status=State.WITHDRAWN.value, decided_at=at, decided_by_id=by.id)
    db.session.execute(over, execution_options=DETACHED)
