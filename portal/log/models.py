from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model
from portal.public import shown

TILE = 256
"""Hashes in a whole tile (C2SP tlog-tiles)."""


@shown
class Leaf(Model):
    """A fact's place in the log and its leaf hash. What the leaf says is made of the fact's row, and kept nowhere."""

    __tablename__ = "log_leaf"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        CheckConstraint("idx >= 0", name="not_negative"),
        CheckConstraint("length(hash) = 32", name="hash_whole"),
    )

    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    ref: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Secret(Model):
    """A private field's commitment, which is part of its leaf for ever, and its salt, which goes when the data goes."""

    __tablename__ = "log_secret"
    __table_args__ = (
        CheckConstraint("length(commitment) = 32", name="commitment_whole"),
        CheckConstraint("salt IS NULL OR length(salt) = 32", name="salt_whole"),
        {"sqlite_with_rowid": False},
    )

    idx: Mapped[int] = mapped_column(ForeignKey("log_leaf.idx"), primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(primary_key=True)
    commitment: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)


class Tile(Model):
    """256 hashes of a level, written once when they are complete, and the hash of the subtree over them."""

    __tablename__ = "log_tile"
    __table_args__ = (CheckConstraint("length(hashes) = 8192", name="whole"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)


@shown
class Head(Model):
    """Where the log stands: its size, the roots of its whole subtrees (32 bytes each, largest first), the signed note.

    One row, locked last in every transaction that appends. `origin` is the log's name, `vkey` the verifier key that
    the note is signed for.
    """

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"), CheckConstraint("size >= 0", name="not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]
    vkey: Mapped[str]
    size: Mapped[int]
    stack: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str]


@shown
class Key(Model):
    """A verifier key of this log, the size from which on it signs, and why it was declared. Old ones stay valid."""

    __tablename__ = "log_key"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_given"),)

    vkey: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    from_size: Mapped[int]
    reason: Mapped[str]
    declared_at: Mapped[datetime]


@shown
class Cosignature(Model):
    """A witness's line under the checkpoint of a size: it saw this head, and no other of that size.

    `witness` is the witness's verifier key, so that the line can be checked when the witness is no longer asked.
    """

    __tablename__ = "log_cosignature"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    witness: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str]
    at: Mapped[datetime]
