"""Go's tlog and note, which are not ours, come to the same trees, proofs, tiles and signatures."""

import base64
import json
import os
import random
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from portal.log import keys
from portal.log.tiles import Place
from portal.log.tree import Read, consistency, grow, inclusion, leaf_hash, node_hash, root, root_of
from tests.required import left_out, program

GOPATH = Path("/usr/share/gocode")
OUTSIDER = Path(__file__).parent / "outsiders" / "tlog.go"
KEY, ORIGIN = "log-key-of-the-tests-0123456789abc", "portal.example/log"
SIZES = (1, 2, 3, 4, 7, 8, 255, 256, 257, 511, 512, 513, 1_000)
LARGE = (2_047, 4_099)

Case = dict[str, Any]
Judge = Callable[[Sequence[Case]], list[str]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Go's opinion of each case; an empty one where it agrees with everything."""
    go = program("go", called="Go")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        left_out("golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = {"HOME": str(folder), **os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": ""}
    made = folder / "tlog"
    subprocess.run([go, "build", "-o", str(made), str(OUTSIDER)], env=environment, check=True, cwd=folder)

    def asked(cases: Sequence[Case]) -> list[str]:
        text = "".join(f"{json.dumps(case, default=_text)}\n" for case in cases)
        done = subprocess.run([str(made)], input=text, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return asked


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def leaves(size: int) -> list[bytes]:
    chance = random.Random(size)
    return [chance.randbytes(chance.randint(0, 60)) for _ in range(size)]


def reader(hashes: Sequence[bytes]) -> Read:
    """Whole subtrees over these leaf hashes."""

    @cache
    def read(level: int, n: int) -> bytes:
        return hashes[n] if level == 0 else node_hash(read(level - 1, 2 * n), read(level - 1, 2 * n + 1))

    return read


def tiles(hashes: Sequence[bytes]) -> dict[str, bytes]:
    """All tiles of a tree by their addresses, as the log writes them."""
    found, level = {}, 0
    while hashes:
        for n in range(-(-len(hashes) // 256)):
            part = hashes[n * 256 : (n + 1) * 256]
            found[f"{level}/{Place(n, len(part)).address}"] = b"".join(part)
        whole = len(hashes) // 256
        hashes, level = [root(hashes[n * 256 : (n + 1) * 256]) for n in range(whole)], level + 1
    return found


def case(size: int) -> Case:
    """What the portal's code claims of a tree of this size."""
    all_leaves = leaves(size)
    hashes = [leaf_hash(leaf) for leaf in all_leaves]
    read, chance = reader(hashes), random.Random(size)
    head = root_of(grow([], 0, hashes)[0])
    some = sorted({0, size - 1, *(chance.randrange(size) for _ in range(20))})
    return {
        "leaves": all_leaves,
        "size": size,
        "root": head,
        "inclusion": [{"index": index, "hashes": inclusion(index, size, read)} for index in some],
        "consistency": [
            {"size": old, "root": root(hashes[:old]), "hashes": consistency(old, size, read)}
            for old in (one + 1 for one in some)
        ],
        "tiles": tiles(hashes),
        "note": keys.sign(keys.Checkpoint(ORIGIN, size, head), KEY),
        "vkey": keys.vkey_of(KEY, ORIGIN),
    }


def test_go_agrees_on_roots_proofs_tiles_and_notes_of_trees_of_many_sizes(judge: Judge) -> None:
    chance = random.Random(919)
    sizes = [*SIZES, *LARGE, *(chance.randint(1, 1_000) for _ in range(60))]
    opinions = dict(zip(sizes, judge([case(size) for size in sizes]), strict=False))
    assert opinions == dict.fromkeys(sizes, "")


def test_go_sees_what_is_wrong(judge: Judge) -> None:
    """The cross-check itself can fail, in each of its parts."""

    def spoiled(name: str, value: Any) -> Case:
        return {**case(300), name: value}

    good = case(300)
    wrong = [
        spoiled("root", leaf_hash(b"another")),
        spoiled("inclusion", [{"index": 7, "hashes": good["inclusion"][0]["hashes"]}]),
        spoiled("consistency", [{**good["consistency"][3], "hashes": good["consistency"][4]["hashes"]}]),
        spoiled("tiles", {**good["tiles"], "0/000": b"\x00" * 8192}),
        spoiled("note", good["note"].replace("300", "301")),
        spoiled("leaves", [*good["leaves"][:-1], b"another"]),
    ]
    opinions = judge([good, *wrong])
    parts = ("root", "inclusion", "consistency", "tiles", "note", "root")
    assert opinions[0] == ""
    assert [part in opinion for part, opinion in zip(parts, opinions[1:], strict=True)] == [True] * len(parts)
