"""`portal export ledger | donations | spending`: files as the pages would give them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests import commands
from tests.books import programs
from tests.live import settings


@pytest.fixture
def export(demo_data: Path, tmp_path: Path) -> Any:
    def run(*words: str, out: str) -> "tuple[int, str, Path]":
        file = tmp_path / out
        done = commands.run("export", *words, "--out", str(file), env=settings(demo_data))
        return done.returncode, done.stdout + done.stderr, file

    return run


def test_the_demos_books_pass_beancount_and_hledger(export: Any) -> None:
    code, said, bean = export("ledger", "--format", "beancount", out="a.beancount")
    assert (code, json.loads(said)["bytes"]) == (0, bean.stat().st_size)
    assert programs.bean_check(bean).returncode == 0
    code, _, journal = export("ledger", "--format", "hledger", out="a.hledger")
    assert (code, programs.hledger(journal, "check", "-s").returncode) == (0, 0)
    assert len(list(programs.transactions(programs.read(bean)))) > 600
    code, _, part = export("ledger", "--format", "beancount", "--fund", "gongyi", out="g.beancount")
    assert (code, programs.bean_check(part).returncode) == (0, 0)
    assert 0 < part.stat().st_size < bean.stat().st_size


def test_gifts_and_payments_come_with_the_columns_that_everybody_sees(export: Any) -> None:
    code, _, gifts = export("donations", "--format", "csv", out="gifts.csv")
    assert code == 0
    lines = list(csv.DictReader(gifts.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["所属基金/项目"] for row in lines} == {"919爱心基金", "公益公积金", "社区发展基金"}
    code, _, paid = export("spending", "--format", "xlsx", "--fund", "919", out="paid.xlsx")
    rows = list(load_workbook(paid).worksheets[0].values)
    assert (code, rows[0][1], {row[2] for row in rows[1:]}) == (0, "拨付日期", {"919爱心基金"})


def test_an_unknown_fund_is_refused_and_leaves_no_file(export: Any) -> None:
    for words in (("ledger", "--format", "csv"), ("donations", "--format", "csv"), ("spending", "--format", "csv")):
        code, said, file = export(*words, "--fund", "nope", out="x.csv")
        assert (code, "没有叫「nope」的基金。" in said, file.exists()) == (1, True, False)
    assert export("ledger", "--format", "pdf", out="x")[0] == 2
