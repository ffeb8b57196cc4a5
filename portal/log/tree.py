"""The Merkle tree of RFC 6962: hashes, roots, and the stack of whole subtrees that an append goes on from.

A subtree is whole when it stands over 2^level leaves; `Node(level, n)` is the n-th of its level.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

HASH = 32
"""Bytes of a hash."""

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(stack: Sequence[bytes], size: int, hashes: Iterable[bytes]) -> tuple[list[bytes], int]:
    """The roots of the whole subtrees, largest first, and the size, after more leaves."""
    stack = list(stack)
    for one in hashes:
        size += 1
        stack.append(one)
        rest = size
        while rest % 2 == 0:
            right = stack.pop()
            stack[-1] = node_hash(stack[-1], right)
            rest //= 2
    return stack, size


def root_of(stack: Sequence[bytes]) -> bytes:
    """The tree's root hash: whole subtrees joined from the right."""
    if not stack:
        return EMPTY
    *rest, root = stack
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def root(hashes: Iterable[bytes]) -> bytes:
    """The root hash over these leaf hashes."""
    return root_of(grow([], 0, hashes)[0])


# ── proofs ──────────────────────────────────────────────────────────────────────────────────────────
class Node(NamedTuple):
    """A whole subtree: the n-th over 2^level leaves."""

    level: int
    n: int


Part = tuple[Node, ...]
"""A hash of a proof, by the whole subtrees that it is made of, joined from the right."""

Read = Callable[[int, int], bytes]
"""Gives the root hash of a whole subtree by level and n."""


def subtrees(start: int, end: int) -> Part:
    """The whole subtrees over a run of leaves that proofs speak of, largest first. Raises ValueError for other runs."""
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start % (1 << level):
            raise ValueError(f"no run of whole subtrees: {start} to {end}")
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return tuple(nodes)


def inclusion_parts(index: int, size: int) -> list[Part]:
    """The hashes of an audit path (RFC 6962, 2.1.1), the leaf's sibling first. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    parts: list[Part] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_of(end - start)
        if index < middle:
            parts.append(subtrees(middle, end))
            end = middle
        else:
            parts.append(subtrees(start, middle))
            start = middle
    return parts[::-1]


def consistency_parts(old: int, size: int) -> list[Part]:
    """The hashes of a consistency proof (RFC 6962, 2.1.2) from a smaller tree. Raises ValueError."""
    if not 0 < old <= size:
        raise ValueError(f"no tree of {old} in one of {size}")
    parts: list[Part] = []
    start, end, is_known = 0, size, True
    while end > old:
        middle = start + _left_of(end - start)
        if old <= middle:
            parts.append(subtrees(middle, end))
            end = middle
        else:
            parts.append(subtrees(start, middle))
            start, is_known = middle, False
    if not is_known:
        parts.append(subtrees(start, end))
    return parts[::-1]


def hashes_of(parts: Iterable[Part], read: Read) -> tuple[bytes, ...]:
    """A proof as hashes."""
    return tuple(root_of([read(*node) for node in part]) for part in parts)


def inclusion(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """The audit path of a leaf. Raises ValueError."""
    return hashes_of(inclusion_parts(index, size), read)


def consistency(old: int, size: int, read: Read) -> tuple[bytes, ...]:
    """The proof that a tree goes on from a smaller one. Raises ValueError."""
    return hashes_of(consistency_parts(old, size), read)


def root_at(size: int, read: Read) -> bytes:
    """The root hash over the first leaves."""
    return root_of([read(*node) for node in subtrees(0, size)])


def verify_inclusion(index: int, size: int, leaf: bytes, hashes: Sequence[bytes], root: bytes) -> bool:
    """Whether the hashes lead from a leaf hash at this place to the root (RFC 9162, 2.1.3.2)."""
    if not (0 <= index < size and _are_hashes(leaf, root, *hashes)):
        return False
    at, last, found = index, size - 1, leaf
    for one in hashes:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node_hash(one, found)
            at, last = _up_to_left(at, last)
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, size: int, old_root: bytes, root: bytes, hashes: Sequence[bytes]) -> bool:
    """Whether the hashes show that the tree of `size` goes on from the one of `old` (RFC 9162, 2.1.4.2).

    Nothing can be said about an empty tree: False.
    """
    if not (0 < old <= size and _are_hashes(old_root, root, *hashes)):
        return False
    if old == size:
        return not hashes and old_root == root
    path = [old_root, *hashes] if old & (old - 1) == 0 else list(hashes)
    return bool(path) and _both_roots(old - 1, size - 1, path) == (old_root, root)


def _both_roots(at: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the smaller and of the larger tree that a path leads to; None when it is too long or short."""
    at, last = _up_while_right(at, last)
    before = after = path[0]
    for one in path[1:]:
        if last == 0:
            return None
        if at % 2 or at == last:
            before, after = node_hash(one, before), node_hash(one, after)
            at, last = _up_to_left(at, last)
        else:
            after = node_hash(after, one)
        at, last = at >> 1, last >> 1
    return (before, after) if last == 0 else None


def _up_while_right(at: int, last: int) -> tuple[int, int]:
    while at % 2:
        at, last = at >> 1, last >> 1
    return at, last


def _up_to_left(at: int, last: int) -> tuple[int, int]:
    """Up past the levels where the node stands alone at the right edge."""
    while at and not at % 2:
        at, last = at >> 1, last >> 1
    return at, last


def _left_of(size: int) -> int:
    """Leaves of the left subtree: the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH for one in hashes)
