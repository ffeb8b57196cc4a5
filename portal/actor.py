"""Who acts: all that the lower floors know of a person."""

from typing import Protocol


class Actor(Protocol):
    """Whoever does something: a stable id and the real name that records keep."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...
