from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import BigInt, Id, Model
from portal.search import indexed
from portal.words import Words, _l


class Kind(StrEnum):
    """What can be found."""

    PERSON = "person"
    ORGANISATION = "organisation"
    TEAM = "team"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[Kind, Words] = {Kind.PERSON: _l("人"), Kind.ORGANISATION: _l("组织"), Kind.TEAM: _l("队伍")}

Letters = String().with_variant(String(collation="C"), "postgresql")
"""Text of plain letters that is asked for by its beginning: in the order of its bytes, whatever the database's own."""


class Named(Model):
    """Somebody or something with a name. Triggers write it beside its own table, in the same transaction.

    `syllables` and `initials` say how the name is read, every reading after a `;`: ` zeng xiao man; ceng xiao man` and
    `;zxm;cxm`. NULL: not read yet.
    """

    __tablename__ = "finding_name"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in Kind)})", name="kind_known"),
        CheckConstraint("(syllables IS NULL) = (initials IS NULL)", name="read_whole"),
        UniqueConstraint("kind", "ref_id"),
        Index(
            "ix_finding_name_unread",
            "id",
            sqlite_where=text("syllables IS NULL"),
            postgresql_where=text("syllables IS NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    ref_id: Mapped[int]
    name: Mapped[str]
    syllables: Mapped[str | None] = mapped_column(Letters)
    initials: Mapped[str | None] = mapped_column(Letters)


class Reading(Model):
    """One way to read a person's name from one of its characters on: `xiao man`, `xm`. For those who see everybody."""

    __tablename__ = "finding_reading"
    __table_args__ = (
        Index("ix_finding_reading_syllables", "syllables", "name_id"),
        Index("ix_finding_reading_initials", "initials", "syllables", "name_id"),
        {"sqlite_with_rowid": False},
    )

    name_id: Mapped[int] = mapped_column(BigInt, ForeignKey("finding_name.id"), primary_key=True, autoincrement=False)
    syllables: Mapped[str] = mapped_column(Letters, primary_key=True)
    initials: Mapped[str] = mapped_column(Letters)


NAMES = indexed("finding_name", "name")
