from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model
from portal.guards import append_only


class AuditLine(Model):
    """One deed. `detail` holds what changed, secrets masked; `actor_name` is the name at that time.

    `via` says by which way it came (`portal.audit.Via`). The line itself never holds an address: `sign_in_id` names
    the sign-in, which knows address and browser until it is forgotten.
    """

    __tablename__ = "audit_line"
    # Lists of millions of lines are read from their newest end; the order by which they are read closes each index.
    __table_args__ = (
        Index("ix_audit_line_subject", "subject_kind", "subject_id"),
        Index("ix_audit_line_newest", "at", "id"),
        Index("ix_audit_line_action", "action", "at", "id"),
        Index("ix_audit_line_actor", "actor_name", "at", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(index=True)
    via: Mapped[str | None]
    sign_in_id: Mapped[int | None]


class AuditLook(Model):
    """Whose unmasked data the deed of a line showed to somebody else: by this, people see who looked at theirs."""

    __tablename__ = "audit_look"
    __table_args__ = (Index("ix_audit_look_person", "person_id", "line_id"),)

    line_id: Mapped[int] = mapped_column(ForeignKey("audit_line.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)


append_only("audit_line")
append_only("audit_look", keys=(("line_id", "person_id"),))
