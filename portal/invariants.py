"""What must always be true, recomputed from the rows themselves by `portal check`.

A room declares each truth beside its tables:

    @invariant("ledger.entries balance")
    def entries_balance(session: Session) -> Found:
        return number_of_entries, ["entry 7: debit 100, credit 90"]
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import guards

Found = tuple[int, Iterable[str]]
"""How many things were looked at, and a sentence for each that is wrong."""

Look = Callable[[Session], Found]

INVARIANTS: dict[str, Look] = {}

MOST_PROBLEMS = 100
ENOUGH = MOST_PROBLEMS + 1
"""So many problems are looked for: one more than are told."""


@dataclass(frozen=True)
class Result:
    """One invariant after a look. `problems` holds at most the first hundred sentences; `seconds` is what it took."""

    name: str
    count: int
    problems: tuple[str, ...]
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.problems


def invariant(name: str) -> Callable[[Look], Look]:
    """Declare a truth by name."""

    def declared(look: Look) -> Look:
        INVARIANTS[name] = look
        return look

    return declared


def run_all(session: Session, *, prefix: str = "") -> Iterator[Result]:
    """Look at every invariant whose name begins with `prefix`, in the order of names."""
    for name in sorted(name for name in INVARIANTS if name.startswith(prefix)):
        yield look_at(name, session)


def look_at(name: str, session: Session) -> Result:
    """One invariant, by its name."""
    began = time.monotonic()
    with _whole_tables(session):
        count, problems = INVARIANTS[name](session)
        told = tuple(_first(problems))
    return Result(name, count, told, round(time.monotonic() - began, 3))


@contextmanager
def _whole_tables(session: Session) -> Iterator[None]:
    """Tables are read through here. PostgreSQL, which may still believe them small, must not look row by row."""
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    session.execute(text("SET LOCAL enable_nestloop = on"))


def _first(problems: Iterable[str]) -> Iterator[str]:
    for index, problem in enumerate(problems):
        if index == MOST_PROBLEMS:
            yield "…"
            return
        yield problem


@invariant("database.triggers")
def triggers(session: Session) -> Found:
    """The triggers are those that the rooms declare, no fewer and no others."""
    return len(guards.GUARDS), guards.differences(session.connection())
