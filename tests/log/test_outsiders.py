"""An outsider who knows the public addresses alone finds all right, or says what is not."""

import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests import commands
from tests.live import Live, settings

OUTSIDERS = Path(__file__).parent / "outsiders"
RUN = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('audit', run_name='__main__')"
REWRITE = "from tests.log.rewriting import rewrite; rewrite('另一个故事')"


def audited(live: Live, keep: Path | None = None) -> tuple[int, str]:
    """What the audit of a server says. It gets an address and nothing of the portal's."""
    words = [sys.executable, "-I", "-c", RUN, str(OUTSIDERS), live.url, *(["--keep", str(keep)] if keep else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", env={"LANG": "C.UTF-8"})
    return done.returncode, done.stdout + done.stderr


def tampered(live: Live, *statements: str) -> None:
    """SQL by hand, with the guards of the tables off; pages are made anew after it."""
    with closing(sqlite3.connect(live.instance / "portal.db")) as database:
        for statement in statements:
            table = re.split(r"\W+", statement.removeprefix("DELETE FROM ").removeprefix("UPDATE "), maxsplit=1)[0]
            wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
            for (guard,) in database.execute(wanted, (table,)).fetchall():
                database.execute(f"DROP TRIGGER {guard}")
            assert database.execute(statement).rowcount > 0, statement
        database.execute("UPDATE public_version SET version = ?", (time.time_ns() // 1000,))
        database.commit()


def test_the_audit_finds_all_right_and_goes_on_from_what_it_saw(live: Live, tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    code, said = audited(live, seen)
    assert (code, said.splitlines()[-1]) == (0, "all right"), said
    for fact in ("entry", "receipt", "traces", "pages of 3 funds"):
        assert fact in said
    _book_a_gift(live)
    code, said = audited(live, seen)
    assert (code, said.splitlines()[-1]) == (0, "all right"), said
    assert "goes on from the" in said


def _book_a_gift(live: Live) -> None:
    file = live.instance / "one-more.csv"
    file.write_text("到账日期,捐赠人,捐赠金额（元）\n2026-11-02,甲乙示例公司,919.19\n", encoding="utf-8")
    live.portal("import", "donations", str(file), "--fund", "919", "--as", "cashier", "--confirm-as", "accountant")


EVERYWHERE = (
    "UPDATE ledger_line SET debit_fen = debit_fen + (debit_fen > 0), credit_fen = credit_fen + (credit_fen > 0) "
    "WHERE entry_id = 5",
    "UPDATE ledger_entry SET total_fen = total_fen + 1 WHERE id = 5",
    "UPDATE funds_gift SET fen = fen + 1 WHERE entry_id = 5",
    "UPDATE receipts_receipt SET fen = fen + 1 WHERE gift_id IN (SELECT id FROM funds_gift WHERE entry_id = 5)",
)
TAMPERINGS: dict[str, tuple[tuple[str, ...], str]] = {
    "an old memo": (("UPDATE ledger_entry SET memo = '别的事' WHERE id = 5",), "facts: fact"),
    "an amount wherever it stands": (EVERYWHERE, "was changed after it was logged"),
    "an amount on one side": (
        ("UPDATE ledger_line SET debit_fen = debit_fen + 1 WHERE entry_id = 5 AND debit_fen > 0",),
        "does not balance",
    ),
    "a receipt": (("UPDATE receipts_receipt SET fen = fen + 1 WHERE id = 5",), "receipts: 919-2026-000005 is for"),
    "a balance": (("UPDATE ledger_pool SET balance_fen = 1 WHERE code = '919'",), "balances: pool 919: 1 fen"),
    "a trace": (
        ("UPDATE ledger_trace SET fen = fen + 1 WHERE entry_id = (SELECT min(entry_id) FROM ledger_trace)",),
        "are said to have been spent",
    ),
    "a gift of the public list": (("UPDATE funds_gift SET fen = fen + 1 WHERE id = 5",), "pages: fund 919 lists"),
    "a leaf that is gone": (("DELETE FROM log_leaf WHERE idx = 700",), "nothing further was looked at"),
    "the last leaf cut off": (("UPDATE log_head SET size = size - 1",), "audit: the sums are of a log of"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_audit_says_what_was_changed_by_hand(live: Live, what: str) -> None:
    statements, sentence = TAMPERINGS[what]
    tampered(live, *statements)
    code, said = audited(live)
    assert code == 1, said
    assert sentence in said, said
    assert "Traceback" not in said


def test_a_log_rewritten_and_signed_anew_is_seen_by_whoever_kept_an_old_head(live: Live, tmp_path: Path) -> None:
    kept = tmp_path / "seen.json"
    assert audited(live, kept)[0] == 0
    commands.run(env=settings(live.instance), program=REWRITE).check_returncode()
    assert audited(live)[0] == 0, "nobody who comes for the first time can see it"
    code, said = audited(live, kept)
    assert code == 1
    assert "history: the past was rewritten" in said
