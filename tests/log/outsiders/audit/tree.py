"""The tree of RFC 6962, rebuilt from tiles (C2SP tlog-tiles) and from the facts themselves."""

import hashlib
from collections.abc import Iterator

from .note import Checkpoint
from .report import Broken, Report
from .site import Site

TILE, HASH = 256, 32


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """The root over these hashes; an odd one at the end goes up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        last = hashes[-1:] if len(hashes) % 2 else []
        hashes = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + last
    return hashes[0]


def tiles(count: int) -> Iterator[tuple[str, int]]:
    """Addresses of the tiles over so many hashes, with the width of each."""
    for n in range(-(-count // TILE)):
        width = min(TILE, count - n * TILE)
        digits = f"{n:03d}".zfill(-(-len(f"{n:03d}") // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        yield name if width == TILE else f"{name}.p/{width}", width


def read_level(site: Site, level: int, count: int) -> list[bytes]:
    """All hashes of a level of tiles."""
    hashes = []
    for name, width in tiles(count):
        body = site.get(f"/log/tile/{level}/{name}")
        if len(body) != width * HASH:
            raise Broken(f"tile {level}/{name} has {len(body)} bytes instead of {width * HASH}")
        hashes += [body[at : at + HASH] for at in range(0, len(body), HASH)]
    return hashes


def read_tree(site: Site, checkpoint: Checkpoint, report: Report) -> list[bytes]:
    """The hashes of all facts; compares all tiles with each other and with the checkpoint."""
    hashes = above = read_level(site, 0, checkpoint.size)
    if root_of(hashes) != checkpoint.root:
        report.wrong("tree", "the tiles of hashes do not lead to the root that the checkpoint signs")
    level = 0
    while len(above) >= TILE:
        level, whole = level + 1, len(above) // TILE
        rows = [root_of(above[n * TILE : (n + 1) * TILE]) for n in range(whole)]
        above = read_level(site, level, whole)
        if above != rows:
            report.wrong("tree", f"the tiles of level {level} are not the roots of those below")
    return hashes


def read_leaves(site: Site, hashes: list[bytes], report: Report) -> Iterator[bytes]:
    """All facts, as the texts that were hashed; each is compared with its hash."""
    idx = 0
    for name, width in tiles(len(hashes)):
        leaves = list(_split(site.get(f"/log/tile/entries/{name}")))
        if len(leaves) != width:
            raise Broken(f"the bundle {name} holds {len(leaves)} facts instead of {width}")
        for leaf in leaves:
            if leaf_hash(leaf) != hashes[idx]:
                said = leaf.decode(errors="replace")[:200]
                report.wrong("facts", f"fact {idx} was changed after it was logged: it reads {said}")
            yield leaf
            idx += 1


def _split(bundle: bytes) -> Iterator[bytes]:
    """Each fact has its length before it, in two bytes."""
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle):
            raise Broken("a bundle of facts is cut off")
        yield bundle[at + 2 : end]
        at = end
