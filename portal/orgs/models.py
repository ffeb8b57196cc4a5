from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.people.models import Person, Scope
from portal.public import shown


@shown
class Organisation(Model):
    """社会组织: registered (登记) or on file (备案)."""

    __tablename__ = "orgs_organisation"
    __table_args__ = (CheckConstraint("name <> ''", name="name_given"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]

    teams: Mapped[list["Team"]] = relationship(back_populates="organisation", order_by="Team.name")

    @property
    def scope(self) -> Scope:
        return Scope("organisation", self.id)


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

    person: Mapped[Person] = relationship()
    team: Mapped[Team] = relationship()
