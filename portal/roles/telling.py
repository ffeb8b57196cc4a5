"""Whoever gets a role, stands in for somebody, or has a role no more is told so: she is signed out by it."""

from datetime import datetime

from portal.notices import Kind, Way, kind, tell
from portal.people.models import Grant, Role
from portal.roles.scopes import names_of
from portal.words import _l

GIVEN = kind(
    "roles.given",
    words=_l("得到身份"),
    detail=_l("您有了新的身份：%(role)s（%(place)s），从 %(day)s 起。"),
    mail=Way.NOW,
    is_needed=True,
)
STANDING_IN = kind(
    "roles.standing_in",
    words=_l("替人代班"),
    detail=_l("请您代班：%(role)s（%(place)s），从 %(day)s 到 %(last)s。"),
    mail=Way.NOW,
    is_needed=True,
)
ENDED = kind(
    "roles.ended",
    words=_l("身份结束"),
    detail=_l("您的身份「%(role)s（%(place)s）」%(last)s 以后不再有效。原因：%(reason)s"),
    mail=Way.NOW,
    is_needed=True,
)


def tell_of(grant: Grant, what: Kind, *, at: datetime, reason: str = "") -> None:
    """Tell whose grant it is. What safety hangs on cannot be switched off."""
    tell(
        [grant.person_id],
        what,
        at=at,
        url=f"/roles/people/{grant.person_id}",
        role=str(Role(grant.role).label),
        place=names_of([grant.scope])[grant.scope],
        day=f"{grant.starts_on}",
        last=f"{grant.ends_on}" if grant.ends_on else "",
        reason=reason,
    )
