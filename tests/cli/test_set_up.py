"""The first day from the shell: a token, or all of it from a file, once."""

import subprocess
from datetime import date
from pathlib import Path

import pytest

from portal.administration.plan_files import administrator_of, plan_of, read_file
from portal.administration.plans import Administrator, Plan
from portal.problems import DomainError
from tests import commands
from tests.administration.first_day import CODE, PASSWORD, PLANNED
from tests.live import settings

TODAY = date(2026, 11, 16)
TOML = f"""
[alliance]
name = "海宁市××爱心联盟（测试）"
last_volunteer = 41

[administrator]
name = "秦长风"
login = "qin"

[[funds]]
name = "919爱心基金"
slug = "919"
purpose = "帮困助学。"
founded_year = 2013
council_size = 7
host_name = "海宁市××慈善会（测试）"
host_short_name = "慈善会"
credit_code = "{CODE}"
last_receipt = 122
"""


def portal(instance: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return commands.run(*words, env=settings(instance))


# Four processes, one after the other.
@pytest.mark.timeout(240)
def test_a_file_sets_the_portal_up_once(tmp_path: Path) -> None:
    instance, file, secret = tmp_path / "instance", tmp_path / "first.toml", tmp_path / "password"
    instance.mkdir()
    file.write_text(TOML)
    secret.write_text(f"{PASSWORD}\n")
    early = portal(instance, "set-up-token")
    assert (early.returncode, "portal migrate" in early.stderr) == (1, True)
    done = portal(instance, "set-up", str(file), "--password-file", str(secret))
    assert (done.returncode, "登录名 qin" in done.stdout) == (0, True), done.stderr
    again = portal(instance, "set-up", str(file), "--password-file", str(secret))
    assert (again.returncode, "这件事只做一次" in again.stderr, "Traceback" in again.stderr) == (1, True, False)
    token = portal(instance, "set-up-token")
    assert (token.returncode, token.stdout) == (1, "")


def read(folder: Path, told: str) -> tuple[Administrator, Plan]:
    file = folder / "first.toml"
    file.write_text(told)
    tables = read_file(file)
    return administrator_of(tables, PASSWORD), plan_of(tables, today=TODAY)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_says_what_the_pages_ask(session: object, tmp_path: Path) -> None:
    administrator, plan = read(tmp_path, TOML)
    assert (administrator.name, administrator.login) == ("秦长风", "qin")
    assert (plan.last_volunteer, plan.funds) == (41, (PLANNED,))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("[[funds]]", "[funds"), "不是能读的 TOML"),
        (("[[funds]]", "[funds]"), "要写成 [[funds]]"),
        (("[alliance]", "alliance = 1\n[other]"), "不认识 other"),
        (('login = "qin"', ""), "[administrator] 里缺 login"),
        (('login = "qin"', 'login = "qin"\npassword = "x"'), "不认识 password"),
        (("last_receipt = 122", "last_receipt = -1"), "第 1 个基金的 last_receipt"),
        (("last_receipt = 122", 'last_receipt = "122"'), "last_receipt 要是整数"),
        (("last_receipt = 122", "last_receipt = true"), "last_receipt 要是整数"),
        (('slug = "919"', "slug = 919"), "slug 要是引号里的文字"),
        ((CODE, CODE[:17] + "0"), "最后一位对不上"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_that_is_wrong_gets_a_sentence(
    session: object, tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(DomainError) as problem:
        read(tmp_path, TOML.replace(*change))
    assert sentence in str(problem.value.sentence)
