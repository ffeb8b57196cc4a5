from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model
from portal.guards import append_only
from portal.public import shown

SHORTEST_REASON, LONGEST_REASON = 5, 300


@shown
class RuleValue(Model):
    """What a rule was set to, from which day on, by whom and why. `seq` counts the values of one rule from 1.

    Public pages depend on some rules, so each change raises the public version; workers see by it that they must read
    the rules anew.
    """

    __tablename__ = "rules_value"
    __table_args__ = (
        UniqueConstraint("rule", "seq"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint(f"length(reason) BETWEEN {SHORTEST_REASON} AND {LONGEST_REASON}", name="reason_given"),
    )

    id: Mapped[Id]
    rule: Mapped[str]
    seq: Mapped[int]
    value: Mapped[Any] = mapped_column(JSON)
    applies_from: Mapped[date]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    set_by_name: Mapped[str]
    set_at: Mapped[datetime]
    reason: Mapped[str]


append_only("rules_value", keys=("id", ("rule", "seq")))
