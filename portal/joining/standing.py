"""How a volunteer pauses, comes back and leaves. History stays; what ends are memberships and the role of volunteer.

She may at any time and says nothing why; whoever does it for her says why, and she is told.
"""

from datetime import datetime

from portal.actor import Actor
from portal.audit import record
from portal.consents import actions as consents
from portal.consents.actions import when_withdrawn
from portal.consents.models import Purpose
from portal.consents.queries import current_consent
from portal.db import db
from portal.joining.actions import withdraw
from portal.joining.policy import can_change_standing
from portal.joining.queries import memberships_of, open_application_of, organisations_of, volunteer_grants_of
from portal.joining.telling import CAME_BACK, LEFT, PAUSED
from portal.notices import Kind, tell
from portal.orgs.models import Membership
from portal.people.actions import end_grant, require_reason
from portal.people.models import Person
from portal.problems import DomainError, NotAllowed
from portal.profiles.actions import move, open_file
from portal.profiles.details import Details
from portal.profiles.models import Profile, Status
from portal.profiles.queries import profile_of
from portal.words import _l

OWN_REASON = _l("本人退出志愿者")


def pause(person: Person, *, by: Person, at: datetime, reason: str = "") -> None:
    """She is not called on until she comes back. Raises NotAllowed, WrongState, DomainError (no reason)."""
    _change(person, Status.PAUSED, PAUSED, by=by, at=at, reason=reason)


def come_back(person: Person, *, by: Person, at: datetime, reason: str = "") -> None:
    """From a pause. Raises NotAllowed, WrongState, DomainError (no reason)."""
    if (profile := profile_of(person.id)) is not None and profile.state is Status.LEFT:
        raise DomainError(_l("已经退出的，请本人重新申请。"))
    _change(person, Status.ACTIVE, CAME_BACK, by=by, at=at, reason=reason)


def leave(person: Person, *, by: Person, at: datetime, reason: str = "") -> None:
    """She is no volunteer any more. By herself it withdraws her consent to joining as well.

    Raises NotAllowed, WrongState, DomainError (no reason).
    """
    _require_may(person, by=by, reason=reason)
    _leave(person, by=by, at=at, reason=reason.strip() or None)
    if by.id == person.id:
        if current_consent(person.id, Purpose.JOIN) is not None:
            consents.withdraw(person, Purpose.JOIN, by=by, at=at)
    else:
        tell([person.id], LEFT, at=at, url="/me/profile", name=by.name, reason=reason.strip())


def _change(person: Person, to: Status, kind: Kind, *, by: Person, at: datetime, reason: str) -> None:
    _require_may(person, by=by, reason=reason)
    move(_file_of(person, by=by, at=at), to, by=by, at=at, reason=reason.strip() or None)
    if by.id != person.id:
        tell([person.id], kind, at=at, url="/me/profile", name=by.name, reason=reason.strip())


def _require_may(person: Person, *, by: Person, reason: str) -> None:
    if by.id == person.id:
        return
    if not can_change_standing(by, person, organisations_of(person.id)):
        raise NotAllowed
    require_reason(reason)


def _leave(person: Person, *, by: Actor, at: datetime, reason: str | None) -> None:
    if (application := open_application_of(person.id)) is not None:
        withdraw(application, by=by, at=at)
    move(_file_of(person, by=by, at=at), Status.LEFT, by=by, at=at, reason=reason)
    for membership in memberships_of(person.id):
        _end(membership, by=by, at=at)
    for one in volunteer_grants_of(person.id, on=at.date()):
        end_grant(one, by=by, at=at, reason=reason or str(OWN_REASON))


def _end(membership: Membership, *, by: Actor, at: datetime) -> None:
    membership.left_on = at.date()
    db.session.flush()
    told = {"person": membership.person_id, "team": membership.team_id}
    record("orgs.membership.ended", membership, by=by, at=at, **told)


def _file_of(person: Person, *, by: Actor, at: datetime) -> Profile:
    """Her file; a volunteer of earlier days gets an empty one. Raises DomainError for whoever is none."""
    if (profile := profile_of(person.id)) is not None:
        return profile
    if person.volunteer_no is None:
        raise DomainError(_l("还不是志愿者。"))
    return open_file(person, Details(), status=Status.ACTIVE, by=by, at=at, is_entered=by.id != person.id)


@when_withdrawn(Purpose.JOIN)
def _ends_with_consent(person: Person, by: Actor, at: datetime) -> None:
    """Without her consent she is no volunteer, and no application of hers is looked at."""
    profile = profile_of(person.id)
    if profile is not None and profile.state not in (Status.LEFT, Status.REFUSED):
        _leave(person, by=by, at=at, reason=None)
