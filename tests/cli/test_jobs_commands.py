"""Background work from the command line."""

from importlib import import_module

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal.cli import jobs
from portal.db import db
from portal.jobs import enqueue
from portal.jobs.actions import lease, refuse
from portal.jobs.models import Job
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Role
from tests.applications import Client
from tests.volunteers import MONDAY


@pytest.fixture(autouse=True)
def inside(app: Flask, session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on the test's own application; `admin` and `lead` are there."""
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    for login, role in (("admin", Role.ADMIN), ("lead", Role.REVIEWER)):
        person = add_person(login, login=login, password="lan-hua-kai-le", by=None, at=MONDAY)
        grant(person, role, on=ALLIANCE, by=None, at=MONDAY, reason="测试")
    db.session.commit()


def set_aside() -> int:
    job_id = enqueue("test.bake", {}, at=MONDAY).id
    held = lease(at=MONDAY)
    assert held
    refuse(held, "full", at=MONDAY)
    db.session.commit()
    return job_id


def run(*arguments: str) -> Result:
    db.session.commit()
    return CliRunner().invoke(jobs.jobs, list(arguments))


def status(job_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True).status


def test_what_is_set_aside_is_listed_with_its_reason_and_retried(client: Client) -> None:
    job_id = set_aside()
    assert f"{job_id}\t搁置\t其他工作（test.bake）\t磁盘满了，存不进去。" in run("list").output
    assert run("list", "--state", "done").output == ""
    assert run("retry", str(job_id), "--as", "admin").exit_code == 0
    assert status(job_id) == "waiting"
    again = run("retry", str(job_id), "--as", "admin")
    assert (again.exit_code, "不在搁置里了" in again.output) == (1, True)


def test_all_at_once() -> None:
    first, second = set_aside(), set_aside()
    assert run("retry", "--all", "--as", "admin").output == "2 jobs wait again\n"
    assert (status(first), status(second)) == ("waiting", "waiting")


def test_only_an_administrator_decides_and_only_what_was_named() -> None:
    job_id = set_aside()
    assert run("retry", str(job_id), "--as", "lead").exit_code == 1
    assert run("retry", "--as", "admin").exit_code == 2
    assert run("retry", str(job_id), "--all", "--as", "admin").exit_code == 2
    assert run("retry", "99999999", "--as", "admin").exit_code == 1
    assert status(job_id) == "failed"


def test_a_database_that_is_away_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        error = OperationalError("SELECT 1", None, Exception())
        error.connection_invalidated = True
        raise error

    monkeypatch.setattr(jobs, "jobs_found", away)
    answer = run("list")
    assert answer.exit_code == 1
    assert "数据库暂时连不上" in answer.output
