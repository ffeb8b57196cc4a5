"""`portal verify`: a genuine confirmation passes, whatever was done to one is found; no network, no database."""

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.documents import keyfile
from portal.log import keys
from portal.log.keys import Checkpoint
from portal.verifying import report
from portal.verifying.known import Known
from tests.verifying import attacks
from tests.verifying.sheets import ORIGIN, SECRET, VKEY, Maker, attachments, proof

Verify = Callable[..., Result]


@pytest.fixture
def verify(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Run the command as an outsider: an empty folder, no settings, the published certificate and key."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("PORTAL_"):
            monkeypatch.delenv(name)

    def run(pdf: bytes, *options: str, key: str = VKEY, certificate: Path | None = None) -> Result:
        Path("sheet.pdf").write_bytes(pdf)
        believed = ["--certificate", str(certificate or maker.key), "--key", key]
        return CliRunner().invoke(main, ["verify", "sheet.pdf", *believed, *options], catch_exceptions=False)

    return run


def test_a_genuine_one_passes_and_says_what_it_proves_and_what_not(verify: Verify, genuine: bytes) -> None:
    found = verify(genuine)
    assert found.exit_code == 0, found.output
    assert "编号：919-2026-000123" in found.output
    assert "捐赠人：周予安" in found.output
    proven, unproven = found.output.split("没有证明")
    assert "一个字节也没有改过" in proven
    assert "公开日志（portal.example/log）第 5 号记录，日志在共 11 条时签过名" in proven
    assert "纸面上的编号、金额、日期、名称，和日志里的一样" in proven
    assert "钱真的到了账" in unproven
    assert "没有作废" in unproven
    assert "只有这一本日志" in unproven
    assert "用演示密钥签的，只作练习" in unproven


def test_it_leaves_nothing_behind(verify: Verify, genuine: bytes, tmp_path: Path) -> None:
    verify(genuine)
    assert [one.name for one in tmp_path.iterdir()] == ["sheet.pdf"], "no instance folder, no keys"


@pytest.mark.parametrize("name", attacks.ON_BYTES)
def test_whatever_was_done_to_the_file_is_found(verify: Verify, genuine: bytes, name: str) -> None:
    spoilt = attacks.ON_BYTES[name](genuine)
    assert spoilt != genuine
    found = verify(spoilt)
    assert found.exit_code == 1, found.output
    assert "不能相信这份文件" in found.output


@pytest.mark.parametrize("name", attacks.BY_SIGNERS)
def test_what_the_portal_itself_would_have_to_sign_is_found_too(verify: Verify, maker: Maker, name: str) -> None:
    """Somebody holds the document key, not the log's: the proof alone must catch it."""
    found = verify(attacks.BY_SIGNERS[name](maker))
    assert found.exit_code == 1, found.output
    assert "整份文件从签名以后" in found.output, "the signature is good"


def test_every_byte_counts(maker: Maker, genuine: bytes) -> None:
    """A byte every five hundred all over the file, and each forty-first of the signature's container."""
    believed = Known([(one, "") for one in keyfile.certificates(maker.key)], [(VKEY, "")])
    start = genuine.index(b"/Contents <")
    for at in [*range(9, len(genuine), 499), *range(start, genuine.index(b">", start), 41)]:
        spoilt = bytearray(genuine)
        spoilt[at] ^= 1
        assert report.check(bytes(spoilt), believed).off, at


def test_a_strangers_signature_is_named_and_not_believed(verify: Verify, maker: Maker) -> None:
    found = verify(maker.pdf(key=maker.strangers))
    assert found.exit_code == 1
    assert "谁都能给自己做一张" in found.output


def test_an_unsigned_sheet_proves_the_log_but_not_the_paper(verify: Verify, maker: Maker) -> None:
    found = verify(maker.pdf(signed=False))
    assert found.exit_code == 1
    assert "文件没有签名" in found.output
    assert "号记录" in found.output


def test_another_logs_key_is_not_believed(verify: Verify, genuine: bytes) -> None:
    found = verify(genuine, key=keys.vkey_of("another-secret-of-another-log-01", ORIGIN))
    assert found.exit_code == 1
    assert "检查点不是认识的日志密钥签的" in found.output


def test_a_code_that_leads_elsewhere_is_found_by_what_is_printed(verify: Verify, maker: Maker) -> None:
    found = verify(maker.pdf(check_url="https://portal.example/verify/919-2026-000999"))
    assert found.exit_code == 1
    assert "没有查这个编号的网址" in found.output
    elsewhere = verify(maker.pdf(check_url="https://p0rtal.example/verify/919-2026-000123"))
    assert "扫出来的网址应当是 https://p0rtal.example/verify/919-2026-000123" in elsewhere.output, (
        "the reader sees where"
    )


@pytest.mark.parametrize(
    ("size", "root", "code", "sentence"),
    [
        (11, None, 0, "和您留的检查点完全一样"),
        (9, b"\x09" * 32, 0, "断网比不了"),
        (11, b"\x0b" * 32, 1, "两个不同的日志"),
    ],
)
def test_a_checkpoint_that_somebody_kept_is_compared(
    verify: Verify, genuine: bytes, size: int, root: bytes | None, code: int, sentence: str
) -> None:
    kept = keys.sign(Checkpoint(ORIGIN, size, root), SECRET) if root else proof().checkpoint
    Path("kept.txt").write_text(kept)
    found = verify(genuine, "--checkpoint", "kept.txt")
    assert found.exit_code == code, found.output
    assert sentence in found.output


def test_a_checkpoint_that_nobody_signed_is_no_checkpoint(verify: Verify, genuine: bytes) -> None:
    kept = keys.sign(Checkpoint(ORIGIN, 11, b"\x0b" * 32), "another-secret-of-another-log-01")
    Path("kept.txt").write_text(kept)
    assert verify(genuine, "--checkpoint", "kept.txt").exit_code == 1


def test_without_its_salt_the_name_is_said_to_be_unproven(verify: Verify, maker: Maker) -> None:
    forgotten = proof()
    del forgotten.openings["donor"]
    found = verify(maker.pdf(attachments(forgotten)))
    assert found.exit_code == 0, found.output
    assert "捐赠人是谁、是什么：打开它的盐已经删掉" in found.output


@pytest.mark.parametrize(
    "rubbish", [b"", b"%PDF-1.7", b"\x00" * 999, b"%PDF-1.7\n/Type /EmbeddedFile" * 9, os.urandom(999)]
)
def test_rubbish_is_no_confirmation(verify: Verify, rubbish: bytes) -> None:
    assert verify(rubbish).exit_code == 1


def test_on_the_portals_own_machine_no_options_are_needed(
    maker: Maker, genuine: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SIGN_KEY", str(maker.key))
    monkeypatch.setenv("PORTAL_LOG_KEY", SECRET)
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path / "none"))
    (tmp_path / "sheet.pdf").write_bytes(genuine)
    found = CliRunner().invoke(main, ["verify", str(tmp_path / "sheet.pdf")], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    assert "和本机门户的证书一样" in found.output
    assert not (tmp_path / "none").exists()


def test_the_sentences_name_no_secret(verify: Verify, genuine: bytes) -> None:
    salt: Any = re.search(rb'"salt": "([0-9a-f]{64})"', genuine)
    assert salt[1].decode() not in verify(genuine).output
    assert base64.b64encode(bytes.fromhex(salt[1].decode())).decode() not in verify(genuine).output
