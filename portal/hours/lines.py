"""What a line of the queue shows of a claim. Fifty whole claims with all that belongs to them take longer to unpack
than to find.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from portal.activities.models import Activity
from portal.hours.models import Claim, Evidence, Status
from portal.orgs.models import Team
from portal.people.models import Person, Scope


class Line(NamedTuple):
    """A claim. `begins` and `ends` are its activity's; `rank` is 1 when it is known to have no doubts, else 0."""

    id: int
    seq: int
    status: str
    person_id: int
    person: str
    activity: str
    team_id: int
    team: str
    organisation_id: int
    entered_by_id: int
    starts_at: datetime
    ends_at: datetime
    minutes: int
    evidence: str
    is_late: bool
    begins: datetime
    ends: datetime
    rank: int = 0

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def proof(self) -> Evidence:
        return Evidence(self.evidence)

    @property
    def scopes(self) -> tuple[Scope, Scope]:
        return Scope("team", self.team_id), Scope("organisation", self.organisation_id)

    @property
    def ticket(self) -> str:
        return f"{self.id}:{self.seq}"


def lines() -> Select[*tuple[Any, ...]]:
    """The columns of Line but `rank`, of claims joined with whom and what they are about."""
    return (
        select(
            Claim.id,
            Claim.seq,
            Claim.status,
            Claim.person_id,
            Person.name,
            Activity.name,
            Claim.team_id,
            Team.name,
            Claim.organisation_id,
            Claim.entered_by_id,
            Claim.starts_at,
            Claim.ends_at,
            Claim.minutes,
            Claim.evidence,
            Claim.is_late,
            Activity.starts_at,
            Activity.ends_at,
        )
        .join(Person, Person.id == Claim.person_id)
        .join(Activity, Activity.id == Claim.activity_id)
        .join(Team, Team.id == Claim.team_id)
    )
