"""The tree's hashes and proofs, against a naive one that says what RFC 6962 says, word for word."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.log import tree
from portal.log.tree import EMPTY, leaf_hash, node_hash

MOST = 300
LEAVES = [leaf_hash(str(n).encode()) for n in range(MOST)]
A_FEW = (*range(1, 20), 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 299, 300)


# ── the naive tree ──────────────────────────────────────────────────────────────────────────────────
def split(size: int) -> int:
    """The largest power of two below the size."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end]), RFC 6962, 2.1."""
    if end - start < 2:
        return LEAVES[start] if end > start else EMPTY
    middle = start + split(end - start)
    return node_hash(mth(start, middle), mth(middle, end))


def path(index: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]), RFC 6962, 2.1.1."""
    if end - start == 1:
        return []
    k = split(end - start)
    if index < k:
        return [*path(index, start, start + k), mth(start + k, end)]
    return [*path(index - k, start + k, end), mth(start, start + k)]


def subproof(old: int, start: int, end: int, *, is_known: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b), RFC 6962, 2.1.2."""
    if old == end - start:
        return [] if is_known else [mth(start, end)]
    k = split(end - start)
    if old <= k:
        return [*subproof(old, start, start + k, is_known=is_known), mth(start + k, end)]
    return [*subproof(old - k, start + k, end, is_known=False), mth(start, start + k)]


def read(level: int, n: int) -> bytes:
    return mth(n << level, (n + 1) << level)


# ── roots ───────────────────────────────────────────────────────────────────────────────────────────
def test_every_root_to_300_is_the_naive_one() -> None:
    assert tree.root([]) == tree.root_of([]) == EMPTY
    for size in range(MOST + 1):
        assert tree.root(LEAVES[:size]) == mth(0, size)
        assert size == 0 or tree.root_at(size, read) == mth(0, size)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_a_tree_grows_the_same_in_any_steps(steps: list[int]) -> None:
    stack: list[bytes] = []
    size = 0
    for step in steps:
        stack, size = tree.grow(stack, size, LEAVES[size : min(size + step, MOST)])
    assert tree.root_of(stack) == mth(0, size)


def test_a_leaf_is_no_node() -> None:
    """Without the byte before it, a node's two hashes would be a leaf of the same hash."""
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


# ── inclusion ───────────────────────────────────────────────────────────────────────────────────────
def test_every_audit_path_to_300_is_the_naive_one_and_leads_to_the_root() -> None:
    for size in range(1, MOST + 1):
        for index in range(0, size, 1 if size in A_FEW else 7):
            hashes = tree.inclusion(index, size, read)
            assert list(hashes) == path(index, 0, size)
            assert tree.verify_inclusion(index, size, LEAVES[index], hashes, mth(0, size))


@pytest.mark.parametrize("size", A_FEW)
def test_an_audit_path_of_another_length_place_or_hash_leads_nowhere(size: int) -> None:
    root = mth(0, size)
    for index in range(0, size, max(1, size // 9)):
        hashes = tree.inclusion(index, size, read)
        wrong = [
            (index, size, LEAVES[index], (*hashes, LEAVES[0]), root),
            (index, size, LEAVES[index], hashes, LEAVES[-1]),
            (index, size, LEAVES[(index + 1) % MOST], hashes, root),
            (index, size, LEAVES[index][:-1], hashes, root),
            (index, size, LEAVES[index], hashes, root[:-1]),
            (index - size, size, LEAVES[index], hashes, root),
            (size, size, LEAVES[index], hashes, root),
            (index, 0, LEAVES[index], hashes, root),
            (index, -1, LEAVES[index], hashes, root),
            *((index, size, LEAVES[index], hashes[:at] + hashes[at + 1 :], root) for at in range(len(hashes))),
            *((index, size, LEAVES[index], replaced(hashes, at, LEAVES[-1]), root) for at in range(len(hashes))),
            *((index, size, LEAVES[index], replaced(hashes, at, b""), root) for at in range(len(hashes))),
        ]
        assert [case for case in wrong if tree.verify_inclusion(*case)] == []


def test_a_proof_for_another_tree_size_is_no_proof_for_this_one() -> None:
    for size in A_FEW[1:]:
        for other in {size - 1, size + 1, size * 2}:
            proof = tree.inclusion(0, size, read)
            if other < MOST and list(proof) != path(0, 0, other):
                assert not tree.verify_inclusion(0, other, LEAVES[0], proof, mth(0, other))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 5), (5, 5), (9, 5)])
def test_there_is_no_audit_path_where_there_is_no_leaf(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(index, size, read)


# ── consistency ─────────────────────────────────────────────────────────────────────────────────────
def test_every_consistency_proof_to_300_is_the_naive_one_and_holds() -> None:
    for size in range(1, MOST + 1):
        for old in range(1, size + 1, 1 if size in A_FEW else 11):
            hashes = tree.consistency(old, size, read)
            assert list(hashes) == subproof(old, 0, size, is_known=True)
            assert tree.verify_consistency(old, size, mth(0, old), mth(0, size), hashes)


@pytest.mark.parametrize("size", A_FEW)
def test_a_consistency_proof_of_another_length_size_or_hash_does_not_hold(size: int) -> None:
    for old in range(1, size + 1, max(1, size // 9)):
        hashes, before, after = tree.consistency(old, size, read), mth(0, old), mth(0, size)
        wrong = [
            (old, size, before, after, (*hashes, LEAVES[0])),
            (old, size, LEAVES[-1], after, hashes),
            (old, size, before, LEAVES[-1], hashes),
            (old, size, before[:-1], after, hashes),
            (0, size, EMPTY, after, hashes),
            (0, 0, EMPTY, EMPTY, ()),
            (size + 1, size, before, after, hashes),
            (-old, size, before, after, hashes),
            *((old, size, before, after, hashes[:at] + hashes[at + 1 :]) for at in range(len(hashes))),
            *((old, size, before, after, replaced(hashes, at, LEAVES[-1])) for at in range(len(hashes))),
            *((old, size, before, after, replaced(hashes, at, b"")) for at in range(len(hashes))),
        ]
        assert [case for case in wrong if tree.verify_consistency(*case)] == []


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_nothing_can_be_proven_about_an_empty_tree_or_a_larger_one(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="no tree"):
        tree.consistency(old, size, read)


@given(st.integers(1, MOST), st.integers(1, MOST), st.lists(st.binary(min_size=32, max_size=32), max_size=12))
def test_hashes_that_nobody_made_prove_nothing(a: int, b: int, hashes: list[bytes]) -> None:
    old, size = sorted((a, b))
    if old < size:
        assert not tree.verify_consistency(old, size, mth(0, old), mth(0, size), hashes)
    assert size == 1 or not tree.verify_inclusion(0, size, LEAVES[0], hashes, mth(0, size))


@pytest.mark.parametrize(("start", "end"), [(1, 3), (2, 6), (3, 8)])
def test_a_run_that_no_proof_speaks_of_has_no_whole_subtrees(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="whole subtrees"):
        tree.subtrees(start, end)


def replaced(hashes: tuple[bytes, ...], at: int, by: bytes) -> tuple[bytes, ...]:
    return (*hashes[:at], by, *hashes[at + 1 :])
