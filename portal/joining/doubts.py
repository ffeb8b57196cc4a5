"""What a decider should look at twice before she approves, for a whole page in a few statements.

A doubt never says who the other person is, unless its reader may open the other's file anyway.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from portal.contacts.models import Contact, Kind
from portal.contacts.reading import read_address
from portal.db import db
from portal.joining.queries import Line
from portal.orgs.queries import people_seen_by
from portal.people.models import Person
from portal.people.names import strange_in
from portal.privacy import mask_name
from portal.problems import DomainError
from portal.profiles.models import Profile
from portal.words import Words, _l, ngettext


class Doubt(NamedTuple):
    """One sentence; `others` are people whom this reader knows anyway."""

    words: Words | str
    others: tuple[str, ...] = ()


def doubts_of(lines: Sequence[Line], *, viewer: Person) -> dict[int, list[Doubt]]:
    """By application."""
    papers, twins, mobiles = _same_papers(lines), _same_births(lines), _same_contacts(lines)
    others = {one for found in (papers, twins) for people in found.values() for one in people}
    known = _known(others, viewer)
    return {
        line.application.id: list(_of(line, papers[line.person.id], twins[line.person.id], mobiles, known))
        for line in lines
    }


def _of(
    line: Line, papers: set[int], twins: set[int], mobiles: Mapping[int, int], known: Mapping[int, str]
) -> Iterator[Doubt]:
    if papers:
        yield Doubt(_l("证件号码和另一份档案相同"), _names(papers, known))
    if twins - papers:
        yield Doubt(_l("有同名同生日的人"), _names(twins - papers, known))
    if count := mobiles.get(line.person.id, 0):
        yield Doubt(ngettext("联系方式和另外 %(num)d 人共用", "联系方式和另外 %(num)d 人共用", count))
    if (strange := strange_in(line.person.name)) is not None:
        yield Doubt(strange)
    if _guardian_is_she(line):
        yield Doubt(_l("监护人的手机就是本人的"))


def _names(people: Iterable[int], known: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(known[one] for one in sorted(people) if one in known)


def _same_papers(lines: Sequence[Line]) -> defaultdict[int, set[int]]:
    digests = {line.profile.id_digest for line in lines if line.profile.id_digest}
    if not digests:
        return defaultdict(set)
    same = select(Profile.person_id, Profile.id_digest).where(Profile.id_digest.in_(digests))
    holders: defaultdict[str | None, set[int]] = defaultdict(set)
    for person_id, digest in db.session.execute(same):
        holders[digest].add(person_id)
    return _others(lines, {line.person.id: holders[line.profile.id_digest] for line in lines if line.profile.id_digest})


def _same_births(lines: Sequence[Line]) -> defaultdict[int, set[int]]:
    """The birth date lies sealed: those of the same name and year are opened and compared."""
    years = {line.profile.birth_year for line in lines if line.profile.birth_year}
    names = {line.person.name for line in lines if line.profile.birth_year}
    if not names:
        return defaultdict(set)
    same = select(Person.id, Person.name, Profile.born_on).join(Profile, Profile.person_id == Person.id)
    born: defaultdict[tuple[str, str | None], set[int]] = defaultdict(set)
    for person_id, name, born_on in db.session.execute(
        same.where(Person.name.in_(names), Profile.birth_year.in_(years))
    ):
        born[name, born_on].add(person_id)
    return _others(lines, {line.person.id: born[line.person.name, line.profile.born_on] for line in lines})


def _same_contacts(lines: Sequence[Line]) -> dict[int, int]:
    """How many others are reached at the same mobile or mailbox. Twins with one mobile are nothing odd by itself."""
    people = [line.person.id for line in lines]
    own = select(Contact.person_id, Contact.digest).where(
        Contact.person_id.in_(people), Contact.verified_at.is_not(None)
    )
    hers = [(person_id, digest) for person_id, digest in db.session.execute(own)]
    if not hers:
        return {}
    shared: defaultdict[str, set[int]] = defaultdict(set)
    there = select(Contact.digest, Contact.person_id).where(Contact.digest.in_({digest for _, digest in hers}))
    for digest, person_id in db.session.execute(there.where(Contact.verified_at.is_not(None))):
        shared[digest].add(person_id)
    reached: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, digest in hers:
        reached[person_id] |= shared[digest] - {person_id}
    return {person_id: len(others) for person_id, others in reached.items()}


def _guardian_is_she(line: Line) -> bool:
    mobile = line.profile.guardian_mobile
    if not mobile or line.application.paper_id is not None:
        return False
    try:
        digest = read_address(mobile).digest
    except DomainError:
        return False
    own = select(Contact.id).where(Contact.person_id == line.person.id, Contact.digest == digest)
    return db.session.scalar(own.where(Contact.kind == Kind.MOBILE.value).limit(1)) is not None


def _known(people: set[int], viewer: Person) -> dict[int, str]:
    """Name and number of those of them whose files this viewer may open."""
    if not people:
        return {}
    wanted = select(Person.id, Person.name, Person.volunteer_no).where(Person.id.in_(people))
    if (seen := people_seen_by(viewer)) is not None:
        wanted = wanted.where(Person.id.in_(seen))
    return {one.id: f"{mask_name(one.name)} {one.volunteer_no or ''}".strip() for one in db.session.execute(wanted)}


def _others(lines: Sequence[Line], same: Mapping[int, set[int]]) -> defaultdict[int, set[int]]:
    return defaultdict(set, {line.person.id: same.get(line.person.id, set()) - {line.person.id} for line in lines})
