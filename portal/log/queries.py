"""Leaves written anew from the rows of their facts, and what else pages and proofs read of the log."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from portal.db import db, made_once, rows
from portal.log.heads import FIRST
from portal.log.leaves import KINDS, Body, text_again
from portal.log.models import Cosignature, Head, Key, Leaf, Secret


class Hidden(NamedTuple):
    """A private field as its leaf has it, and the salt that opens it while it is there."""

    commitment: bytes
    salt: bytes | None


class Written(NamedTuple):
    """A leaf as the rows say it today; `body` and `text` are None where its fact has no row any more."""

    idx: int
    kind: str
    ref: int
    hash: bytes
    body: Body | None
    text: bytes | None
    hidden: dict[str, Hidden]


class DeclaredKey(NamedTuple):
    """A verifier key of the log."""

    vkey: str
    origin: str
    from_size: int
    reason: str
    declared_at: datetime

    @property
    def is_first(self) -> bool:
        """It came with the log: nobody gave a reason."""
        return self.reason == FIRST


class Signed(NamedTuple):
    """The published head: what `heads.Standing` holds, and the note."""

    origin: str
    vkey: str
    size: int
    note: str


def signed_head() -> Signed | None:
    """The head with its note; None before the first leaf."""
    row = rows(_signed()).one_or_none()
    return Signed(*row) if row else None


def written(start: int, end: int) -> Iterator[Written]:
    """The leaves of a run, written anew: as many statements as there are kinds among them, and two or three more."""
    found = rows(_leaves(), {"start": start, "end": end}).all()
    hidden = _hidden(start, end)
    bodies = {kind: _bodies(kind, [ref for _, k, ref, _ in found if k == kind]) for kind in {one[1] for one in found}}
    for idx, kind, ref, hash in found:
        body, secrets = bodies[kind].get(ref), hidden.get(idx, {})
        yield Written(idx, kind, ref, bytes(hash), body, body and _text(kind, body, secrets), secrets)


def written_of(kind: str, ref: int) -> Written | None:
    """The leaf of a fact, written anew; None when it has no place in the log."""
    idx = rows(_place(), {"kind": kind, "ref": ref}).scalar_one_or_none()
    return None if idx is None else next(written(idx, idx + 1))


def fact_at(idx: int) -> tuple[str, int] | None:
    """Kind and id of the fact at a place."""
    row = rows(select(Leaf.kind, Leaf.ref).where(Leaf.idx == idx)).one_or_none()
    return None if row is None else (row[0], row[1])


def declared_keys() -> list[DeclaredKey]:
    """Every verifier key that this log ever had, newest first: the one that signs now, then by size."""
    newest = select(Key.vkey, Key.origin, Key.from_size, Key.reason, Key.declared_at)
    found = [DeclaredKey(*row) for row in rows(newest.order_by(Key.from_size.desc(), Key.declared_at.desc()))]
    signs = rows(select(Head.vkey)).scalar_one_or_none()
    return sorted(found, key=lambda key: key.vkey != signs)


def cosignatures_at(size: int) -> Sequence[tuple[str, str, datetime]]:
    """Witnesses' lines under the checkpoint of a size: the witness's verifier key, the line, when it came."""
    wanted = select(Cosignature.witness, Cosignature.line, Cosignature.at).where(Cosignature.size == size)
    return [(witness, line, at) for witness, line, at in rows(wanted.order_by(Cosignature.witness))]


def _text(kind: str, body: Body, hidden: dict[str, Hidden]) -> bytes:
    return text_again(kind, body.public, {field: one.commitment for field, one in hidden.items()})


def _bodies(kind: str, refs: list[int]) -> dict[int, Body]:
    reads = KINDS.get(kind)
    return {body.ref: body for body in reads(db.session(), refs)} if reads else {}


def _hidden(start: int, end: int) -> dict[int, dict[str, Hidden]]:
    found: dict[int, dict[str, Hidden]] = {}
    for idx, field, commitment, salt in rows(_secrets(), {"start": start, "end": end}):
        found.setdefault(idx, {})[field] = Hidden(commitment, salt)
    return found


@made_once
def _signed() -> Select[*tuple[Any, ...]]:
    return select(Head.origin, Head.vkey, Head.size, Head.note)


@made_once
def _leaves() -> Select[*tuple[Any, ...]]:
    run = (Leaf.idx >= bindparam("start"), Leaf.idx < bindparam("end"))
    return select(Leaf.idx, Leaf.kind, Leaf.ref, Leaf.hash).where(*run).order_by(Leaf.idx)


@made_once
def _secrets() -> Select[*tuple[Any, ...]]:
    run = (Secret.idx >= bindparam("start"), Secret.idx < bindparam("end"))
    return select(Secret.idx, Secret.field, Secret.commitment, Secret.salt).where(*run)


@made_once
def _place() -> Select[*tuple[Any, ...]]:
    return select(Leaf.idx).where(Leaf.kind == bindparam("kind"), Leaf.ref == bindparam("ref"))
