"""成员单位: which organisations belong to the alliance, since when, and who speaks for them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.db import db, rows, streamed
from portal.orgs.models import Kind, Organisation
from portal.orgs.registering import require_open
from portal.orgs.registry import hold_organisation
from portal.orgs.units import MemberUnit
from portal.problems import DomainError
from portal.search import holds
from portal.web.tables import Listing
from portal.words import _l

EARLIEST = date(1990, 1, 1)


class AlreadyUnit(DomainError):
    """The organisation is a member unit already."""


@dataclass(frozen=True)
class Belonging:
    """Since when a unit belongs to the alliance, who speaks for it, and what it promised."""

    joined_on: date
    representative: str | None = None
    representative_phone: str | None = None
    commitment: str | None = None


class UnitLine(NamedTuple):
    """A member unit as the roll shows it."""

    id: int
    organisation_id: int
    slug: str
    name: str
    kind: str
    credit_code: str | None
    joined_on: date
    left_on: date | None
    commitment: str | None

    @property
    def what(self) -> Kind:
        return Kind(self.kind)


def unit_of(organisation: Organisation) -> MemberUnit | None:
    """The organisation as a member unit of today."""
    now = (MemberUnit.organisation_id == organisation.id, MemberUnit.left_on.is_(None))
    return db.session.scalar(select(MemberUnit).where(*now))


def units_of(organisation: Organisation) -> list[MemberUnit]:
    """Every time that it belonged, the latest first."""
    mine = select(MemberUnit).where(MemberUnit.organisation_id == organisation.id)
    return list(db.session.scalars(mine.order_by(MemberUnit.joined_on.desc(), MemberUnit.id.desc())))


def list_units(listing: Listing) -> tuple[Listing, list[UnitLine]]:
    """The roll, by name; `state` gone shows those who left. Two statements."""
    wanted = list(_wanted(listing))
    counted = select(func.count()).select_from(MemberUnit).join(MemberUnit.organisation).where(*wanted)
    listing = listing.counted(int(rows(counted).scalar_one()))
    page = _lines(wanted).offset(listing.offset).limit(listing.per_page)
    return listing, [UnitLine(*row) for row in rows(page)]


def every_unit(listing: Listing) -> Iterator[UnitLine]:
    return (UnitLine(*row) for row in streamed(_lines(list(_wanted(listing)))))


def units_by_kind() -> dict[Kind, int]:
    """How many member units there are of each kind today."""
    counted = select(Organisation.kind, func.count()).join(MemberUnit, MemberUnit.organisation_id == Organisation.id)
    found = {row[0]: row[1] for row in rows(counted.where(MemberUnit.left_on.is_(None)).group_by(Organisation.kind))}
    return {kind: found.get(kind.value, 0) for kind in Kind}


def join_alliance(organisation: Organisation, belonging: Belonging, *, by: Actor, at: datetime) -> MemberUnit:
    """Make an organisation a member unit. Raises AlreadyUnit, IsClosed, DomainError."""
    hold_organisation(organisation)
    require_open(organisation)
    _check(belonging, at=at)
    if unit_of(organisation):
        raise AlreadyUnit(_l("「%(name)s」已经是成员单位。", name=organisation.name))
    if any(one.left_on and one.left_on > belonging.joined_on for one in units_of(organisation)):
        raise DomainError(_l("它在那天还是成员单位，请填退出以后的日期。"), field="joined_on")
    unit = MemberUnit(organisation_id=organisation.id, added_by_id=by.id, added_at=at, **asdict(belonging))
    db.session.add(unit)
    try:
        db.session.flush()
    except IntegrityError as twice:
        raise AlreadyUnit(_l("「%(name)s」已经是成员单位。", name=organisation.name)) from twice
    record("orgs.unit.joined", unit, by=by, at=at, organisation=organisation.id, day=belonging.joined_on)
    return unit


def change_unit(unit: MemberUnit, belonging: Belonging, *, by: Actor, at: datetime) -> None:
    """Correct its day, who speaks for it, or what it promised. Raises DomainError."""
    _check(belonging, at=at)
    if unit.left_on is not None:
        raise DomainError(_l("它已经不是成员单位了。"))
    changed = [name for name, value in asdict(belonging).items() if getattr(unit, name) != value]
    for name in changed:
        setattr(unit, name, getattr(belonging, name))
    if changed:
        db.session.flush()
        # Names and numbers lie sealed: the trail says which fields, not what is in them.
        record("orgs.unit.changed", unit, by=by, at=at, organisation=unit.organisation_id, fields=changed)


def leave_alliance(unit: MemberUnit, *, on: date, by: Actor, at: datetime) -> None:
    """It belongs no more from this day on. Raises DomainError."""
    hold_organisation(unit.organisation)
    db.session.refresh(unit)
    if unit.left_on is not None:
        raise DomainError(_l("它已经不是成员单位了。"))
    if not unit.joined_on <= on <= at.date():
        raise DomainError(_l("退出的日期在加入之后、不在今天之后。"), field="left_on")
    unit.left_on = on
    db.session.flush()
    record("orgs.unit.left", unit, by=by, at=at, organisation=unit.organisation_id, day=on)


def _check(belonging: Belonging, *, at: datetime) -> None:
    if not EARLIEST <= belonging.joined_on <= at.date():
        raise DomainError(_l("加入的日期不能在今天之后，也不会早于 1990 年。"), field="joined_on")


def _lines(wanted: list[Any]) -> Select[*tuple[Any, ...]]:
    of_organisation = ("slug", "name", "kind", "credit_code")
    told = [getattr(Organisation if name in of_organisation else MemberUnit, name) for name in UnitLine._fields]
    lines = select(*told).join(Organisation, Organisation.id == MemberUnit.organisation_id)
    return lines.where(*wanted).order_by(Organisation.name, MemberUnit.id)


def _wanted(listing: Listing) -> Iterator[Any]:
    gone = MemberUnit.left_on.is_not(None)
    yield gone if listing.extra.get("state") == "gone" else ~gone
    if listing.q:
        yield holds(listing.q, Organisation.name)
    if listing.extra.get("kind") in list(Kind):
        yield Organisation.kind == listing.extra["kind"]
