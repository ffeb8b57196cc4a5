"""Reading the registry: the list that staff work with, one organisation, and what must not be there twice."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from portal.db import db, rows, streamed
from portal.files import StoredFile
from portal.orgs.models import Kind, Organisation, OrganisationContact, Standing, Team
from portal.orgs.policy import STAFF
from portal.orgs.units import MemberUnit
from portal.people.models import Person, Role, Scope
from portal.people.policy import READS_ALL, scopes_of
from portal.search import holds
from portal.web.tables import Listing

FILTERS = ("kind", "standing", "unit", "state")
"""Further parameters of the list: `unit` yes or no, `state` open (unless told otherwise), closed or all."""


class RegistryLine(NamedTuple):
    """An organisation as the list shows it."""

    id: int
    slug: str
    name: str
    kind: str
    standing: str | None
    credit_code: str | None
    filing_no: str | None
    authority: str | None
    standing_on: date | None
    closed_on: date | None
    merged_into_id: int | None
    joined_on: date | None

    @property
    def what(self) -> Kind:
        return Kind(self.kind)

    @property
    def stands(self) -> Standing | None:
        return Standing(self.standing) if self.standing else None

    @property
    def number(self) -> str | None:
        return self.credit_code or self.filing_no


def organisation_by_id(organisation_id: int) -> Organisation | None:
    return db.session.get(Organisation, organisation_id)


def organisation_by_slug(slug: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).where(Organisation.slug == slug))


def organisation_at(scope: Scope) -> Organisation | None:
    """The organisation that a scope is, or in which the team lies that it is."""
    if scope.kind == "organisation":
        return db.session.get(Organisation, scope.id)
    if scope.kind != "team":
        return None
    return db.session.scalar(select(Organisation).join(Organisation.teams).where(Team.id == scope.id))


def organisation_with_logo(file_id: int) -> Organisation | None:
    """Whose logo a photo is."""
    return db.session.scalar(select(Organisation).where(Organisation.logo_id == file_id).limit(1))


def logo_of(organisation: Organisation) -> str | None:
    """Under which 32 digits the logo is served."""
    if organisation.logo_id is None:
        return None
    return db.session.scalar(select(StoredFile.public_id).where(StoredFile.id == organisation.logo_id))


def contact_of(organisation: Organisation) -> OrganisationContact | None:
    return db.session.get(OrganisationContact, organisation.id)


def hold_organisation(*organisations: Organisation) -> None:
    """Let nobody else change these until the transaction ends, and see them as they are now."""
    for organisation in sorted(organisations, key=lambda one: one.id):
        db.session.refresh(organisation, with_for_update=True)


def taken_by(column: str, value: str, *, but: int | None = None) -> Organisation | None:
    """The other organisation that has this name, address or (while it is open) credit code."""
    wanted = [getattr(Organisation, column) == value]
    if column == "credit_code":
        wanted.append(Organisation.closed_on.is_(None))
    if but is not None:
        wanted.append(Organisation.id != but)
    return db.session.scalar(select(Organisation).where(*wanted).limit(1))


def seen_by(person: Person) -> ColumnElement[bool] | None:
    """Which organisations the person finds in the registry; None: all of them."""
    if scopes_of(person, *STAFF, *READS_ALL, kind="community") is None:
        return None
    own = scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation")
    return None if own is None else Organisation.id.in_(own)


def list_registry(person: Person, listing: Listing) -> tuple[Listing, list[RegistryLine]]:
    """The page that the listing asks for, by name. Two statements."""
    wanted = _wanted(person, listing)
    listing = listing.counted(int(rows(_counted(wanted)).scalar_one()))
    page = _lines(wanted).offset(listing.offset).limit(listing.per_page)
    return listing, [RegistryLine(*row) for row in rows(page)]


def every_line(person: Person, listing: Listing) -> Iterator[RegistryLine]:
    """All that fit, read when the request has ended."""
    return (RegistryLine(*row) for row in streamed(_lines(_wanted(person, listing))))


def counts_by_kind(wanted: Iterable[ColumnElement[bool]] = ()) -> dict[Kind, int]:
    """How many open organisations there are of each kind, none left out."""
    counted = select(Organisation.kind, func.count()).where(Organisation.closed_on.is_(None), *wanted)
    found: Mapping[str, int] = {row[0]: row[1] for row in rows(counted.group_by(Organisation.kind))}
    return {kind: found.get(kind.value, 0) for kind in Kind}


def is_unit() -> ColumnElement[bool]:
    """That an organisation is a member unit today."""
    now = MemberUnit.left_on.is_(None)
    return exists().where(MemberUnit.organisation_id == Organisation.id, now).correlate(Organisation)


def _counted(wanted: list[ColumnElement[bool]]) -> Select[int]:
    return select(func.count()).select_from(Organisation).where(*wanted)


def _lines(wanted: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    unit = (MemberUnit.organisation_id == Organisation.id) & MemberUnit.left_on.is_(None)
    told = [getattr(Organisation, name) for name in RegistryLine._fields[:-1]]
    lines = select(*told, MemberUnit.joined_on).outerjoin(MemberUnit, unit)
    return lines.where(*wanted).order_by(Organisation.name, Organisation.id)


def _wanted(person: Person, listing: Listing) -> list[ColumnElement[bool]]:
    wanted = list(_asked(listing))
    seen = seen_by(person)
    return wanted if seen is None else [*wanted, seen]


def _asked(listing: Listing) -> Iterator[ColumnElement[bool]]:
    asked = listing.extra
    if listing.q:
        # A code is typed or pasted in any width; a name as it stands.
        yield or_(holds(listing.q, Organisation.name, Organisation.filing_no), _has_code(listing.q))
    if asked.get("kind") in list(Kind):
        yield Organisation.kind == asked["kind"]
    if asked.get("standing") in list(Standing):
        yield Organisation.standing == asked["standing"]
    if asked.get("unit") in ("yes", "no"):
        yield is_unit() if asked["unit"] == "yes" else ~is_unit()
    state = asked.get("state", "open")
    if state != "all":
        closed = Organisation.closed_on.is_not(None)
        yield closed if state == "closed" else ~closed


def _has_code(q: str) -> ColumnElement[bool]:
    return holds("".join(q.split()).upper(), Organisation.credit_code)
