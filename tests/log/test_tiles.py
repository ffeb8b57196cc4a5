"""Tiles and entry bundles at their addresses, as programs of others fetch them (C2SP tlog-tiles)."""

import gzip
import hashlib
import json
from itertools import pairwise
from urllib.parse import quote

import pytest
from flask import Flask

from portal.db import db
from portal.log import proofs, queries, tree
from portal.log.keys import Checkpoint, open_note
from portal.log.models import TILE
from portal.log.tiles import Place, read_level, read_place, reader
from tests.applications import Client
from tests.giving import Giving
from tests.log.conftest import KIND, Facts
from tests.pages import statements

LARGE = TILE * TILE + TILE + 3


def bundle(body: bytes) -> list[bytes]:
    """The leaves of an entry bundle."""
    leaves = []
    while body:
        length = int.from_bytes(body[:2], "big")
        leaves.append(body[2 : 2 + length])
        body = body[2 + length :]
    return leaves


def published(client: Client) -> Checkpoint:
    note = client.get("/log/checkpoint").text
    return open_note(note, *client.get("/log/key").text.splitlines())


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("n", "address"),
    [(0, "000"), (7, "007"), (999, "999"), (1_000, "x001/000"), (1_234_067, "x001/x234/067"), (10**6, "x001/x000/000")],
)
def test_a_tiles_number_has_one_address(n: int, address: str) -> None:
    assert Place(n).address == address
    assert read_place(address) == Place(n)
    assert read_place(f"{address}.p/1") == Place(n, 1)
    assert Place(n, 255).address == f"{address}.p/255"


OTHER_SPELLINGS = (
    *("", "0", "00", "1", "01", "0001", "x1/2", "x01/234", "x000/001", "x001/x000", "001/002", "x001/2", "X001/234"),
    *("000.p", "000.p/", "000.p/0", "000.p/00", "000.p/01", "000.p/256", "000.p/999", "000.p/-1", "000.p/1.p/1"),
    *("-001", "+01", " 01", "001 ", "0x1", "1e3", "٠٠٠", "००१", "００１", "x00１/000", "000.p/１"),
    *("000\n", "000/", "/000"),
    *("x" * 500, "/".join(["x999"] * 40) + "/999", "999" * 100, "..", "%2e%2e", "000.p/1/", "entries", "null"),
)


@pytest.mark.parametrize("address", OTHER_SPELLINGS)
def test_no_other_spelling_names_a_tile(address: str) -> None:
    assert read_place(address) is None


@pytest.mark.parametrize("level", ["00", "01", "64", "-1", "1.0", "１", "٣", "", "x", "9" * 400, "0x1", " 1"])
def test_no_other_spelling_names_a_level(level: str) -> None:
    assert read_level(level) is None


def test_other_spellings_and_tiles_beyond_the_log_are_not_found(client: Client, facts: Facts) -> None:
    facts.note(*range(300))
    asked = [f"/log/tile/{kind}/{quote(one)}" for one in OTHER_SPELLINGS for kind in ("0", "entries")]
    asked += [f"/log/tile/{level}/000" for level in ("00", "64", "-1", "1.0", "１", "x", "9" * 400)]
    beyond = ["0/001", "0/001.p/45", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "63/000.p/1"]
    asked += [f"/log/tile/{one}" for one in (*beyond, "entries/001", "entries/001.p/45")]
    asked += [f"/log/trace/{one}" for one in ("0", "300", "-1", "00", "9" * 30, "٣", "x", "1.0", "0" * 400)]
    assert {path: status for path in asked if (status := client.get(path).status_code) not in (404, 308)} == {}


def test_an_empty_log_has_neither_checkpoint_nor_tiles(client: Client) -> None:
    for path in ("/log/checkpoint", "/log/tile/0/000", "/log/tile/0/000.p/1", "/log/tile/entries/000.p/1"):
        assert client.get(path).status_code == 404
    assert client.get("/log/key").text == ""
    assert "日志还是空的" in client.get("/log").text


