"""Lists by the command line: what it prints, what it keeps, and what becomes of a command that is killed."""

import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal import clock
from portal.cli import lists
from portal.db import db
from portal.files.models import StoredFile
from portal.jobs.actions import LEASE
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists import reader
from portal.lists.models import DonationImport, ImportRow
from portal.people.models import Person
from tests.giving import Giving
from tests.importing import BAD, THREE, booked, check, count, gifts_and_receipts, listed, many, newest, rows_of

Import = Callable[..., Result]
NOTHING = {"rows": 0, "accepted": 0, "problems": 0, "repeats": 0, "total_fen": 0}


@pytest.fixture
def imports(app: Flask, giving: Giving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """`portal import donations` for a file of these lines, by the cashier of `giving`."""
    ids = {"cashier": giving.cashier.id, "accountant": giving.accountant.id}
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    monkeypatch.setattr(lists, "person_called", lambda login: db.session.get_one(Person, ids[login]))

    def run(*rows: str, options: tuple[str, ...] = ()) -> Result:
        file = tmp_path / "名单.csv"
        file.write_bytes(listed(*rows))
        db.session.commit()
        arguments = [str(file), "--fund", "919", "--as", "cashier", *options]
        return CliRunner().invoke(lists.donations, arguments)

    return run


def told(result: Result) -> dict[str, Any]:
    """The last line that is JSON."""
    lines = [line for line in result.output.splitlines() if line.startswith("{")]
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def kept() -> tuple[int, int, int]:
    return count(DonationImport), count(ImportRow), count(StoredFile)


def test_a_list_is_read_and_handed_over(imports: Import) -> None:
    result = imports(*THREE)
    assert result.exit_code == 0, result.output
    assert told(result) == {
        "status": "waiting", "import": newest().id, "rows": 3, "accepted": 3, "problems": 0, "repeats": 0,
        "total_fen": 126_710,
    }  # fmt: skip
    check()


def test_a_long_list_is_kept_in_chunks_and_booked_at_once(imports: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 100)
    result = imports(*many(450), options=("--confirm-as", "accountant", "--leave-out", "17"))
    assert result.exit_code == 0, result.output
    assert (told(result)["status"], told(result)["rows"], told(result)["accepted"]) == ("booked", 450, 449)
    assert gifts_and_receipts() == (449, 449)
    assert "读入" in result.output
    while work_one():
        pass
    assert gifts_and_receipts() == (449, 449)
    check()


def test_a_dry_run_tells_the_same_and_keeps_nothing(imports: Import) -> None:
    dry = imports(*THREE, *BAD, options=("--dry-run",))
    assert dry.exit_code == 0, dry.output
    assert told(dry) == {
        "status": "preview", "import": None, "rows": 6, "accepted": 3, "problems": 3, "repeats": 0,
        "total_fen": 126_710,
    }  # fmt: skip
    assert (kept(), count(Job)) == ((0, 0, 0), 0)


def test_the_same_list_again_keeps_nothing(imports: Import, giving: Giving) -> None:
    booked(giving, *THREE)
    before = kept()
    again = imports(*reversed(THREE))
    assert (again.exit_code, told(again)["status"], told(again)["rows"]) == (0, "already-imported", 3)
    assert kept() == before


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        ((*THREE, *BAD), (), "还有 3 行有问题（第 5、6、7 行）"),
        ((BAD[0],), ("--leave-out", "2"), "没有可以入账的行"),
        (THREE, ("--leave-out", "99"), "没有第 99 行"),
        (("合计,,1,,",), (), "没有一笔捐赠"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_and_keeps_nothing(
    imports: Import, rows: tuple[str, ...], options: tuple[str, ...], sentence: str
) -> None:
    result = imports(*rows, options=options)
    assert result.exit_code == 1
    assert told(result) == {"status": "refused", "import": None, **NOTHING}
    assert sentence in result.output
    assert kept() == (0, 0, 0)


def test_a_list_that_somebody_else_was_quicker_with_is_taken_back(
    imports: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reader.read_here

    def slow(*args: Any, **kwargs: Any) -> DonationImport:
        imported = real(*args, **kwargs)
        booked(Giving(imported.fund), *THREE)
        return db.session.get_one(DonationImport, imported.id, populate_existing=True)

    monkeypatch.setattr(lists, "read_here", slow)
    result = imports(*THREE)
    assert (result.exit_code, told(result)["status"]) == (1, "refused")
    assert "已经导入过" in result.output
    assert gifts_and_receipts() == (3, 3)
    check()


def test_a_command_that_dies_leaves_its_reading_to_a_worker(imports: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 100)

    def dies(_: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reader, "breathe", dies)
        assert imports(*many(250)).exit_code == 1
    imported = newest()
    assert (imported.status, imported.rows, work_one()) == ("reading", 100, False)
    check()
    with clock.frozen(clock.now() + LEASE + timedelta(seconds=1)):
        assert work_one()
    assert (newest().status, len(rows_of(imported)), newest().accepted) == ("preview", 250, 250)
    check()
