"""How facts read in the log: a room registers for each kind of fact what its leaves say, made of its rows alone.

    @leaf("entry")
    def entries(session: Session, ids: Sequence[int]) -> Iterator[Body]: ...

The same function makes a leaf when the fact comes in and whenever the log is verified, so a row that was changed by
hand no longer makes the leaf that stands in the log. Version 1 of each kind is frozen by vectors in the tests: what has
to be said otherwise one day is said by another version, beside this one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.log import canonical

VERSION = 1
MOST_BYTES = 65_535
"""A bundle of entries gives a leaf two bytes for its length."""


class Body(NamedTuple):
    """What one fact says. `ref` is its row's id; `private` fields stand in the leaf as commitments only."""

    ref: int
    public: Mapping[str, Any]
    private: Mapping[str, Any]


Reads = Callable[[Session, Sequence[int]], Iterator[Body]]
KINDS: dict[str, Reads] = {}

Beside = Callable[[int], list[list[Any]]]
BESIDE: dict[str, Beside] = {}


class TooLong(ValueError):
    """A leaf of more than 65,535 bytes."""


def leaf(kind: str) -> Callable[[Reads], Reads]:
    """Register how facts of a kind read. The function skips ids that have no row."""

    def registered(reads: Reads) -> Reads:
        KINDS[kind] = reads
        return reads

    return registered


def among(column: InstrumentedAttribute[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether the column is one of these ids; mostly they run on, and thousands need no naming one by one."""
    if len(ids) > 1 and ids[-1] - ids[0] == len(ids) - 1 and all(b == a + 1 for a, b in pairwise(ids)):
        return column.between(ids[0], ids[-1])
    return column.in_(ids)


def rows_beside(kind: str) -> Callable[[Beside], Beside]:
    """Register the rows of which leaves of a kind hold only the hash: by the fact's id, [] where there are none.

    They are public at an address of their own, `/log/trace/<idx>`, as canonical JSON: the text that was hashed.
    """

    def registered(rows: Beside) -> Beside:
        BESIDE[kind] = rows
        return rows

    return registered


def text_of(kind: str, public: Mapping[str, Any], commitments: Mapping[str, bytes]) -> bytes:
    """The leaf itself: canonical JSON. Raises NotCanonical, TooLong."""
    text = canonical.dumps(_says(kind, public, commitments))
    if len(text) > MOST_BYTES:
        raise TooLong(f"a leaf of {len(text)} bytes")
    return text


def text_again(kind: str, public: Mapping[str, Any], commitments: Mapping[str, bytes]) -> bytes:
    """The same for a leaf that is there, to be compared with its hash. Raises ValueError, TypeError."""
    return canonical.again(_says(kind, public, commitments))


def _says(kind: str, public: Mapping[str, Any], commitments: Mapping[str, bytes]) -> dict[str, Any]:
    hidden = {field: commitment.hex() for field, commitment in commitments.items()}
    return {**public, **hidden, "v": VERSION, "kind": kind}


def moment(at: datetime) -> str:
    """A moment as leaves say it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
