"""Whole subtrees read from the tables, a tile at a time, and the tiles themselves (C2SP tlog-tiles).

A tile holds up to 256 hashes of a level: leaf hashes at the lowest, roots of whole tiles above it. What a proof needs
lies in two tiles a level at most, so it is read in three statements, however large the log is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.db import made_once, rows
from portal.log.models import TILE, Leaf, Tile
from portal.log.tree import HASH, Node, Part, Read, hashes_of, node_hash, subtrees

HEIGHT = 8
"""Levels of the tree in a tile: 2^8 hashes."""

HIGHEST = 63
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class Place(NamedTuple):
    """Which tile of a level; of one that is not whole yet, the first `width` hashes."""

    n: int
    width: int = TILE

    @property
    def is_whole(self) -> bool:
        return self.width == TILE

    @property
    def start(self) -> int:
        return self.n * TILE

    @property
    def end(self) -> int:
        return self.start + self.width

    @property
    def address(self) -> str:
        """As addresses write it: 1234067 is `x001/x234/067`."""
        digits = f"{self.n:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return name if self.is_whole else f"{name}.p/{self.width}"


def read_place(address: str) -> Place | None:
    """The tile that an address names; None for anything but the one way of writing it."""
    match = _PLACE.fullmatch(address)
    if match is None:
        return None
    place = Place(int(match[1].replace("x", "").replace("/", "")), int(match[2] or TILE))
    return place if place.width <= TILE and place.address == address else None


def read_level(text: str) -> int | None:
    """A level from 0 to 63, without other spellings."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 2
    return int(text) if is_number and str(int(text)) == text and int(text) <= HIGHEST else None


def is_there(level: int, place: Place, size: int) -> bool:
    """Whether a log of this size has so much of the tile."""
    return place.end <= size >> (HEIGHT * level)


def hashes_at(level: int, place: Place) -> bytes:
    """The hashes of a tile that is there."""
    if place.is_whole:
        wanted: Select[bytes] = select(Tile.hashes).where(Tile.level == level, Tile.idx == place.n)
        if (row := rows(wanted).one_or_none()) is not None:
            return bytes(row[0])
    return b"".join(bytes(hash) for _, hash in rows(_run(level, place.start, place.end)))


def reader(parts: Iterable[Part], size: int) -> Read:
    """Reads the hashes that a proof in a log of `size` is made of, all of them at once."""
    wanted = sorted({_tile_of(node) for part in parts for node in part})
    whole = [(level, n) for level, n in wanted if is_there(level, Place(n), size)]
    found = {(level, n): _split(hashes) for level, n, hashes in _asked(_whole, whole)}
    for level, idx, hash in _begun([place for place in wanted if place not in found]):
        found.setdefault((level, idx // TILE), []).append(bytes(hash))
    return partial(_read, found)


def root_of_first(size: int, of: int) -> bytes:
    """The root hash over the first leaves of a log that has `of` of them."""
    parts = [subtrees(0, size)]
    return hashes_of(parts, reader(parts, of))[0]


def _read(tiles: Mapping[tuple[int, int], list[bytes]], level: int, n: int) -> bytes:
    """Raises LookupError where hashes are missing that must be there."""
    height = level % HEIGHT
    first = (n << height) % TILE
    hashes = tiles.get(_tile_of(Node(level, n)), [])[first : first + (1 << height)]
    if len(hashes) != 1 << height:
        raise LookupError(f"the hashes below {level}/{n} are not all there")
    while len(hashes) > 1:
        hashes = list(map(node_hash, hashes[::2], hashes[1::2]))
    return hashes[0]


def _tile_of(node: Node) -> tuple[int, int]:
    """Level and number of the tile in which a whole subtree lies."""
    return node.level // HEIGHT, (node.n << node.level % HEIGHT) // TILE


def _begun(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bytes]]:
    """What there is of tiles that are not whole: leaf hashes, and roots of tiles; with their level."""
    for idx, hash in _asked(_leaves, [(0, n) for level, n in places if level == 0]):
        yield 0, idx, hash
    for below, idx, hash in _asked(_roots, [(level - 1, n) for level, n in places if level]):
        yield below + 1, idx, hash


def _asked(made: Callable[[int], Select[*tuple[Any, ...]]], places: Sequence[tuple[int, int]]) -> Iterator[Any]:
    """What a statement about so many tiles finds; none is asked about no tile."""
    if places:
        named = {
            f"{name}{at}": value for at, place in enumerate(places) for name, value in zip("ln", place, strict=True)
        }
        yield from rows(made(len(places)), named | {"tile": TILE})


@made_once
def _whole(count: int) -> Select[*tuple[Any, ...]]:
    these = (and_(Tile.level == bindparam(f"l{at}"), Tile.idx == bindparam(f"n{at}")) for at in range(count))
    return select(Tile.level, Tile.idx, Tile.hashes).where(or_(*these))


@made_once
def _leaves(count: int) -> Select[*tuple[Any, ...]]:
    these = (_in_tile(Leaf.idx, at) for at in range(count))
    return select(Leaf.idx, Leaf.hash).where(or_(*these)).order_by(Leaf.idx)


@made_once
def _roots(count: int) -> Select[*tuple[Any, ...]]:
    these = (and_(Tile.level == bindparam(f"l{at}"), _in_tile(Tile.idx, at)) for at in range(count))
    return select(Tile.level, Tile.idx, Tile.root).where(or_(*these)).order_by(Tile.level, Tile.idx)


def _in_tile(idx: InstrumentedAttribute[int], at: int) -> ColumnElement[bool]:
    first: ColumnElement[int] = bindparam(f"n{at}", type_=BigInteger) * bindparam("tile", type_=BigInteger)
    return and_(idx >= first, idx < first + bindparam("tile", type_=BigInteger))


def _run(level: int, start: int, end: int) -> Select[int, bytes]:
    if level == 0:
        return select(Leaf.idx, Leaf.hash).where(Leaf.idx >= start, Leaf.idx < end).order_by(Leaf.idx)
    below = select(Tile.idx, Tile.root).where(Tile.level == level - 1, Tile.idx >= start, Tile.idx < end)
    return below.order_by(Tile.idx)


def _split(hashes: bytes) -> list[bytes]:
    return [bytes(hashes[at : at + HASH]) for at in range(0, len(hashes), HASH)]
