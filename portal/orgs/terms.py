"""Terms that run out are told once when three months are left, and once when they are over."""

from typing import Any

from portal import clock
from portal.db import db
from portal.jobs import daily, handler
from portal.notices import Way, kind, tell
from portal.orgs.chapters import terms_running_out
from portal.people.models import ALLIANCE, Role
from portal.people.queries import holders_of
from portal.words import _l

REMIND = "orgs.terms"
RUNS_THEM = (Role.ORGANISATION_ADMIN, Role.WORKER)

RUNNING_OUT = kind(
    "orgs.term_running_out",
    words=_l("任期快到了"),
    detail=_l("「%(name)s」第 %(number)d 届的任期到 %(day)s 为止，请准备换届。"),
    mail=Way.DAILY,
    roles=RUNS_THEM,
)
OVERDUE = kind(
    "orgs.term_overdue",
    words=_l("该换届了"),
    detail=_l("「%(name)s」第 %(number)d 届的任期 %(day)s 已满，还没有记下换届。"),
    mail=Way.DAILY,
    roles=RUNS_THEM,
)

daily(REMIND)


@handler(REMIND, words=_l("提醒换届"))
def remind(payload: dict[str, Any]) -> None:
    """Tell an organisation's administrators and the community's workers."""
    at = clock.now()
    workers = holders_of(Role.WORKER, on=ALLIANCE, day=at.date())
    for organisation, term in terms_running_out(at.date()):
        over = term.ends_on < at.date()
        people = [*holders_of(Role.ORGANISATION_ADMIN, on=organisation.scope, day=at.date()), *workers]
        tell(
            people,
            OVERDUE if over else RUNNING_OUT,
            at=at,
            url=f"/organisations/manage/{organisation.id}",
            key=f"orgs.term:{term.id}:{'over' if over else 'soon'}",
            name=organisation.name,
            number=term.number,
            day=term.ends_on.isoformat(),
        )
    db.session.commit()
