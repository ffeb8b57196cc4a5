"""Long files of every kind: those that hold no list say so where its rows would stand."""

import pytest
from openpyxl import Workbook

from portal.jobs.worker import work_one
from tests.applications import Client
from tests.files.workbooks import saved
from tests.giving import Giving
from tests.importing import (
    check,
    gifts_and_receipts,
    listed,
    newest,
    rows_of,
    upload,
)
from tests.lists.long import COLUMNS, job
from tests.pages import is_valid, words

NO_LISTS = {
    "only blank lines": (b"\n" * 400_000, "没有任何内容"),
    "a header alone": ("到账日期,捐赠人,金额(元)\n".encode() + b",,\n" * 120_000, "没有一笔捐赠"),
    "prose": ("我们的爱心汇成大海\n".encode() * 40_000, "找不到表头"),
    "a program": (bytes(range(256)) * 2_000, "不是表格文件"),
    "a broken archive": (b"PK\x03\x04" + b"\0" * 400_000, "已损坏"),
    "too many columns": (b"," * 399 + b"x\n" + b"x" * 300_000, "列数太多"),
}


@pytest.mark.parametrize("what", NO_LISTS)
def test_a_long_file_that_is_no_list_says_so_and_is_withdrawn(cashier: Client, giving: Giving, what: str) -> None:
    content, sentence = NO_LISTS[what]
    answer = upload(cashier, giving, content, name="名单.xlsx")
    assert answer.status_code == 303
    assert work_one()
    page = cashier.get(answer.headers["Location"])
    assert is_valid(page)
    assert "这个文件读不出名单" in words(page)
    assert sentence in words(page)
    assert (newest().status, newest().rows, job().status) == ("preview", 0, "done")
    late = cashier.post(f"{answer.headers['Location']}/hand-over")
    assert (late.status_code, "请换一个文件上传" in words(late)) == (422, True)
    assert cashier.post(f"{answer.headers['Location']}/withdraw").status_code == 303
    assert gifts_and_receipts() == (0, 0)
    check()


def test_a_long_list_whose_columns_nobody_knows_waits_for_them(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    upload(cashier, giving, listed("2026-11-01,王建国,200,x", header="到账日期,捐赠人,入袋,备注"))
    assert work_one()
    address = f"/imports/{newest().id}"
    assert "还差一步：请指明各列" in words(cashier.get(address))
    assert cashier.post(f"{address}/columns", data=COLUMNS | {"amount": "入袋"}).status_code == 303
    assert work_one()
    assert (newest().status, newest().total_fen) == ("preview", 20_000)


def test_a_workbook_that_wants_all_memory_ends_its_own_process(
    cashier: Client, giving: Giving, everything_is_long: None
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "到账日期", "x"
    answer = upload(cashier, giving, saved(book), name="一角.xlsx")
    assert work_one()
    assert "展开后过大" in words(cashier.get(answer.headers["Location"]))
    assert job().status == "done"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_names_of_all_alphabets_come_through(
    cashier: Client, giving: Giving, everything_is_long: None, encoding: str
) -> None:
    names = ["𠮷野家", "㛃", "买买提·吾买尔", "Ærøskøbing", "Мария", "مريم", "पूजा", "김하늘", "👪家", "a'; --"]
    rows = [f"2026-11-01,{name},{n + 1},," for n, name in enumerate(names)]
    upload(cashier, giving, listed(*rows).decode().encode(encoding), name=f"{names[0]}.csv")
    assert work_one()
    assert [row.donor_name for row in rows_of(newest())] == names
