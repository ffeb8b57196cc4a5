"""Booking a 接龙: exactly what the preview showed, and what has changed since is said."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from portal.audit import record
from portal.db import db
from portal.orgs.models import Team
from portal.people.models import Person
from portal.problems import DomainError
from portal.teams.admitting import admit_many
from portal.teams.recognising import Doubt, Place, preview
from portal.teams.telling import JOINED, tell_of_team
from portal.words import _, _l


class Booked(NamedTuple):
    """How many are members now, and a sentence for each place that is no longer as the preview showed it."""

    people: list[Person]
    changed: list[str]


def book(text: str, picks: Mapping[int, int], team: Team, *, by: Person, at: datetime) -> Booked:
    """Make members of whom somebody picked for each place (index → person). Raises DomainError.

    Only whom the list can mean: an id of anybody else is refused like a place that has changed.
    """
    places = {one.index: one for one in preview(text, team).places}
    chosen: dict[int, Person] = {}
    changed: list[str] = []
    for index, person_id in sorted(picks.items()):
        place = places.get(index)
        person = _still(place, person_id)
        if person is None:
            changed.append(_what_changed(place))
        else:
            chosen[person.id] = person
    if not chosen:
        raise DomainError(" ".join(changed) if changed else _l("没有要登记的人：请先勾选。"))
    people = list(chosen.values())
    admit_many(people, team, by=by, at=at)
    record("teams.chain.booked", team, by=by, at=at, count=len(people), people=[one.id for one in people])
    tell_of_team([one.id for one in people if one.id != by.id], JOINED, team, at=at, name=by.name)
    return Booked(people, changed)


def _still(place: Place | None, person_id: int) -> Person | None:
    """The person, as long as the place may still mean her."""
    if place is None or all(one.person_id != person_id for one in place.candidates):
        return None
    return db.session.get(Person, person_id)


def _what_changed(place: Place | None) -> str:
    if place is None:
        return _("名单变了，请重新预览。")
    name = place.entry.name or place.entry.raw
    if place.doubt is Doubt.MEMBER:
        return _("%(name)s刚刚已经入队了。", name=name)
    return _("%(name)s的情况刚刚变了，没有登记。", name=name)
