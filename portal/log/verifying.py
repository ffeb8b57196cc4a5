"""The whole log computed again from the rows of its facts, and compared with what was written down and published.

Each function gives a sentence for each thing that is wrong, as `portal check` and `portal log verify` print them.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from sqlalchemy import bindparam, func, select

from portal.db import db, rows
from portal.log import heads, outside
from portal.log.commitments import opens
from portal.log.existing import SOURCES
from portal.log.keys import BadNote, Checkpoint, open_note
from portal.log.models import TILE, Leaf, Tile
from portal.log.queries import Written, declared_keys, signed_head, written
from portal.log.tiles import root_of_first
from portal.log.tree import grow, leaf_hash, root

AT_ONCE = 1_000
HASHES_AT_ONCE = 64 * TILE
ENOUGH = 101
"""So many of one kind are told; more help nobody."""

Advance = Callable[[int], object]
"""Told how many leaves were looked at since it was last told."""


def everything(advance: Advance, kept: str | None = None) -> Iterator[str]:
    """All that can be wrong with the log; `kept` is a checkpoint that somebody kept."""
    yield from islice(leaves_wrong(advance), ENOUGH)
    yield from islice(tree_wrong(), ENOUGH)
    yield from islice(facts_without_leaf(), ENOUGH)
    yield from outside_wrong()
    if kept is not None:
        yield from checkpoint_wrong(kept)


# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────
def leaves_wrong(advance: Advance = lambda _: None) -> Iterator[str]:
    """Leaves whose facts say something else today, or are gone; salts that no longer open what they should."""
    size = _size()
    for start in range(0, size, AT_ONCE):
        end = min(start + AT_ONCE, size)
        yield from _run_wrong(start, end)
        advance(end - start)


def _run_wrong(start: int, end: int) -> Iterator[str]:
    try:
        leaves = list(written(start, end))
    except (ValueError, TypeError) as error:
        if end - start > 1:
            # One by one, to find out which.
            for idx in range(start, end):
                yield from _run_wrong(idx, idx + 1)
        else:
            yield f"leaf {start}: what its fact says cannot be written: {error}"
        return
    yield from _leaves_wrong(leaves, start, end)


def _leaves_wrong(leaves: list[Written], start: int, end: int) -> Iterator[str]:
    missing = set(range(start, end)) - {leaf.idx for leaf in leaves} if len(leaves) < end - start else ()
    for idx in sorted(missing):
        yield f"leaf {idx}: missing"
    for leaf in leaves:
        if leaf.text is None:
            yield f"leaf {leaf.idx}: {leaf.kind} {leaf.ref} is gone"
        elif leaf_hash(leaf.text) != leaf.hash:
            yield f"leaf {leaf.idx}: {leaf.kind} {leaf.ref} was changed"
        else:
            yield from _secrets_wrong(leaf)


def _secrets_wrong(leaf: Written) -> Iterator[str]:
    private = leaf.body.private if leaf.body else {}
    for field, (commitment, salt) in leaf.hidden.items():
        if field not in private:
            yield f"leaf {leaf.idx}: {leaf.kind} {leaf.ref} has no {field}"
        elif salt is not None and not opens(commitment, salt, field, private[field]):
            yield f"leaf {leaf.idx}: {field} of {leaf.kind} {leaf.ref} was changed"


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────
def tree_wrong() -> Iterator[str]:
    """Tiles, the head's stack, root and size, its signature and key."""
    head = heads.standing()
    if head is None:
        if rows(select(func.count()).select_from(Leaf)).scalar_one():
            yield "there are leaves, and no head over them"
        return
    stack: list[bytes] = []
    yield from _tiles_wrong(_leaf_hashes(), 0, stack)
    count, last = rows(select(func.count(), func.max(Leaf.idx)).select_from(Leaf)).one()
    if (count, last) != (head.size, head.size - 1 if head.size else None):
        yield f"the head stands over {head.size} leaves, there are {count}"
    if stack != head.stack:
        yield "the head's root is not the one of the leaves"
    yield from _signature_wrong(head)


