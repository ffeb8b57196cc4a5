from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import BigInt, Id, Model
from portal.people.models import Person, Scope
from portal.privacy import Sealed
from portal.public import shown
from portal.words import Words, _l


class Kind(StrEnum):
    """What an organisation is. COMMUNITY ones are on file (备案) and have no credit code."""

    ASSOCIATION = "association"
    SERVICE = "service"
    FOUNDATION = "foundation"
    COMMUNITY = "community"
    COMPANY = "company"
    CHAMBER = "chamber"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[Kind, Words] = {
    Kind.ASSOCIATION: _l("社会团体"),
    Kind.SERVICE: _l("社会服务机构"),
    Kind.FOUNDATION: _l("基金会"),
    Kind.COMMUNITY: _l("备案社区社会组织"),
    Kind.COMPANY: _l("企业"),
    Kind.CHAMBER: _l("商会"),
    Kind.OTHER: _l("其他"),
}


class Standing(StrEnum):
    """Registered (登记) with a credit code, or on file (备案) with a number."""

    REGISTERED = "registered"
    FILED = "filed"

    @property
    def label(self) -> Words:
        return STANDING_NAMES[self]


STANDING_NAMES: dict[Standing, Words] = {Standing.REGISTERED: _l("登记"), Standing.FILED: _l("备案")}

_IS_OPEN = text("closed_on IS NULL")


@shown
class Organisation(Model):
    """社会组织 or any other that belongs to the alliance. Everything here is public; who answers for it lies elsewhere.

    `seq` counts its changes: whoever changes it names the one they saw. A closed one (已注销) stays for its history;
    one that turned out to be a second entry of another has `merged_into_id`.
    """

    __tablename__ = "orgs_organisation"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in Kind)})", name="kind_known"),
        CheckConstraint(f"standing IN ({', '.join(repr(one.value) for one in Standing)})", name="standing_known"),
        Index(
            "uq_orgs_organisation_credit_code",
            "credit_code",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_orgs_organisation_kind", "kind", "name"),
        Index("ix_orgs_organisation_merged_into_id", "merged_into_id"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(default=Kind.OTHER.value, server_default=Kind.OTHER.value)
    standing: Mapped[str | None]
    credit_code: Mapped[str | None]
    filing_no: Mapped[str | None]
    authority: Mapped[str | None]
    standing_on: Mapped[date | None]
    address: Mapped[str | None]
    phone: Mapped[str | None]
    about: Mapped[str | None]
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"))
    closed_on: Mapped[date | None]
    closed_reason: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_organisation.id"))
    seq: Mapped[int] = mapped_column(default=0, server_default="0")

    teams: Mapped[list["Team"]] = relationship(back_populates="organisation", order_by="Team.name")

    @property
    def scope(self) -> Scope:
        return Scope("organisation", self.id)

    @property
    def what(self) -> Kind:
        return Kind(self.kind)

    @property
    def stands(self) -> Standing | None:
        return Standing(self.standing) if self.standing else None

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


class OrganisationContact(Model):
    """Whom the alliance calls: a person's name and number, for those who run the organisation and for staff alone."""

    __tablename__ = "orgs_contact"

    organisation_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("orgs_organisation.id"), primary_key=True, autoincrement=False
    )
    name: Mapped[str | None] = mapped_column(Sealed("orgs_contact.name"))
    phone: Mapped[str | None] = mapped_column(Sealed("orgs_contact.phone"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))


@shown
class Team(Model):
    """志愿服务队 of an organisation."""

    __tablename__ = "orgs_team"
    __table_args__ = (CheckConstraint("name <> ''", name="name_given"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(back_populates="teams")

    @property
    def scopes(self) -> tuple[Scope, Scope]:
        """Where a role counts for this team: the team itself and its organisation."""
        return Scope("team", self.id), Scope("organisation", self.organisation_id)


@shown
class Membership(Model):
    """A person belongs to a team from a day on, until another. Several teams at once are usual."""

    __tablename__ = "orgs_membership"
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="left_after_joining"),
        Index(
            "uq_orgs_membership_current",
            "person_id",
            "team_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"), index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    until: Mapped[date | None]
    """Whoever is lent to a team belongs to it up to this day, even before somebody has written `left_on`."""

    person: Mapped[Person] = relationship()
    team: Mapped[Team] = relationship()
