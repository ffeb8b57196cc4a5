"""An organisation whose members' files, hours and papers are known."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from portal.activities.actions import close_activity
from portal.clock import frozen
from portal.db import db
from portal.hours.actions import approve_claim
from portal.identity import Gender
from portal.people.models import ALLIANCE, Person, Role
from portal.profiles.models import Document, Profile, Proof, Status
from tests import factories
from tests.factories import BEGINNING
from tests.scenes import Scenes
from tests.volunteers import MONDAY, Cast, claimed, published

TODAY = MONDAY.date()


@dataclass
class Figures:
    """`members` belong to the cast's team beside its own five; the worker and the council see all organisations."""

    members: list[Person]
    outsider: Person
    worker: Person
    council: Person


@pytest.fixture
def figures(people: Cast, scenes: Scenes) -> Figures:
    def made() -> Figures:
        with frozen(MONDAY):
            return _figures(people)

    return scenes("figures", made)


def _figures(people: Cast) -> Figures:
    other = factories.team("潮声合唱队", of=factories.organisation("潮声社会组织"))
    found = Figures(
        members=[factories.person(f"成员{number}", teams=[people.team]) for number in range(12)],
        outsider=factories.person("外队人", teams=[other]),
        worker=factories.person("社工", grants=[(Role.WORKER, ALLIANCE)]),
        council=factories.person("委员", grants=[(Role.COUNCIL, ALLIANCE)]),
    )
    for number, one in enumerate(found.members):
        file(one, Gender.MALE if number < 2 else Gender.FEMALE, 1950 if number < 6 else 1990, "长安里")
    file(found.members[11], None, None, None, status=Status.LEFT)
    activity = published(people)
    claim = claimed(found.members[0], activity)
    approve_claim(claim, seen=0, by=people.lead, at=MONDAY)
    close_activity(activity, seen=activity.seq, by=people.leader, at=MONDAY)
    for one, days in ((found.members[0], 10), (found.members[1], 45), (found.members[2], -3), (found.members[3], 400)):
        paper(one, days)
    paper(found.outsider, 10)
    db.session.flush()
    return found


def file(
    person: Person,
    gender: Gender | None,
    year: int | None,
    area: str | None,
    *,
    status: Status = Status.ACTIVE,
) -> None:
    db.session.merge(
        Profile(
            person_id=person.id,
            status=status.value,
            status_at=BEGINNING,
            gender=gender.value if gender else None,
            birth_year=year,
            area=area,
            has_phone=True,
            created_at=BEGINNING,
            updated_at=BEGINNING,
        )
    )


def paper(person: Person, days: int, *, on: date = TODAY) -> None:
    """A certificate that runs out in so many days."""
    db.session.add(
        Document(
            person_id=person.id,
            kind=Proof.CERTIFICATE.value,
            name="急救员证",
            valid_until=on + timedelta(days=days),
            added_by_id=person.id,
            added_at=BEGINNING,
        )
    )
