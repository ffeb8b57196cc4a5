"""A ZIP file that may be broken off at any byte: whole at the end, the same to the byte, nothing made twice."""

import hashlib
import random
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from portal.documents.archive import Archive, AtWork

BODIES = {f"919-2026-{number:06d}.pdf": random.Random(number).randbytes(40 * number) for number in range(1, 13)}
DAY = date(2026, 3, 2)


def mark(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def go_on(target: Path) -> int:
    """Add what the archive lacks and finish it; how many were added."""
    with Archive(target) as archive:
        kept = len(archive.members)
        for name, body in list(BODIES.items())[kept:]:
            archive.add(name, body, fingerprint=mark(body), on=DAY)
        archive.finish()
    return len(BODIES) - kept


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """The file as it is when nothing goes wrong."""
    target = tmp_path / "whole.zip"
    go_on(target)
    return target.read_bytes()


def test_it_holds_what_was_put_in_as_any_program_reads_it(whole: bytes, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "whole.zip") as file:
        assert file.testzip() is None
        assert {info.filename: file.read(info) for info in file.infolist()} == BODIES
        assert {info.date_time for info in file.infolist()} == {(2026, 3, 2, 0, 0, 0)}
    assert (tmp_path / "whole.zip").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "whole.zip.partial").exists()


def test_broken_off_at_any_byte_it_ends_the_same(whole: bytes, tmp_path: Path) -> None:
    target, partial = tmp_path / "year.zip", tmp_path / "year.zip.partial"
    chosen = random.Random(919).sample(range(len(whole)), 150)
    for end in [0, 1, 29, 30, 31, len(whole) - 1, *chosen]:
        partial.write_bytes(whole[:end])
        added = go_on(target)
        assert target.read_bytes() == whole
        assert added <= len(BODIES)
        target.unlink()


def test_whole_members_are_not_made_again(whole: bytes, tmp_path: Path) -> None:
    target = tmp_path / "year.zip"
    with Archive(target) as archive:
        for name, body in list(BODIES.items())[:5]:
            archive.add(name, body, fingerprint=mark(body), on=DAY)
    assert not target.exists()
    assert go_on(target) == len(BODIES) - 5
    assert target.read_bytes() == whole


def test_members_after_a_spoilt_one_are_made_again(whole: bytes, tmp_path: Path) -> None:
    """A power cut may leave blocks that were never written, with later ones in place."""
    target = tmp_path / "year.zip"
    middle = len(whole) // 2
    (tmp_path / "year.zip.partial").write_bytes(whole[:middle] + bytes(100) + whole[middle + 100 :])
    assert 0 < go_on(target) < len(BODIES)
    assert target.read_bytes() == whole


@pytest.mark.parametrize("rubbish", [b"PK\3\4" + b"\xff" * 60, b"PK\3\4" + bytes(60), b"no archive at all" * 9])
def test_rubbish_is_cut_off(whole: bytes, tmp_path: Path, rubbish: bytes) -> None:
    target = tmp_path / "year.zip"
    (tmp_path / "year.zip.partial").write_bytes(rubbish)
    assert go_on(target) == len(BODIES)
    assert target.read_bytes() == whole


def test_what_is_cut_is_gone_and_what_follows_takes_its_place(tmp_path: Path) -> None:
    target = tmp_path / "year.zip"
    with Archive(target) as archive:
        for name in ("a.pdf", "b.pdf", "c.pdf"):
            archive.add(name, b"first " * 50, fingerprint=mark(b"1"), on=DAY)
        archive.cut(1)
        archive.add("b.pdf", b"second", fingerprint=mark(b"2"), on=DAY)
        assert [member.name for member in archive.members] == ["a.pdf", "b.pdf"]
        archive.finish()
    with ZipFile(target) as file:
        assert file.namelist() == ["a.pdf", "b.pdf"]
        assert file.read("b.pdf") == b"second"


def test_two_at_once_do_not_write_one_file(tmp_path: Path) -> None:
    with Archive(tmp_path / "year.zip"), pytest.raises(AtWork):
        Archive(tmp_path / "year.zip")
    with Archive(tmp_path / "year.zip"):
        pass


def test_more_members_than_old_archives_could_count(tmp_path: Path) -> None:
    target = tmp_path / "many.zip"
    with Archive(target) as archive:
        for number in range(65_600):
            archive.add(f"{number:06d}.pdf", b"x", fingerprint=bytes(32), on=DAY)
        archive.finish()
    with ZipFile(target) as file:
        assert len(file.namelist()) == 65_600
        assert file.read("065599.pdf") == b"x"
