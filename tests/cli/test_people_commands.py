"""People and roles from the command line: the first administrator without anybody, everything else by one."""

from importlib import import_module

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from portal.cli import people
from portal.db import db
from portal.people.models import Grant, Person, Role
from portal.people.policy import holds_anywhere
from portal.people.queries import person_by_login
from tests import factories

PASSWORD = "shan-shui-tu-919"


@pytest.fixture(autouse=True)
def inside(app: Flask, session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on the test's own application, where nobody is yet."""
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)


def run(*words: str, typed: str = "") -> Result:
    db.session.commit()
    return CliRunner().invoke(people.user, list(words), input=typed)


def grants() -> int:
    return db.session.scalar(select(func.count(Grant.id))) or 0


def first_administrator() -> Person:
    assert run("create", "秦长风", "--login", "admin", "--password-stdin", typed=PASSWORD).exit_code == 0
    done = run("grant", "admin", "admin", "--reason", "设立门户")
    assert (done.exit_code, done.output.split("\t")[1:]) == (0, ["秦长风", "系统管理员", "整个联盟\n"])
    db.session.rollback()
    admin = person_by_login("admin")
    assert admin and holds_anywhere(admin, Role.ADMIN)
    return admin


def test_the_first_administrator_is_made_by_nobody_and_the_next_by_her() -> None:
    first_administrator()
    assert run("create", "叶知秋", "--volunteer").exit_code == 1
    made = run("create", "叶知秋", "--volunteer", "--as", "admin")
    number = made.output.strip().split("\t")[2]
    assert run("grant", number, "admin", "--reason", "增补").exit_code == 1
    assert run("grant", number, "admin", "--reason", "增补", "--as", "admin").exit_code == 0


def test_whoever_is_no_administrator_gives_nothing_here() -> None:
    first_administrator()
    run("create", "周小满", "--login", "other", "--password-stdin", "--as", "admin", typed=PASSWORD)
    before = grants()
    for by in ("other", "nobody"):
        assert run("grant", "admin", "worker", "--reason", "测试", "--as", by).exit_code == 1
    assert run("grant", "other", "worker", "--reason", "测试").exit_code == 1
    assert grants() == before


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--on", "team:none"), 1, "没有「team:none」这个范围"),
        (("--on", "alliance"), 1, "的范围只能是"),
        (("--on", "team:crew", "--until", "2020-01-01"), 1, "最后一天不能早于"),
        (("--on", "team:crew", "--until", "someday"), 2, "someday"),
        (("--on", "team:crew", "--reason", "x"), 1, "请写明原因"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_refusal_is_a_sentence_and_exit_code_1(more: tuple[str, ...], code: int, says: str) -> None:
    first_administrator()
    factories.team("晨星", of=factories.organisation("星火")).slug = "crew"
    factories.person("周小满").login, before = None, grants()
    number = db.session.scalar(select(Person.volunteer_no).where(Person.name == "周小满"))
    done = run("grant", str(number), "team_leader", "--reason", "推选", "--as", "admin", *more)
    assert (done.exit_code, says in done.output) == (code, True), done.output
    assert grants() == before


def test_roles_are_listed_and_ended_and_accounts_closed() -> None:
    first_administrator()
    run("create", "周小满", "--login", "other", "--password-stdin", "--as", "admin", typed=PASSWORD)
    given = run("grant", "other", "worker", "--reason", "聘任", "--as", "admin").output.split("\t")[0]
    assert f"{given}\tother\t周小满\t社工\t整个联盟\t-" in run("list").output
    assert "周小满" not in run("list", "--role", "admin").output
    assert run("end-grant", given, "--reason", "离任", "--as", "admin").exit_code == 0
    assert run("end-grant", given, "--reason", "离任", "--as", "admin").exit_code == 1
    assert run("close", "other", "--reason", "离任", "--as", "admin").exit_code == 0
    assert run("close", "admin", "--reason", "离任", "--as", "admin").exit_code == 1
    db.session.rollback()
    other = person_by_login("other")
    assert other and not other.is_open
