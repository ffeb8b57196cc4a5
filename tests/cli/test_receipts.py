"""`portal receipts render`: killed at random moments and called again, it ends with the same sheets."""

import csv
import errno
import hashlib
import io
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import click
import pytest

from portal.cli import receipts
from portal.db import db
from portal.documents.archive import Archive
from portal.funds.actions import GiftDraft
from tests import commands
from tests.applications import clean_environment, environment
from tests.commands import Command
from tests.documents.test_client import ends_soon
from tests.documents.test_confirmation import words
from tests.engines import Engine
from tests.factories import person
from tests.giving import DAY, Giving

COUNT = 8
COMMAND = ("receipts", "render", "--fund", "919", "--year", "2026")


class Rendering:
    """The command on a test's own database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._environment = clean_environment() | environment(engine, folder)

    @contextmanager
    def started(self, *options: str) -> Iterator[Command]:
        db.session.commit()
        with Path(os.devnull).open("wb") as nothing:
            yield Command(*COMMAND, *options, env=self._environment, stdout=nothing, stderr=nothing)

    def run(self, *options: str) -> "tuple[int, str, str]":
        db.session.commit()
        done = commands.run(*COMMAND, *options, env=self._environment)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def command(engine: Engine, tmp_path: Path) -> Rendering:
    return Rendering(engine, tmp_path / "instance")


@pytest.fixture
def gifts(giving: Giving) -> Giving:
    giving.gifts([GiftDraft(received_on=DAY, donor_name=f"捐{n}", fen=100 + n) for n in range(COUNT)])
    return giving


def kill_when_it_holds(process: Command, partial: Path, size: int) -> None:
    """Kill the command by force when its file has so many bytes, or when it has ended before."""
    while process.poll() is None and not (partial.exists() and partial.stat().st_size >= size):
        time.sleep(0.005)
    drawing = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = [int(child) for child in drawing.read_text().split()] if process.poll() is None else []
    process.kill()
    process.wait()
    assert all(ends_soon(child) for child in children)


def test_killed_three_times_it_ends_as_if_nothing_had_been(command: Rendering, gifts: Giving, tmp_path: Path) -> None:
    straight, broken = tmp_path / "straight.zip", tmp_path / "broken.zip"
    partial = tmp_path / "broken.zip.partial"
    code, said, complained = command.run("--out", str(straight), "--jobs", "2")
    assert code == 0, complained
    assert f"{COUNT} confirmations, 0 of them void; drew {COUNT} in " in said
    moments = sorted(random.sample(range(1, straight.stat().st_size * 3 // 5), 3))
    for size in moments:
        with command.started("--out", str(broken), "--jobs", "2") as process:
            kill_when_it_holds(process, partial, size)
        if broken.exists():  # it was quicker than its killer: as if killed just before it gave the file its name
            broken.rename(partial)
    code, said, complained = command.run("--out", str(broken), "--jobs", "1")
    assert code == 0, complained
    assert f"drew {COUNT} in" not in said, "what was drawn is kept"
    assert said_in(broken) == said_in(straight)


def said_in(file: Path) -> list[tuple[str, ...]]:
    """What each sheet and its line of the list say, in their order. When a sheet was signed may differ, and so its
    bytes: that the list has the digest of just these is looked at here."""
    with ZipFile(file) as whole:
        assert whole.testzip() is None
        lines = list(csv.DictReader(io.StringIO(whole.read("manifest.csv").decode())))
        sheets = {line["number"]: whole.read(f"{line['number']}.pdf") for line in lines}
        assert whole.namelist() == [*(f"{number}.pdf" for number in sheets), "manifest.csv"]
    assert [line["sha256"] for line in lines] == [hashlib.sha256(body).hexdigest() for body in sheets.values()]
    return [(line["number"], line["amount"], line["state"], words(sheets[line["number"]])) for line in lines]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_finished_file_is_replaced_only_by_force(command: Rendering, giving: Giving, tmp_path: Path) -> None:
    out = tmp_path / "year.zip"
    assert command.run("--out", str(out))[0] == 0
    first = out.read_bytes()
    giving.gift()
    code, _, complained = command.run("--out", str(out))
    assert (code, "--force" in complained, "Traceback" in complained) == (1, True, False)
    assert out.read_bytes() == first
    assert command.run("--out", str(out), "--force")[0] == 0
    with ZipFile(out) as file:
        assert file.namelist() == ["919-2026-000001.pdf", "manifest.csv"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_wrong_words_and_wrong_people_are_refused(command: Rendering, giving: Giving, tmp_path: Path) -> None:
    for someone, login in ((person("路人"), "stranger"), (giving.accountant, "accountant")):
        someone.login, someone.password_hash = login, "of no password"
    out = tmp_path / "year.zip"
    assert command.run("--out", str(tmp_path / "nowhere" / "year.zip"))[0] == 2
    assert command.run("--out", str(out), "--jobs", "0")[0] == 2
    for options in (("--as", "nobody"), ("--as", "stranger"), ("--fund", "unknown")):
        code, _, complained = command.run("--out", str(out), *options)
        assert (code, complained[:7]) == (1, "Error: ")
        assert "Traceback" not in complained
    assert not out.exists()
    assert command.run("--out", str(out), "--as", "accountant")[0] == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_plainly(giving: Giving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Archive, "add", full)
    with pytest.raises(click.ClickException, match=r"No space left on device。.*再运行一次就接着做"):
        receipts._rendered(giving.fund, 2026, tmp_path / "year.zip", 1, by=None)
    assert not (tmp_path / "year.zip").exists()
