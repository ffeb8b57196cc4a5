"""The Merkle tree of RFC 6962: hashes, roots, and the stack of whole subtrees that an append goes on from.

A subtree is whole when it stands over 2^level leaves; `Node(level, n)` is the n-th of its level.
"""

import hashlib
from collections.abc import Iterable, Sequence

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