def _tiles_wrong(hashes: Iterator[bytes], level: int, stack: list[bytes]) -> Iterator[str]:
    """Tiles of a level and of those above it; puts the roots of the whole subtrees into the stack, largest first."""
    roots: list[bytes] = []
    rest: list[bytes] = []
    while some := list(islice(hashes, HASHES_AT_ONCE)):
        tiles = [some[at : at + TILE] for at in range(0, len(some), TILE)]
        rest = tiles.pop() if len(tiles[-1]) < TILE else []
        tops = [root(tile) for tile in tiles]
        written_down = _written_down(level, len(roots), len(roots) + len(tiles))
        for n, (tile, top) in enumerate(zip(tiles, tops, strict=True), len(roots)):
            if written_down.get(n) != (b"".join(tile), top):
                yield f"tile {level}/{n} is not what it was"
        roots += tops
    extra = rows(select(func.count()).where(Tile.level == level, Tile.idx >= len(roots))).scalar_one()
    if extra:
        yield f"{extra} tiles of level {level} stand over nothing"
    if roots:
        yield from _tiles_wrong(iter(roots), level + 1, stack)
    stack += grow([], 0, rest)[0]


def _written_down(level: int, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
    wanted = select(Tile.idx, Tile.hashes, Tile.root).where(Tile.level == level, Tile.idx >= start, Tile.idx < end)
    return {n: (bytes(hashes), bytes(top)) for n, hashes, top in rows(wanted)}


def _leaf_hashes() -> Iterator[bytes]:
    last = -1
    page = select(Leaf.idx, Leaf.hash).where(Leaf.idx > bindparam("last")).order_by(Leaf.idx).limit(HASHES_AT_ONCE)
    while found := rows(page, {"last": last}).all():
        yield from (bytes(hash) for _, hash in found)
        last = found[-1][0]


def _signature_wrong(head: heads.Standing) -> Iterator[str]:
    """The published note says what the head says, is signed by its key, and the key was declared."""
    signed = signed_head()
    assert signed is not None
    try:
        if open_note(signed.note, head.vkey) != head.checkpoint:
            yield "the signed note says something else than the head"
    except BadNote as error:
        yield f"the signed note: {error}"
    if head.vkey not in {key.vkey for key in declared_keys()}:
        yield "the head's key was never declared"


# ── around it ───────────────────────────────────────────────────────────────────────────────────────
def facts_without_leaf() -> Iterator[str]:
    """Facts that came past the log."""
    for kind, missing in SOURCES.items():
        for ref in islice(missing(db.session()), ENOUGH):
            yield f"{kind} {ref} has no leaf"


def outside_wrong() -> Iterator[str]:
    """The checkpoint kept outside the database is this log's, or an earlier one of it."""
    try:
        kept = outside.kept()
    except (BadNote, OSError) as error:
        yield f"{outside.FILE} cannot be read: {error}"
        return
    if kept is not None:
        yield from _not_before(kept, outside.FILE)


def checkpoint_wrong(note: str) -> Iterator[str]:
    """Whether the log goes on from a checkpoint that somebody kept; it must be signed by a key of this log."""
    try:
        kept = open_note(note, *(key.vkey for key in declared_keys()))
    except BadNote as error:
        yield f"the checkpoint: {error}"
        return
    yield from _not_before(kept, "the checkpoint")


def _not_before(kept: Checkpoint, what: str) -> Iterator[str]:
    """The log of today, taken back to that size, is the one of the checkpoint."""
    size = _size()
    if kept.origin not in {key.origin for key in declared_keys()}:
        yield f"{what} is of another log: {kept.origin}"
    elif kept.size > size:
        yield f"{what} knows {kept.size} leaves, the log has {size}: the database is older"
    elif _root_at(kept.size, size) != kept.root:
        yield f"{what} and the log differ within the first {kept.size} leaves: there were two logs, or it was rewritten"


def _root_at(size: int, of: int) -> bytes | None:
    try:
        return root_of_first(size, of)
    except LookupError:
        return None


def _size() -> int:
    head = heads.standing()
    return head.size if head else 0
