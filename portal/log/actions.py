"""Facts become leaves: collected while a transaction runs, appended as its last write."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.bulk import insert_rows
from portal.db import PortalSession, db, rows
from portal.log import heads, outside
from portal.log.commitments import commit, new_salt
from portal.log.leaves import KINDS, Body, text_of
from portal.log.models import TILE, Leaf, Secret, Tile
from portal.log.tree import grow, leaf_hash, root

logger = logging.getLogger(__name__)

FACTS = "facts for the log"
AT_ONCE = 5_000

Fact = tuple[str, int]
"""A kind of leaf and the id of the row that it is made of."""


def note(kind: str, refs: Iterable[int]) -> None:
    """Say that these facts are there. They become leaves when the transaction commits, in the order of the saying."""
    db.session.info.setdefault(FACTS, {}).update(dict.fromkeys((kind, ref) for ref in refs))


def watch() -> None:
    """Let every transaction of the portal's sessions append what it noted. Call as often as you like."""
    for name, listener in (
        ("before_commit", _before_commit),
        ("after_commit", _after_commit),
        ("after_rollback", _forget),
    ):
        if not event.contains(PortalSession, name, listener):
            event.listen(PortalSession, name, listener)


def append(facts: Sequence[Fact]) -> int:
    """Append a leaf for each fact that has a row; gives how many. Locks the head: nothing may be locked after it."""
    bodies = list(_bodies(facts))
    if not bodies:
        return 0
    head = heads.to_append_to()
    made = [_made(kind, body) for kind, body in bodies]
    hashes = [leaf_hash(one.text) for one in made]
    placed = enumerate(zip(bodies, hashes, strict=True), head.size)
    insert_rows(Leaf, ("idx", "kind", "ref", "hash"), [(at, k, body.ref, hash) for at, ((k, body), hash) in placed])
    secrets = [(at, *one) for at, leaf in enumerate(made, head.size) for one in leaf.secrets]
    if secrets:
        insert_rows(Secret, ("idx", "field", "commitment", "salt"), secrets)
    stack, size = grow(head.stack, head.size, hashes)
    _fill_tiles(head.size, hashes)
    heads.move(head, stack, size)
    return len(made)


class _Made(NamedTuple):
    """A leaf, and what its commitments were made of: field, commitment, salt."""

    text: bytes
    secrets: list[tuple[str, bytes, bytes]]


def _bodies(facts: Sequence[Fact]) -> Iterator[tuple[str, Body]]:
    """What the facts' rows say. A fact that a savepoint took back has no row, and is left out."""
    session = db.session()
    for kind, run in groupby(facts, key=lambda fact: fact[0]):
        ids = [ref for _, ref in run]
        for start in range(0, len(ids), AT_ONCE):
            for body in KINDS[kind](session, ids[start : start + AT_ONCE]):
                yield kind, body


def _made(kind: str, body: Body) -> _Made:
    salts = {field: new_salt() for field in body.private}
    hidden = {field: commit(salts[field], field, value) for field, value in body.private.items()}
    return _Made(text_of(kind, body.public, hidden), [(field, hidden[field], salts[field]) for field in hidden])


def _fill_tiles(before: int, hashes: list[bytes]) -> None:
    """Write the tiles that are complete now, level by level."""
    level = 0
    while hashes:
        begun = before % TILE
        whole, first = (begun + len(hashes)) // TILE, before // TILE
        if not whole:
            return
        run = _begun(level, first * TILE, before) + hashes
        tiles = [run[at : at + TILE] for at in range(0, whole * TILE, TILE)]
        roots = [root(tile) for tile in tiles]
        columns = zip(range(first, first + whole), tiles, roots, strict=True)
        insert_rows(Tile, ("level", "idx", "hashes", "root"), [(level, n, b"".join(t), r) for n, t, r in columns])
        level, before, hashes = level + 1, first, roots


def _begun(level: int, start: int, end: int) -> list[bytes]:
    """The hashes of a tile that is not complete yet: leaf hashes, or roots of the tiles below."""
    if level == 0:
        wanted = select(Leaf.hash).where(Leaf.idx >= start, Leaf.idx < end).order_by(Leaf.idx)
    else:
        below = select(Tile.root).where(Tile.level == level - 1, Tile.idx >= start, Tile.idx < end)
        wanted = below.order_by(Tile.idx)
    return [bytes(hash) for (hash,) in rows(wanted)]


def _before_commit(session: Session) -> None:
    facts = session.info.get(FACTS)
    if not facts or session.in_nested_transaction():
        return
    session.flush()
    append(list(facts))
    facts.clear()


def _after_commit(session: Session) -> None:
    """The note is kept outside only now: before, the transaction could still have come to nothing."""
    if session.in_nested_transaction():
        return
    session.info.pop(FACTS, None)
    signed, is_new = session.info.pop(heads.SIGNED, None), session.info.pop(heads.NEW_LOG, False)
    if signed:
        _keep_outside(signed, instead=is_new)


def _keep_outside(signed: str, *, instead: bool) -> None:
    """What is committed is committed: a full disk must not turn it into an error. The next note takes its place."""
    try:
        outside.keep(signed, instead=instead)
    except OSError:
        logger.warning("the newest checkpoint could not be kept outside the database")


def _forget(session: Session) -> None:
    """What a savepoint took back has no row, and so no leaf: only the end of it all forgets what went before it."""
    if session.in_nested_transaction():
        return
    for name in (FACTS, heads.SIGNED, heads.NEW_LOG):
        session.info.pop(name, None)
