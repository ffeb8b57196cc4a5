"""`portal import organisations`: what scripts rely on."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import main
from portal.db import db
from portal.orgs.models import Organisation
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Role
from tests.factories import BEGINNING
from tests.volunteers import Cast

TABLE = """组织名称,类别,统一社会信用代码,登记/备案,日期,登记/备案机关,备案编号,入会日期
双桥针织示例有限公司,企业,91350100M000100Y43,登记,2015-03-01,示例市场监督管理局,,2020-01-01
双桥邻里互助会（示例）,备案社区社会组织,,备案,2021-05-06,示例街道办事处,备-2021-07,
"""


@pytest.fixture
def runner(app: Flask, people: Cast, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    worker = add_person("方社工", by=None, at=BEGINNING, login="worker", password="korrekt-pferd-919")
    add_person("普通人", by=None, at=BEGINNING, login="nobody", password="korrekt-pferd-919")
    grant(worker, Role.WORKER, on=ALLIANCE, by=None, at=BEGINNING, reason="测试")
    db.session.commit()
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    return CliRunner()


def told(runner: CliRunner, *words: str, code: int = 0) -> dict[str, object]:
    db.session.rollback()
    done = runner.invoke(main, ["import", "organisations", *words])
    assert done.exit_code == code, done.output
    answer: dict[str, object] = json.loads([line for line in done.output.splitlines() if line.startswith("{")][-1])
    return answer


def count() -> int:
    return db.session.query(Organisation).count()


def test_a_table_comes_in_once(runner: CliRunner, tmp_path: Path) -> None:
    file, before = tmp_path / "houses.csv", count()
    file.write_text(TABLE, encoding="gb18030")
    seen = told(runner, str(file), "--as", "worker", "--dry-run")
    assert (seen["status"], seen["rows"], seen["registered"], seen["joined"], count()) == ("preview", 2, 2, 1, before)
    assert told(runner, str(file), "--as", "worker")["status"] == "imported"
    again = told(runner, str(file), "--as", "worker")
    assert (again["status"], again["repeats"], count()) == ("already-imported", 2, before + 2)


def test_one_wrong_row_keeps_all_of_them_out(runner: CliRunner, tmp_path: Path) -> None:
    file, before = tmp_path / "houses.csv", count()
    file.write_text(TABLE.replace("Y43", "Y44"), encoding="utf-8")
    assert told(runner, str(file), "--as", "worker", code=1)["status"] == "refused"
    assert count() == before
    assert told(runner, str(file), "--as", "worker", "--leave-out", "2")["registered"] == 1


def test_who_keeps_no_registry_brings_nothing(runner: CliRunner, tmp_path: Path) -> None:
    file, before = tmp_path / "houses.csv", count()
    file.write_text(TABLE, encoding="utf-8")
    assert told(runner, str(file), "--as", "nobody", code=1)["status"] == "refused"
    assert count() == before
