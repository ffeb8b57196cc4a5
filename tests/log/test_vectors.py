"""Version 1 of each kind of leaf, frozen: what was proven once must be read the same for ever. All names are invented.

A kind that has to say something else one day gets another version beside this one; these files never change.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from portal.log import actions, canonical
from portal.log.commitments import commit, opens
from portal.log.leaves import text_of
from portal.log.queries import Written, signed_head, written
from portal.log.tree import leaf_hash
from tests.giving import Giving
from tests.importing import AT

KINDS = ("entry", "receipt", "void", "successor")


def vector(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / f"{kind}.json").read_text("utf-8"))
    return loaded


def salts() -> Iterator[bytes]:
    """Known ones, for vectors alone."""
    return (hashlib.sha256(f"salt {number}".encode()).digest() for number in count())


@pytest.fixture
def leaves(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> dict[str, Written]:
    """The first leaf of each kind of a gift, its void confirmation, and the one that came after it."""
    known = salts()
    monkeypatch.setattr(actions, "new_salt", lambda: next(known))
    receipt = giving.gift("王建国", 20_050, intention="助学", memo="给孩子们买书")
    giving.reissued(receipt, reason="姓名写错一个字", donor_name="王建华", at=AT + timedelta(days=1))
    head = signed_head()
    assert head is not None
    found = list(written(0, head.size))
    return {leaf.kind: leaf for leaf in reversed(found)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_leaf_is_written_from_what_it_says_as_it_was_written_first(kind: str) -> None:
    frozen = vector(kind)
    made = {field: commit(bytes.fromhex(one["salt"]), field, one["value"]) for field, one in frozen["private"].items()}
    leaf = text_of(kind, frozen["public"], made)
    assert leaf.decode() == frozen["leaf"]
    assert leaf_hash(leaf).hex() == hashlib.sha256(b"\x00" + leaf).hexdigest() == frozen["leaf_hash"]
    says = canonical.loads(leaf)
    assert (says["v"], says["kind"]) == (1, kind)
    for field, one in frozen["private"].items():
        assert opens(bytes.fromhex(says[field]), bytes.fromhex(one["salt"]), field, one["value"])


def test_the_portal_writes_the_same_leaves_of_the_same_facts(leaves: dict[str, Written]) -> None:
    for kind in KINDS:
        leaf, frozen = leaves[kind], vector(kind)
        assert leaf.body is not None
        assert leaf.text is not None
        assert dict(leaf.body.public) == frozen["public"], kind
        assert {field: leaf.body.private[field] for field in leaf.body.private} == {
            field: one["value"] for field, one in frozen["private"].items()
        }
        assert (leaf.text.decode(), leaf.hash.hex()) == (frozen["leaf"], frozen["leaf_hash"]), kind
