"""Rosters by command: what scripts rely on."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import main
from portal.db import db
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Person, Role
from tests.rosters.bringing import AT, count
from tests.rosters.generated import HEADER, csv_of, lines
from tests.volunteers import Cast


@pytest.fixture
def runner(app: Flask, people: Cast, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Commands on the test's own application, a worker who signs in as `worker`, and somebody who is none."""
    worker = add_person("方社工", by=None, at=AT, login="worker", password="korrekt-pferd-919")
    add_person("普通人", by=None, at=AT, login="nobody", password="korrekt-pferd-919")
    grant(worker, Role.WORKER, on=ALLIANCE, by=None, at=AT, reason="测试")
    db.session.commit()
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    return CliRunner()


def told(runner: CliRunner, *words: str) -> dict[str, object]:
    # What the test has read holds SQLite's turn to write, which the command waits for.
    db.session.rollback()
    done = runner.invoke(main, [*words])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.output.splitlines()[-1])
    return answer


def test_a_command_enters_a_roster_once(runner: CliRunner, tmp_path: Path) -> None:
    file, before = tmp_path / "roster.csv", count(Person)
    file.write_bytes(csv_of(lines(40, teams=("晨星志愿服务队",)), code="gb18030"))
    command = ("import", "volunteers", str(file), "--as", "worker", "--take", "identity", "--consents", "柜子")
    seen = told(runner, *command, "--dry-run")
    assert (seen["status"], seen["new"], count(Person)) == ("preview", 40, before)
    assert told(runner, *command)["status"] == "booked"
    again = told(runner, *command)
    assert (again["status"], again["new"], again["same"], count(Person)) == ("already-imported", 0, 40, before + 40)


def test_what_leaves_by_command_comes_back_as_no_change(runner: CliRunner, tmp_path: Path) -> None:
    file, out = tmp_path / "roster.csv", tmp_path / "out.xlsx"
    file.write_bytes(csv_of(lines(5, teams=("晨星志愿服务队",))))
    told(runner, "import", "volunteers", str(file), "--as", "worker", "--take", "identity", "--consents", "柜子")
    for kind in ("xlsx", "csv"):
        out = tmp_path / f"out.{kind}"
        command = ("export", "volunteers", "--format", kind, "--out", str(out), "--as", "worker", "--purpose", "核对")
        assert told(runner, *command, "--in-full")["rows"]
        seen = told(runner, "import", "volunteers", str(out), "--as", "worker", "--take", "identity", "--dry-run")
        assert (seen["same"], seen["new"], seen["wrong"]) == (seen["rows"], 0, 0)
    assert HEADER[0] in out.read_text(encoding="utf-8-sig")


def test_whoever_brings_no_rosters_is_refused(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(csv_of(lines(1)))
    done = runner.invoke(main, ["import", "volunteers", str(file), "--as", "nobody", "--consents", "x"])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert runner.invoke(main, ["import", "volunteers", str(file), "--as", "worker"]).exit_code == 2
