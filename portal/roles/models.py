from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.people.models import Grant, Person
from portal.words import Words, _l


class Answer(StrEnum):
    """What became of a wish for a deputy."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return ANSWER_NAMES[self]


ANSWER_NAMES: dict[Answer, Words] = {
    Answer.CONFIRMED: _l("已确认"),
    Answer.REFUSED: _l("没有同意"),
    Answer.WITHDRAWN: _l("已撤回"),
}

_IS_OPEN = text("answer IS NULL")


class DeputyWish(Model):
    """Somebody who handles money wishes to be stood in for. Until an administrator confirms it, nobody may anything
    by it: only then a grant is made."""

    __tablename__ = "roles_deputy_wish"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint(f"answer IN ({', '.join(repr(answer.value) for answer in Answer)})", name="answer_known"),
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by_id IS NULL)",
            name="answered_by_somebody",
        ),
        CheckConstraint(
            "answer IS NULL OR answer <> 'confirmed' OR answered_by_id NOT IN (wished_by_id, person_id)",
            name="confirmed_by_a_third",
        ),
        CheckConstraint("person_id <> wished_by_id", name="somebody_else"),
        Index(
            "uq_roles_deputy_wish_open",
            "grant_id",
            "person_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[Id]
    grant_id: Mapped[int] = mapped_column(ForeignKey("people_grant.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str]
    wished_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    wished_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    answered_at: Mapped[datetime | None]

    grant: Mapped[Grant] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    wished_by: Mapped[Person] = relationship(foreign_keys=[wished_by_id])