# ── a large log ─────────────────────────────────────────────────────────────────────────────────────
def test_a_log_of_three_levels_is_rebuilt_from_its_tiles_alone(app: Flask, client: Client, facts: Facts) -> None:
    facts.note(*range(LARGE))
    head = published(client)
    assert head.size == LARGE
    hashes = {
        place: client.get(f"/log/tile/{place}").data
        for place in ("0/000", "0/255", "0/256", "0/257.p/3", "1/000", "1/001.p/1", "2/000.p/1")
    }
    assert [len(body) // 32 for body in hashes.values()] == [256, 256, 256, 3, 256, 1, 1]
    assert tree.root(split(hashes["0/000"])) == split(hashes["1/000"])[0]
    assert tree.root(split(hashes["0/256"])) == split(hashes["1/001.p/1"])[0]
    assert tree.root(split(hashes["1/000"])) == hashes["2/000.p/1"]
    stack = [hashes["2/000.p/1"], *split(hashes["1/001.p/1"]), *tree.grow([], 0, split(hashes["0/257.p/3"]))[0]]
    assert tree.root_of(stack) == head.root
    _prove_some(app, head)


def _prove_some(app: Flask, head: Checkpoint) -> None:
    """Leaves and older logs at every edge, each in three statements at most."""
    for index in (0, 7, 255, 256, TILE * TILE - 1, TILE * TILE, LARGE - 4, LARGE - 1):
        parts = tree.inclusion_parts(index, LARGE)
        with statements(app) as seen:
            hashes = tree.hashes_of(parts, reader(parts, LARGE))
        assert len(seen) <= 3
        (leaf,) = queries.written(index, index + 1)
        assert leaf.text is not None
        assert tree.verify_inclusion(index, LARGE, tree.leaf_hash(leaf.text), hashes, head.root)
    for old in (1, 255, 256, 257, TILE * TILE, TILE * TILE + TILE, LARGE - 1, LARGE):
        parts = [*tree.consistency_parts(old, LARGE), tree.subtrees(0, old)]
        with statements(app) as seen:
            *hashes_, before = tree.hashes_of(parts, reader(parts, LARGE))
        assert len(seen) <= 3
        assert tree.verify_consistency(old, LARGE, before, head.root, hashes_)


def split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


# ── the portal's own facts ──────────────────────────────────────────────────────────────────────────
def test_bundles_hold_the_leaves_that_the_tiles_hash(client: Client, giving: Giving) -> None:
    for number in range(3):
        giving.gift(fen=100 + number)
    leaves = bundle(client.get("/log/tile/entries/000.p/6").data)
    assert [tree.leaf_hash(leaf) for leaf in leaves] == split(client.get("/log/tile/0/000.p/6").data)
    assert tree.root(map(tree.leaf_hash, leaves)) == published(client).root
    assert client.get("/log/tile/entries/000.p/2").data == b"".join(
        len(leaf).to_bytes(2, "big") + leaf for leaf in leaves[:2]
    )


def test_the_rows_of_which_a_leaf_holds_the_hash_lie_at_an_address_of_their_own(client: Client, giving: Giving) -> None:
    giving.gift(fen=300)
    giving.spend(120)
    leaves = [json.loads(leaf) for leaf in bundle(client.get("/log/tile/entries/000.p/3").data)]
    (paid,) = [idx for idx, leaf in enumerate(leaves) if leaf["kind"] == "entry" and leaf["trace"]]
    answer = client.get(f"/log/trace/{paid}")
    assert hashlib.sha256(answer.data).hexdigest() == leaves[paid]["trace"]
    assert [fen for *_, fen in answer.json or []] == [120]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    # A gift was paid by nobody, a receipt has no rows, and there is no fourth leaf.
    assert {client.get(f"/log/trace/{idx}").status_code for idx in (0, 1, 3)} == {404}


def test_no_name_stands_in_a_bundle(client: Client, giving: Giving) -> None:
    giving.gift("王建国", intention="给一个叫李小明的孩子", memo="住在三号楼")
    said = client.get("/log/tile/entries/000.p/2").data.decode(errors="replace")
    for private in ("王建国", "李小明", "三号楼", giving.cashier.name, giving.accountant.name):
        assert private not in said


def test_whole_tiles_are_kept_for_a_year_and_others_are_not(client: Client, facts: Facts) -> None:
    facts.note(*range(TILE + 1))
    for place, how in (("000", "public, max-age=31536000, immutable"), ("001.p/1", "public, max-age=60")):
        for address in (f"/log/tile/0/{place}", f"/log/tile/entries/{place}"):
            answer = client.get(address)
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Cache-Control"] == how
            assert "Set-Cookie" not in answer.headers
            again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")
    checkpoint = client.get("/log/checkpoint")
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "no-cache"


def test_bundles_are_pressed_for_whoever_takes_it(client: Client, facts: Facts) -> None:
    facts.note(*range(TILE))
    plain = client.get("/log/tile/entries/000")
    pressed = client.get("/log/tile/entries/000", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(pressed.data) == plain.data
    assert len(pressed.data) < len(plain.data) / 4
    assert pressed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in pressed.headers["Vary"]


def test_what_is_not_committed_is_not_published(app: Flask, client: Client, facts: Facts) -> None:
    facts.note(1, 2)
    before = published(client)
    facts.note(3)
    after = published(client)
    assert (before.size, after.size) == (2, 3)
    assert client.get("/log/tile/0/000.p/3").status_code == 200
    assert client.get("/log/tile/0/000.p/4").status_code == 404


def test_a_bundle_of_which_a_fact_is_gone_says_so(client: Client, facts: Facts) -> None:
    facts.note(1, 2, 3)
    facts.gone.add(2)
    answer = client.get("/log/tile/entries/000.p/3")
    assert answer.status_code == 503
    assert "公开日志" in answer.text
    assert client.get("/log/tile/entries/000.p/1").status_code == 200


def test_the_page_says_what_the_log_is_and_since_when(client: Client, giving: Giving) -> None:
    giving.gift()
    text = client.get("/log").text
    head = published(client)
    assert head.root.hex() in text
    assert head.origin in text
    assert "日志开始" in text
    assert client.get("/log/key").text.strip() in text.replace("&#43;", "+")
    for page in ("/", "/funds", "/verify"):
        assert 'href="/log"' in client.get(page).text


def test_a_proof_of_a_receipt_stands_on_its_own(app: Flask, client: Client, giving: Giving) -> None:
    receipts = [giving.gift("王建国", fen=100 + number) for number in range(5)]
    (vkey,) = client.get("/log/key").text.split()
    proof = proofs.proof_of("receipt", receipts[1].id)
    assert proof is not None
    checked = proofs.check_proof(proof.tlog_proof(), proof.leaf, vkey)
    assert checked.checkpoint == published(client)
    assert checked.says["number"] == receipts[1].number
    assert proofs.check_opening(checked.says, "donor", proof.openings["donor"])
    assert proof.openings["donor"]["value"] == "王建国"
    assert not proofs.check_opening(checked.says, "donor", {**proof.openings["donor"], "value": "王建华"})
    assert not proofs.check_opening(checked.says, "words", proof.openings["donor"])
    for bad in ({}, {"salt": "zz", "value": ""}, {"salt": 1, "value": ""}, {"salt": "00", "value": 1.5}):
        assert not proofs.check_opening(checked.says, "donor", bad)
    assert proofs.proof_of("receipt", 10**9) is None
    assert proofs.proof_of("nothing", 1) is None


def test_a_salt_that_is_deleted_leaves_the_proof_and_takes_the_opening(giving: Giving) -> None:
    receipt = giving.gift("王建国")
    before = proofs.proof_of("receipt", receipt.id)
    assert before is not None
    idx = before.index
    db.session.execute(db.text("UPDATE log_secret SET salt = NULL WHERE idx = :idx AND field = 'donor'"), {"idx": idx})
    db.session.commit()
    after = proofs.proof_of("receipt", receipt.id)
    assert after is not None
    assert after.leaf == before.leaf
    assert before.openings.keys() - after.openings.keys() == {"donor"}


def test_proofs_of_every_leaf_hold_at_every_size(client: Client, facts: Facts) -> None:
    for size in (1, 2, 3, 4, 5, 8, 9):
        facts.note(*range(facts_before(size), size))
        (vkey,) = client.get("/log/key").text.split()
        for ref in range(size):
            proof = proofs.proof_of(KIND, ref)
            assert proof is not None
            assert proofs.check_proof(proof.tlog_proof(), proof.leaf, vkey).says["n"] == ref


def facts_before(size: int) -> int:
    sizes = (0, 1, 2, 3, 4, 5, 8, 9)
    return next(before for before, after in pairwise(sizes) if after == size)
