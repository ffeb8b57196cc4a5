"""Who sees what of a person's file in full, and who looks after people's wishes about their data.

个人信息保护法 §6, §28: no more than the purpose needs, and of what is sensitive only what is strictly necessary. So:

- A leader calls her members and their guardians; she needs neither papers nor addresses.
- An organisation's admin insures and certifies its people, a community worker registers and visits them: they also
  need birth date, address, health and the number of the paper.
- Nation and Party membership serve counts alone (that is what people agreed to): nobody sees them in full.
- Administrators and supervisors look after the portal, not after people: they see everything masked, never more.
"""

from collections.abc import Iterable

from portal.mydata.fields import Field
from portal.orgs.queries import knows
from portal.people.models import Person, Role, Scope
from portal.people.policy import READS_ALL, holds

TO_CALL = (Field.MOBILE, Field.GUARDIAN)
TO_REGISTER = (*TO_CALL, Field.BIRTH, Field.PAPER, Field.ADDRESS, Field.HEALTH)

SEES: dict[Role, tuple[Field, ...]] = {
    Role.TEAM_LEADER: TO_CALL,
    Role.ORGANISATION_ADMIN: TO_REGISTER,
    Role.WORKER: TO_REGISTER,
}
"""What a role sees in full, with a reason, of the people it looks after."""


def can_open_file(viewer: Person, person: Person) -> bool:
    """Her leader, her organisation's admin and reviewers, workers, those who read everything, and she herself."""
    return knows(viewer, person.id)


def fields_in_full(viewer: Person, scopes: Iterable[Scope]) -> list[Field]:
    """What the viewer may see of somebody who belongs to these teams and organisations, in the order of the file."""
    places = tuple(scopes)
    seen = {field for role, fields in SEES.items() if holds(viewer, role, on=places) for field in fields}
    return [field for field in Field if field in seen]


def can_answer_corrections(person: Person) -> bool:
    """The office: community workers."""
    return holds(person, Role.WORKER)


def can_delete_for(worker: Person, person: Person) -> bool:
    """Enter the wish of somebody without a telephone, who signed it: a community worker, never about herself."""
    return person.id not in worker.selves and holds(worker, Role.WORKER)


def can_see_retention(person: Person) -> bool:
    return holds(person, *READS_ALL)
