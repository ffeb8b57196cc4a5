"""How many notices a person has not read: a row beside hers, so that each of her pages knows it without asking twice.

The database keeps it (`portal.notices.tallies`).
"""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import BigInt, Model


class Bell(Model):
    """No row: she was never told anything."""

    __tablename__ = "accounts_bell"

    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("people_person.id"), primary_key=True, autoincrement=False
    )
    unread: Mapped[int]
