"""What a row changes of somebody known: what is said anew and differs. Empty cells never erase."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from portal.contacts.actions import MOST
from portal.contacts.reading import Address
from portal.identity import GENDER_NAMES, PAPER_NAMES, Gender, Paper
from portal.privacy import mask_birth, mask_paper, mask_place
from portal.problems import DomainError
from portal.profiles.actions import values_of
from portal.profiles.details import Details, checked, is_minor
from portal.profiles.models import Status, Topic
from portal.rosters.columns import Field
from portal.rosters.known import KnownPerson
from portal.rosters.rows import Someone
from portal.words import _l

SENSITIVE = ("id_kind", "id_number", "id_digest", "health", "ethnic", "party")
_NEVER = ("has_phone", "birth_year")
_HIDDEN = ("health", "ethnic", "party", "guardian_name", "guardian_mobile", "guardian_relation")
"""Of these a change says that there was something before, not what."""

SOMETHING = "***"


class Change(NamedTuple):
    """One field of an update, for people to read. What they could not see elsewhere is masked."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Patch:
    """What is to be written of somebody known. `values` are columns of her file, `chosen` words that replace hers.

    Contacts and teams are only ever added.
    """

    person: KnownPerson
    name: str | None
    values: Mapping[str, Any]
    chosen: Mapping[Topic, tuple[str, ...]]
    contacts: tuple[Address, ...]
    teams: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.values or self.chosen or self.contacts or self.teams)

    @property
    def brings_paper(self) -> bool:
        return "id_number" in self.values


def patch_of(
    one: Someone, person: KnownPerson, *, today: date, may_rename: bool = False, takes_paper: bool = True
) -> Patch:
    """What the row says of her that is not so yet. Raises DomainError where the two together make no sense."""
    given = {name: value for name, value in values_of(one.details).items() if value is not None and name not in _NEVER}
    values = {name: value for name, value in given.items() if value != person.of(name)}
    if not takes_paper or _is_unprotected(one, person, today):
        values = {name: value for name, value in values.items() if name not in SENSITIVE}
    _require_sense(person, values, today)
    contacts = tuple(address for address in one.contacts if address.digest not in person.contacts)
    if contacts and len(person.contacts) + len(contacts) > MOST:
        raise DomainError(_l("她的联系方式太多了，最多留 %(count)d 个。", count=MOST), field="contact")
    if "born_on" in values:
        values["birth_year"] = date.fromisoformat(values["born_on"]).year
    return Patch(
        person=person,
        name=one.name if may_rename and one.name != person.name and "name" not in one.masked else None,
        values=values,
        chosen=dict(_chosen(one, person)),
        contacts=contacts,
        teams=_teams(one, person),
    )


def changes_of(patch: Patch, *, team_names: Mapping[int, str]) -> list[Change]:
    """The update field by field."""
    person, values = patch.person, patch.values
    changes = [Change("name", person.name, patch.name)] if patch.name else []
    for name in values:
        if name not in ("id_digest", "birth_year"):
            changes.append(Change(name, _shown(name, person.of(name)), _shown(name, values[name], is_new=True)))
    for topic, words in patch.chosen.items():
        changes.append(Change(_FIELDS[topic], "、".join(person.chosen.get(topic, ())), "、".join(words)))
    if patch.contacts:
        changes.append(
            Change("contact", "、".join(person.contacts.values()), _joined(one.value for one in patch.contacts))
        )
    if patch.teams:
        old = (team_names.get(team, "") for team in sorted(person.teams))
        changes.append(Change("teams", _joined(old), _joined(team_names.get(team, "") for team in patch.teams)))
    return changes


_FIELDS: dict[Topic, Field] = {Topic.SKILL: "skills", Topic.SERVICE: "services"}


def _teams(one: Someone, person: KnownPerson) -> tuple[int, ...]:
    """Teams she is to join. Whoever still waits to be approved joins none."""
    if person.status in (Status.APPLIED, Status.REFUSED):
        return ()
    return tuple(team for team in one.teams if team not in person.teams)


def _is_unprotected(one: Someone, person: KnownPerson, today: date) -> bool:
    """Under age, and no guardian is named here or there: nobody has agreed to what is sensitive."""
    born_on = one.details.born_on or (date.fromisoformat(known) if (known := person.of("born_on")) else None)
    is_young = born_on is not None and is_minor(Details(born_on=born_on), today=today)
    return is_young and one.details.guardian is None and not person.of("guardian_name")


def _require_sense(person: KnownPerson, values: Mapping[str, Any], today: date) -> None:
    """Birth date and gender are what the number says, whichever of them is new. Raises DomainError."""
    if not values.keys() & {"gender", "born_on", "id_number"}:
        return
    held = {name: values.get(name, person.of(name)) for name in ("gender", "born_on", "id_kind", "id_number")}
    checked(
        Details(
            gender=Gender(held["gender"]) if held["gender"] else None,
            born_on=date.fromisoformat(held["born_on"]) if held["born_on"] else None,
            paper=Paper(held["id_kind"]) if held["id_kind"] else None,
            number=held["id_number"],
        ),
        today=today,
        needs_guardian=False,
    )


def _chosen(one: Someone, person: KnownPerson) -> Iterator[tuple[Topic, tuple[str, ...]]]:
    for topic, words in ((Topic.SKILL, one.details.skills), (Topic.SERVICE, one.details.services)):
        if words and set(words) != set(person.chosen.get(topic, ())):
            yield topic, words


def _shown(name: str, value: Any, *, is_new: bool = False) -> str:
    """A value for people to read."""
    if not value:
        return ""
    match name:
        case "gender":
            return GENDER_NAMES[Gender(value)].text
        case "id_kind":
            return PAPER_NAMES[Paper(value)].text
        case "id_number":
            return mask_paper(value)
        case "born_on" if not is_new:
            return mask_birth(date.fromisoformat(value))
        case "address" if not is_new:
            return mask_place(value)
        case _ if name in _HIDDEN and not is_new:
            return SOMETHING
    return str(value)


def _joined(words: Iterable[str]) -> str:
    return "、".join(word for word in words if word)
