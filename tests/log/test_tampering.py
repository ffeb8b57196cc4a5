"""Books rewritten past every guard: the check, the log's own verification and a checkpoint kept earlier each notice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from portal.db import db
from portal.log import heads, outside, tree, verifying
from portal.log.commitments import opens
from portal.log.keys import read
from portal.log.models import TILE
from portal.log.queries import signed_head, written
from portal.settings import current_settings
from tests import harm
from tests.giving import Giving
from tests.importing import check
from tests.log.conftest import Facts
from tests.scenes import Scenes

LEAVES, TREE, FACTS = "log.leaves", "log.tree", "log.every fact"


@dataclass(frozen=True)
class Books:
    """Gifts, a void confirmation, a payment; and the checkpoint that somebody kept of them."""

    kept: str

    @property
    def size(self) -> int:
        return read(self.kept).size


@pytest.fixture
def books(giving: Giving, scenes: Scenes) -> Books:
    made = scenes("books", lambda: booked(giving))
    # A scene is put back without the file beside the database.
    outside.keep(made.kept, instead=True)
    return made


def booked(giving: Giving) -> Books:
    receipts = [giving.gift("王建国", 20_000 + number) for number in range(3)]
    giving.void(receipts[0], "金额写错")
    giving.spend(100)
    head = signed_head()
    assert head is not None
    check()
    return Books(head.note)


def rebuilt_root(size: int) -> bytes | None:
    """What an outsider comes to who writes the tree from the published leaves alone; None when some are not there."""
    texts = [leaf.text for leaf in written(0, size)]
    return tree.root([tree.leaf_hash(one) for one in texts if one]) if all(texts) and len(texts) == size else None


TIED = """
SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' AND confrelid = CAST(:name AS regclass)
"""


@contextmanager
def tampered(table: str, *statements: str) -> Iterator[None]:
    """The statements, carried out past guards, checks and foreign keys."""
    if db.engine.dialect.name == "sqlite":
        off = ["PRAGMA defer_foreign_keys=ON"]
    else:
        tied = db.session.execute(text(TIED), {"name": table})
        off = [f"ALTER TABLE {one} DROP CONSTRAINT {name}" for one, name in tied]
    with harm.done(table, *off, *statements):
        yield


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────
FIRST_ENTRY = "(SELECT ref FROM log_leaf WHERE kind = 'entry' ORDER BY idx LIMIT 1)"
CHANGES: dict[str, tuple[str, ...]] = {
    "an entry's memo": ("ledger_entry", f"UPDATE ledger_entry SET memo = '另一笔' WHERE id = {FIRST_ENTRY}"),
    "an entry's day": ("ledger_entry", f"UPDATE ledger_entry SET \"on\" = '2026-11-19' WHERE id = {FIRST_ENTRY}"),
    "who made it": ("ledger_entry", f"UPDATE ledger_entry SET made_by_name = '别人' WHERE id = {FIRST_ENTRY}"),
    "a line's amount": (
        "ledger_line",
        f"UPDATE ledger_line SET debit_fen = debit_fen + 1 WHERE debit_fen > 0 AND entry_id = {FIRST_ENTRY}",
        f"UPDATE ledger_line SET credit_fen = credit_fen + 1 WHERE credit_fen > 0 AND entry_id = {FIRST_ENTRY}",
    ),
    "a line that is gone": (
        "ledger_line",
        f"DELETE FROM ledger_line WHERE debit_fen > 0 AND entry_id = {FIRST_ENTRY}",
    ),
    "lines that are gone": ("ledger_line", f"DELETE FROM ledger_line WHERE entry_id = {FIRST_ENTRY}"),
    "an entry that is gone": ("ledger_entry", f"DELETE FROM ledger_entry WHERE id = {FIRST_ENTRY}"),
    "a receipt's donor": ("receipts_receipt", "UPDATE receipts_receipt SET donor_name = '别人' WHERE serial = 2"),
    "a receipt's amount": ("receipts_receipt", "UPDATE receipts_receipt SET fen = fen + 1 WHERE serial = 2"),
    "a void reason": ("receipts_receipt", "UPDATE receipts_receipt SET void_reason = '别的' WHERE serial = 1"),
    "a void one that is valid again": (
        "receipts_receipt",
        "UPDATE receipts_receipt SET voided_at = NULL, void_reason = NULL WHERE serial = 1",
    ),
    "a receipt that is gone": ("receipts_receipt", "DELETE FROM receipts_receipt WHERE serial = 3"),
    "a commitment": ("log_secret", "UPDATE log_secret SET commitment = salt WHERE idx = 1 AND field = 'donor'"),
    "a commitment that is gone": ("log_secret", "DELETE FROM log_secret WHERE idx = 1 AND field = 'donor'"),
    "another salt": ("log_secret", "UPDATE log_secret SET salt = commitment WHERE idx = 1 AND field = 'donor'"),
    "another receipt's leaf": ("log_leaf", "UPDATE log_leaf SET ref = ref + 1000 WHERE idx = 1"),
}
HIDDEN = {"who made it", "a receipt's donor", "another salt"}
"""The leaf holds a commitment, and stays the same: who has the salt notices, no outsider."""


def test_a_fact_that_was_changed_no_longer_makes_its_leaf(books: Books) -> None:
    for what, (table, *statements) in CHANGES.items():
        with tampered(table, *statements):
            assert harm.found(LEAVES), what
            assert list(verifying.everything(lambda _: None, books.kept)), what
            assert (rebuilt_root(books.size) == read(books.kept).root) is (what in HIDDEN), what
    check()


def test_whoever_kept_her_salt_notices_that_a_hidden_name_was_changed(books: Books) -> None:
    (leaf,) = written(1, 2)
    commitment, salt = leaf.hidden["donor"]
    assert salt is not None
    with tampered(*CHANGES["a receipt's donor"]):
        assert opens(commitment, salt, "donor", "王建国")
        assert not opens(commitment, salt, "donor", "别人")


def test_a_name_whose_salt_is_deleted_may_go_and_the_log_still_holds(books: Books) -> None:
    db.session.execute(text("UPDATE log_secret SET salt = NULL WHERE field = 'donor'"))
    with tampered("receipts_receipt", "UPDATE receipts_receipt SET donor_name = ''"):
        assert harm.found(LEAVES) == harm.found(TREE) == []
        assert rebuilt_root(books.size) == read(books.kept).root


def on(table: str) -> str:
    return "" if db.engine.dialect.name == "sqlite" else f" ON {table}"


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────
OTHER_HASH = {"sqlite": "zeroblob(32)", "postgresql": "decode(repeat('00', 32), 'hex')"}
DAMAGE: dict[str, tuple[str, ...]] = {
    "a leaf's hash": ("log_leaf", "UPDATE log_leaf SET hash = {other} WHERE idx = 1"),
    "two leaves in each other's place": (
        "log_leaf",
        "UPDATE log_leaf SET idx = -1 WHERE idx = 1",
        "UPDATE log_leaf SET idx = 1 WHERE idx = 2",
        "UPDATE log_leaf SET idx = 2 WHERE idx = -1",
    ),
    "the last leaf is gone": ("log_leaf", "DELETE FROM log_leaf WHERE idx = 299"),
    "a leaf in the middle is gone": ("log_leaf", "DELETE FROM log_leaf WHERE idx = 100"),
    "a leaf too many": (
        "log_leaf",
        "INSERT INTO log_leaf (idx, kind, ref, hash) SELECT 300, kind, 9999, hash FROM log_leaf WHERE idx = 1",
    ),
    "a tile": ("log_tile", "UPDATE log_tile SET root = {other}"),
    "a tile that is gone": ("log_tile", "DELETE FROM log_tile"),
    "a tile too many": (
        "log_tile",
        "INSERT INTO log_tile (level, idx, hashes, root) SELECT 0, 1, hashes, root FROM log_tile",
    ),
    "the head's size": ("log_head", "UPDATE log_head SET size = 299"),
    "the head's root": ("log_head", "UPDATE log_head SET stack = {other}"),
    "the head's note": ("log_head", "UPDATE log_head SET note = replace(note, '300', '301')"),
    "the head's key": ("log_head", "UPDATE log_head SET vkey = 'a+00000000+AA=='"),
    "the declared key": ("log_key", "DELETE FROM log_key"),
    "the head is gone": ("log_head", "DELETE FROM log_head"),
}


def test_damage_to_the_tree_is_found(facts: Facts) -> None:
    facts.note(*range(300))
    other = OTHER_HASH[db.engine.dialect.name]
    for what, (table, *statements) in DAMAGE.items():
        with tampered(table, *(one.replace("{other}", other) for one in statements)):
            assert harm.found(TREE), what
            assert list(verifying.everything(lambda _: None)), what
    assert harm.found(TREE) == []


def test_a_fact_booked_past_the_log_is_found(books: Books) -> None:
    with tampered("log_leaf", f"DELETE FROM log_leaf WHERE idx = {books.size - 1}"):
        assert len(harm.found(FACTS)) == 1


# ── the whole log rewritten, by somebody who has the key ────────────────────────────────────────────
def rewrite_log() -> None:
    """Make leaves, tiles and head anew from what the rows say now, signed: nothing inside the database shows it."""
    head = heads.standing()
    assert head is not None
    session = db.session
    hashes = [tree.leaf_hash(leaf.text or b"") for leaf in written(0, head.size)]
    for idx, hash in enumerate(hashes):
        session.execute(text("UPDATE log_leaf SET hash = :hash WHERE idx = :idx"), {"hash": hash, "idx": idx})
    assert len(hashes) < TILE
    heads.move(head, *tree.grow([], 0, hashes))
    assert current_settings().log_key


def test_a_log_that_was_rewritten_whole_is_found_by_any_checkpoint_kept_before(books: Books) -> None:
    with tampered(*CHANGES["an entry's memo"]):
        for guard in ("log_leaf_no_update", "log_leaf_no_replace"):
            db.session.execute(text(f"DROP TRIGGER IF EXISTS {guard}{on('log_leaf')}"))
        rewrite_log()
        assert harm.found(LEAVES) == harm.found(TREE) == harm.found(FACTS) == []
        assert "two logs, or it was rewritten" in harm.found("log.checkpoint")[0]
        assert "two logs, or it was rewritten" in "".join(verifying.checkpoint_wrong(books.kept))
        assert rebuilt_root(books.size) != read(books.kept).root


def test_every_checkpoint_ever_published_is_a_beginning_of_the_log(giving: Giving) -> None:
    kept = []
    for number in range(4):
        giving.gift(fen=100 + number)
        kept.append((signed_head() or pytest.fail()).note)
    assert [list(verifying.checkpoint_wrong(note)) for note in kept] == [[]] * 4


@pytest.mark.parametrize(
    ("note", "words"),
    [("", "no checkpoint"), ("\x00\xff", "no checkpoint"), ("other", "no"), ("a\n1\nAAAA\n\n— a AAAA\n", "no")],
)
def test_what_is_no_checkpoint_of_this_log_is_said(books: Books, note: str, words: str) -> None:
    (said,) = verifying.checkpoint_wrong(note)
    assert words in said
