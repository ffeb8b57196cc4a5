"""People who wish to be volunteers of the lead's organisation and wait to be answered: one of age, two who are not."""

from datetime import date, timedelta
from typing import NamedTuple

from portal import clock
from portal.consents.models import Purpose
from portal.demo.names import PLACES
from portal.identity import Gender
from portal.joining.actions import apply
from portal.joining.wishes import Wish, wish_for, wish_for_team
from portal.orgs.models import Organisation, Team
from portal.people.actions import add_person
from portal.profiles.choices import RELATIONS
from portal.profiles.details import Details, Protector

YEAR = timedelta(days=365.25)


class _Newcomer(NamedTuple):
    name: str
    gender: Gender
    age: int
    days_ago: int
    guardian: str | None = None
    agreed: bool = False


NEWCOMERS = (
    _Newcomer("简秋禾", Gender.FEMALE, 58, 3),
    _Newcomer("乔安澜", Gender.MALE, 16, 2, "乔书瑶", agreed=True),
    _Newcomer("温谷雨", Gender.FEMALE, 15, 1, "温竹君"),
)


def add_applications(organisation: Organisation, team: Team) -> None:
    """The first wishes to join the team, the others the organisation; the last one's guardian is still to sign."""
    wishes = (wish_for_team(team.id), wish_for(organisation.id), wish_for(organisation.id))
    for number, (newcomer, wish) in enumerate(zip(NEWCOMERS, wishes, strict=True)):
        _apply(newcomer, wish, area=PLACES[number])


def _apply(newcomer: _Newcomer, wish: Wish, *, area: str) -> None:
    at = clock.now() - timedelta(days=newcomer.days_ago, hours=newcomer.age % 7)
    person = add_person(newcomer.name, by=None, at=at)
    details = Details(
        gender=newcomer.gender,
        born_on=_born(newcomer, today=at.date()),
        area=area,
        guardian=Protector(newcomer.guardian, "13900000000", RELATIONS[0].text) if newcomer.guardian else None,
    )
    apply(person, details, agreed=[Purpose.JOIN], by=person, at=at, wish=wish, guardian_agreed=newcomer.agreed)


def _born(newcomer: _Newcomer, *, today: date) -> date:
    return today - newcomer.age * YEAR - timedelta(days=100)
