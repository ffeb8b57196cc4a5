from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.public import shown
from portal.web.libs import UserMixin, _l
from portal.words import Words


class Role(StrEnum):
    """What a grant makes of a person. The Chinese names are the glossary's."""

    VOLUNTEER = "volunteer"
    TEAM_LEADER = "team_leader"
    ORGANISATION_ADMIN = "organisation_admin"
    REVIEWER = "reviewer"
    CASHIER = "cashier"
    ACCOUNTANT = "accountant"
    COUNCIL = "council"
    SUPERVISOR = "supervisor"
    WORKER = "worker"
    ADMIN = "admin"

    @property
    def label(self) -> Words:
        return ROLE_NAMES[self]


ROLE_NAMES: dict[Role, Words] = {
    Role.VOLUNTEER: _l("志愿者"),
    Role.TEAM_LEADER: _l("队长"),
    Role.ORGANISATION_ADMIN: _l("组织管理员"),
    Role.REVIEWER: _l("审核人"),
    Role.CASHIER: _l("出纳"),
    Role.ACCOUNTANT: _l("会计"),
    Role.COUNCIL: _l("管委会委员"),
    Role.SUPERVISOR: _l("监督员"),
    Role.WORKER: _l("社工"),
    Role.ADMIN: _l("系统管理员"),
}


class Scope(NamedTuple):
    """Where a role counts: the whole alliance (id 0), an organisation, a team or a fund."""

    kind: str
    id: int = 0


ALLIANCE = Scope("alliance")
SCOPE_KINDS = ("alliance", "community", "grid", "organisation", "team", "fund")


@shown
class Person(Model, UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """Somebody with a real name: a volunteer, a donor, staff. Without a login a person is entered by others."""

    __tablename__ = "people_person"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("(login IS NULL) = (password_hash IS NULL)", name="login_has_password"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    login: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    volunteer_no: Mapped[str | None] = mapped_column(unique=True)
    is_open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    signed_out_at: Mapped[datetime | None]
    """Whatever she signed in to before then counts no more."""
    other_ids: Mapped[str | None]
    """Entries of the same person that were merged into this one: ids with blanks between them."""

    grants: Mapped[list["Grant"]] = relationship(foreign_keys="Grant.person_id", back_populates="person")

    @property
    def selves(self) -> tuple[int, ...]:
        """Under which ids she has done things: her own, and those of entries merged into hers."""
        return (self.id, *map(int, self.other_ids.split())) if self.other_ids else (self.id,)

    @property
    def is_active(self) -> bool:
        """Flask-Login asks: a closed account signs in no more."""
        return self.is_open


class Grant(Model):
    """Person × role × scope × from–until, with who gave it and why. `ends_on` is the last day it counts.

    One that was ended early, with who did so and why, has an earlier `ends_on`: before `starts_on` when it never
    counted. A deputy's grant names the one whose holder is away.
    """

    __tablename__ = "people_grant"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(repr(role.value) for role in Role)})", name="role_known"),
        CheckConstraint(f"scope_kind IN ({', '.join(map(repr, SCOPE_KINDS))})", name="scope_known"),
        CheckConstraint("(scope_kind = 'alliance') = (scope_id = 0)", name="alliance_has_no_id"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on OR ended_at IS NOT NULL", name="ends_after_start"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_with_reason"),
        CheckConstraint("ended_by_id IS NULL OR ended_at IS NOT NULL", name="ended_by_somebody"),
        CheckConstraint("given_by_id IS NULL OR given_by_id <> person_id", name="not_to_oneself"),
        Index("ix_people_grant_scope", "scope_kind", "scope_id", "role"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    role: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    reason: Mapped[str]
    deputy_of_id: Mapped[int | None] = mapped_column(ForeignKey("people_grant.id"), index=True)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    end_reason: Mapped[str | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], back_populates="grants")

    @property
    def label(self) -> Words:
        return Role(self.role).label

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_kind, self.scope_id)

    def counts_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
