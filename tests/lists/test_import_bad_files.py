"""Bad input: each answers with a sentence that names file, row and column, nothing is booked, and one may try again."""

import zipfile
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook
from werkzeug.test import TestResponse

from portal.files.models import StoredFile
from portal.jobs.worker import work_one
from portal.lists.models import DonationImport
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.files.workbooks import archive, compound, rewritten, saved, xls, xlsx
from tests.giving import Giving
from tests.importing import HEADER, THREE, count, gifts_and_receipts, listed
from tests.pages import is_valid, words

GOOD = [("到账日期", "捐赠人", "金额(元)"), ("2026-11-01", "王建国", 200.0)]


def bomb() -> bytes:
    """A small workbook that inflates to 30 MB of blanks."""
    return rewritten(xlsx(GOOD), lambda name, part: part + b" " * (30 << 20) if name.endswith("sheet1.xml") else part)


def phantom() -> bytes:
    """Sixty thousand rows of formatted, empty cells below one gift."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in GOOD:
        sheet.append(row)
    for _ in range(60_000):
        sheet.append((None, "", None))
    return saved(book)


@pytest.fixture
def cashier(client: Client, giving: Giving) -> Client:
    return client.sign_in(giving.cashier)


def send(client: Client, giving: Giving, content: bytes, name: str) -> TestResponse:
    data = {"fund": str(giving.fund.id), "method": "bank", "file": (BytesIO(content), name)}
    return client.post("/imports", data=data)


FILES = {
    "a document": ("说明.pdf", b"%PDF-1.7\n...", "「说明.pdf」不是表格文件"),
    "a picture": ("截图.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "「截图.xlsx」不是表格文件"),
    "another archive": ("照片.zip", archive({"a.txt": b"a"}), "「照片.zip」不是表格文件"),
    "an empty file": ("空.xlsx", b"", "「空.xlsx」是空文件"),
    "an empty workbook": ("空表.xlsx", xlsx([]), "「空表.xlsx」里没有任何内容"),
    "a new workbook with a password": (
        "加密.xlsx", compound({"EncryptedPackage": b"x" * 5_000, "EncryptionInfo": b"x"}), "「加密.xlsx」有打开密码",
    ),
    "an old workbook with a password": ("加密.xls", xls(GOOD, encrypted=True), "「加密.xls」有打开密码"),
    "a damaged workbook": ("坏.xlsx", xlsx(GOOD)[:-200], "「坏.xlsx」已损坏或没有传完整"),
    "a file over the limit": ("大.csv", b"a," * (10 << 20) + b"b", "「大.csv」太大"),
    "a file far over the limit": ("很大.csv", b"a," * (15 << 20), "「很大.csv」太大"),
    "no table at all": ("信.txt", "亲爱的出纳：名单下周给您。".encode(), "「信.txt」里找不到表头"),
    "two tables in one sheet": (
        "两张表.csv", listed(*THREE, "姓名,日期,捐款,,", "王建国,2026-11-01,5,,"), "「两张表.csv」第 5 行又是一个表头",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_read_is_refused_by_name_beside_its_field(
    cashier: Client, giving: Giving, what: str
) -> None:
    name, content, sentence = FILES[what]
    answer = send(cashier, giving, content, name)
    assert (answer.status_code, is_valid(answer)) == (422, True)
    assert sentence in words(answer)
    assert 'id="file-error"' in answer.text
    assert (count(DonationImport), count(StoredFile), gifts_and_receipts()) == (0, 0, (0, 0))
    again = send(cashier, giving, listed(*THREE), name)
    assert again.status_code == 303


def test_a_file_far_over_the_limit_gives_strangers_no_page(client: Client, app: Flask, giving: Giving) -> None:
    content = b"a," * (15 << 20)
    assert send(client, giving, content, "很大.csv").status_code in (302, 413)
    volunteer = new_client(app).sign_in(person("林一禾"))
    assert send(volunteer, giving, content, "很大.csv").status_code in (403, 413)


def test_a_zip_bomb_is_refused(cashier: Client, giving: Giving) -> None:
    content = bomb()
    assert len(content) < 1 << 20
    answer = send(cashier, giving, content, "炸弹.xlsx")
    assert (answer.status_code, "「炸弹.xlsx」展开后过大" in words(answer)) == (422, True)
    assert count(DonationImport) == 0


def test_phantom_rows_are_no_gifts(cashier: Client, giving: Giving) -> None:
    content = phantom()
    assert len(zipfile.ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")) > 60_000
    answer = send(cashier, giving, content, "六万空行.xlsx")
    assert work_one()
    page = cashier.get(answer.headers["Location"])
    assert "1 笔捐赠，核对后移交" in words(page)


def test_no_file_at_all_is_said(cashier: Client, giving: Giving) -> None:
    answer = cashier.post("/imports", data={"fund": str(giving.fund.id), "method": "bank"})
    assert (answer.status_code, "请选择文件" in words(answer)) == (422, True)


ROWS = {
    "an amount in words": ("2026-11-01,王建国,二百,,", "金额(元)：金额「二百」不是数字。"),
    "a negative amount": ("2026-11-01,王建国,-200,,", "金额(元)：金额为负数。"),
    "nothing given": ("2026-11-01,王建国,0,,", "金额(元)：金额为零。"),
    "three decimals": ("2026-11-01,王建国,200.125,,", "金额(元)：金额最多两位小数（到分）。"),
    "no amount": ("2026-11-01,王建国,,,", "金额(元)：金额为空。"),
    "a day that does not exist": ("2026-02-30,王建国,200,,", "到账日期：日期「2026-02-30」不存在。"),
    "a day to come": ("2099-01-01,王建国,200,,", "到账日期：日期「2099-01-01」在今天之后。"),
    "no day": (",王建国,200,,", "到账日期：日期为空。"),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_bad_row_is_named_and_nothing_is_booked_until_it_is_mended(
    cashier: Client, giving: Giving, what: str
) -> None:
    row, sentence = ROWS[what]
    address = send(cashier, giving, listed(*THREE, row), "十一月.csv").headers["Location"]
    page = cashier.get(f"{address}?show=problems")
    assert "十一月.csv" in words(page)
    assert sentence in words(page)
    assert "第 5 行 王建国" in words(page)
    refused = cashier.post(f"{address}/hand-over")
    assert (refused.status_code, "第 5 行" in words(refused)) == (422, True)
    assert gifts_and_receipts() == (0, 0)
    mended = send(cashier, giving, listed(*THREE, "2026-11-01,王建国,210,,"), "十一月改.csv").headers["Location"]
    assert cashier.post(f"{mended}/hand-over").status_code == 303


def test_an_order_number_that_comes_twice_is_a_problem(cashier: Client, giving: Giving) -> None:
    rows = (THREE[2], "2026-11-04,别人,5,,A-1")
    page = cashier.get(send(cashier, giving, listed(*rows), "名单.csv").headers["Location"])
    assert "交易单号：订单号重复：与第 2 行相同。" in words(page)


def test_a_name_cannot_carry_markup_or_a_path(cashier: Client, giving: Giving) -> None:
    answer = send(cashier, giving, b"", '../../etc/<img src=x onerror="1">.xlsx')
    assert answer.status_code == 422
    assert "<img src=x" not in answer.text
    assert "../../etc" not in words(answer)


def test_the_sentences_of_a_list_come_in_the_readers_language(cashier: Client, giving: Giving) -> None:
    address = send(cashier, giving, listed("2026-02-30,王建国,200,,", header=HEADER), "名单.csv").headers["Location"]
    cashier.set_cookie("lang", "en", domain="portal.test")
    english = cashier.get(address)
    assert 'lang="en"' in english.text
    assert is_valid(english)
