"""What happens to an account is told to its owner. How, a room above decides: it listens."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any


class News(StrEnum):
    """What there may be to tell."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word, no password
    NEW_DEVICE = "new_device"


Listener = Callable[..., None]
_LISTENERS: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have a function called with the person's id, the news, `at` and values, in the transaction of the deed."""
    _LISTENERS.append(listener)
    return listener


def tell_owner(person_id: int, news: News, *, at: datetime, **values: Any) -> None:
    for listener in _LISTENERS:
        listener(person_id, news, at=at, **values)
