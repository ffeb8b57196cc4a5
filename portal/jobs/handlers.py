"""Who does which work: handlers by name, as the rooms declare them."""

from collections.abc import Callable
from typing import Any

from portal.words import Words, _l

Handler = Callable[[dict[str, Any]], None]

HANDLERS: dict[str, Handler] = {}
NAMES: dict[str, Words] = {}
DAILY: set[str] = set()
WHENEVER: dict[str, Callable[[], bool]] = {}


def handler(name: str, *, words: Words | None = None) -> Callable[[Handler], Handler]:
    """Name the function that does the work of jobs called `name`; `words` is what people call that work."""

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        if words is not None:
            NAMES[name] = words
        return function

    return register


def daily(name: str) -> None:
    """Ask for this work once a day, as soon as a worker sees the new day."""
    DAILY.add(name)


def whenever(name: str) -> Callable[[Callable[[], bool]], Callable[[], bool]]:
    """Ask for this work whenever a worker has nothing to do and the function says that something waits for it.

    It is asked twice a second: by an index, without the write lock, and False once the work was asked for.
    """

    def register(is_wanted: Callable[[], bool]) -> Callable[[], bool]:
        WHENEVER[name] = is_wanted
        return is_wanted

    return register


def name_of(name: str) -> str:
    """What people call the work; its own name where nobody has said."""
    return str(NAMES.get(name) or _l("其他工作（%(name)s）", name=name))
