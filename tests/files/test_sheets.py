import io
import os
import re
import struct
import time
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from portal.files import inspection, sheets
from portal.files.inspection import (
    LIMITS,
    DamagedFile,
    EmptyFile,
    EmptyWorkbook,
    FileRefused,
    FileTooLarge,
    InflatesTooMuch,
    Limits,
    NoSuchSheet,
    NotATable,
    OtherTableFormat,
    PasswordProtected,
    TooManyColumns,
    TooManyRows,
    TooSlow,
)
from portal.files.sheets import Row, Sheet, read_sheet
from tests.files.workbooks import archive, compound, rewritten, saved, xls, xlsx

LIST: list[list[object]] = [["日期", "捐赠人", "金额"], ["2026-01-02", "测试甲", 100.5], ["2026-01-03", "测试乙", 3.0]]
TEXT = "日期,捐赠人,金额\n2026-01-02,测试甲,100.5\n2026-01-03,测试乙,3\n"


def read(content: bytes, filename: str = "名单.xlsx", *, sheet: str | None = None, limits: Limits = LIMITS) -> Sheet:
    return read_sheet(content, filename=filename, sheet=sheet, limits=limits)


def cells(sheet: Sheet) -> list[list[object]]:
    return [list(row.cells) for row in sheet.rows]


# What can be read


def test_old_and_new_workbooks_give_the_same_rows() -> None:
    assert cells(read(xlsx(LIST))) == cells(read(xls(LIST))) == LIST


def test_the_kind_is_told_by_content_and_not_by_name() -> None:
    assert read(xlsx(LIST), "名单.csv").kind == "xlsx"
    assert read(xls(LIST), "名单.xlsx").kind == "xls"
    assert read(TEXT.encode(), "名单.xls").kind == "text"


def test_a_file_is_read_from_a_path_like_from_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(xlsx(LIST))
    assert read_sheet(path, filename="名单.xlsx") == read(xlsx(LIST))


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_is_read_in_every_code_and_with_every_delimiter(code: str, delimiter: str) -> None:
    sheet = read(TEXT.replace(",", delimiter).encode(code), "名单.csv")
    assert cells(sheet) == [
        ["日期", "捐赠人", "金额"],
        ["2026-01-02", "测试甲", "100.5"],
        ["2026-01-03", "测试乙", "3"],
    ]


def test_commas_in_amounts_do_not_hide_the_tabs_between_columns() -> None:
    sheet = read("捐赠人\t金额\n测试甲\t1,000,000.00\n测试乙\t2,000,000.00\n".encode())
    assert cells(sheet)[1] == ["测试甲", "1,000,000.00"]


def test_rows_keep_their_numbers_and_blank_ones_are_left_out() -> None:
    assert [row.no for row in read(b"a,b\n\n,\n1,2\n").rows] == [1, 4]
    book = openpyxl.Workbook()
    book.worksheets[0]["C5"] = "x"
    book.worksheets[0]["D7"] = 3
    assert read(saved(book)).rows == (Row(5, (None, None, "x")), Row(7, (None, None, None, 3.0)))


def test_days_and_moments_come_as_such() -> None:
    sheet = read(xlsx([["日期", "时间"], [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5)]]))
    assert cells(sheet)[1] == [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5)]


def test_a_formula_counts_with_the_value_stored_and_is_empty_without_one() -> None:
    made = xlsx([["金额", "x"], ["=1+2", "a"], ["=3+4", "b"]])
    # Which way openpyxl closes an empty element depends on whether lxml is there.
    empty = re.compile(rb"<f>1\+2</f><v\s*(?:/>|></v>)")
    kept = rewritten(made, lambda name, part: empty.sub(b"<f>1+2</f><v>3</v>", part))
    assert kept != made
    assert cells(read(kept)) == [["金额", "x"], [3.0, "a"], [None, "b"]]


def test_of_merged_cells_only_the_first_holds_the_value() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["B3"] = "合并", "后"
    sheet.merge_cells("A1:B2")
    assert read(saved(book)).rows == (Row(1, ("合并",)), Row(3, (None, "后")))


def test_the_first_filled_sheet_is_read_and_the_others_are_named() -> None:
    content = xlsx([], more={"二": [["a", 1]], "三": [["b", 2]], "四": []})
    assert (read(content).name, read(content).others) == ("二", ("三",))
    assert (read(content, sheet="三").name, read(content, sheet="三").others) == ("三", ("二",))
    with pytest.raises(NoSuchSheet):
        read(content, sheet="五")


def test_hidden_sheets_are_not_read_unless_all_are_hidden() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "藏"
    book.worksheets[0].sheet_state = "hidden"
    book.create_sheet("露")["A1"] = "露"
    assert (read(saved(book)).name, read(saved(book)).others) == ("露", ())


def test_sixty_thousand_formatted_but_empty_rows_are_skipped_quickly() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    bold = Font(bold=True)
    for line in LIST:
        sheet.append(line)
    for row in range(4, 60_004):
        for column in (1, 3):
            sheet.cell(row, column).font = bold
    content = saved(book)
    before = sum(os.times()[:4])
    assert cells(read(content)) == LIST
    assert sum(os.times()[:4]) - before < 3


def test_quotes_that_a_bank_did_not_escape_are_harmless() -> None:
    sheet = read('对方,商品\n店,点击"多多"视频\n"店二"\t,"x"\n'.encode())
    assert [row.no for row in sheet.rows] == [1, 2, 3]
    assert sheet.rows[1].cells == ("店", '点击"多多"视频')


def test_a_quoted_cell_may_have_two_lines_and_counts_as_one_row() -> None:
    assert [row.no for row in read(b'a,"b\nc"\n1,2\n').rows] == [1, 2]


def test_a_quote_that_swallows_rows_is_refused() -> None:
    with pytest.raises(DamagedFile):
        read('捐赠人,金额\n"小草,100\n大树,200\n白云,300\n'.encode())


def test_one_broken_letter_does_not_refuse_a_whole_bank_statement() -> None:
    content = (TEXT * 40).encode("gb18030").replace("测试甲".encode("gb18030"), b"\xb2\xe2\xff", 1)
    assert "\ufffd" in str(read(content).rows[1].cells[1])


def test_null_bytes_in_text_are_dropped() -> None:
    assert cells(read(b"a,b\n1\x00,2\n")) == [["a", "b"], ["1", "2"]]


# What is refused


NO_TABLES = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "jpeg": b"\xff\xd8\xff\xe0" + bytes(100),
    "bitmap": b"BM" + bytes(200),
    "program": b"\x7fELF" + bytes(300),
    "noise": bytes(range(256)) * 20,
    "rtf": b"{\\rtf1 hello}",
    "zip": archive({"readme.txt": b"hello"}),
    "docx": archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
    "doc": compound({"WordDocument": b"hello"}),
}


@pytest.mark.parametrize("content", NO_TABLES.values(), ids=NO_TABLES.keys())
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(NotATable):
        read(content)


OTHER_FORMATS = {
    "ods": archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
    "xlsb": archive({"xl/workbook.bin": b"x"}),
    "web page": "\n<html><table><tr><td>金额</td></tr></table></html>".encode(),
    "xml 2003": b'<?xml version="1.0"?><Workbook/>',
}


@pytest.mark.parametrize("content", OTHER_FORMATS.values(), ids=OTHER_FORMATS.keys())
def test_tables_of_other_formats_are_told_apart(content: bytes) -> None:
    with pytest.raises(OtherTableFormat):
        read(content)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(EmptyFile):
        read(b"")


@pytest.mark.parametrize("content", [xlsx([]), xls([]), b" \n\t\n", b"\xef\xbb\xbf", xlsx([["  "]])])
def test_a_table_without_a_filled_cell_is_refused(content: bytes) -> None:
    with pytest.raises(EmptyWorkbook):
        read(content)


def test_workbooks_with_a_password_are_refused() -> None:
    with_password = (
        compound({"EncryptionInfo": b"x" * 100, "EncryptedPackage": b"y" * 100}),
        xls(LIST, encrypted=True),
        _with_flag(xlsx(LIST)),
    )
    for content in with_password:
        with pytest.raises(PasswordProtected):
            read(content)


def _with_flag(content: bytes) -> bytes:
    """The archive with the flag of encryption on each entry of its directory."""
    at = content.find(b"PK\x01\x02")
    changed = bytearray(content)
    while at >= 0:
        changed[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(changed)


def test_damaged_workbooks_are_refused() -> None:
    new, old = xlsx(LIST), xls(LIST)
    without_sheet = rewritten(new, lambda name, part: b"" if "sheet1.xml" in name else part)
    for content in (new[:-100], new[:400], old[: len(old) // 2], old[:600], without_sheet, _scrambled(new)):
        with pytest.raises(DamagedFile):
            read(content)


def _scrambled(content: bytes) -> bytes:
    """The archive with its first part's compressed bytes replaced."""
    start = 30 + struct.unpack_from("<H", content, 26)[0] + struct.unpack_from("<H", content, 28)[0]
    return content[:start] + b"\xff" * 40 + content[start + 40 :]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    limits = Limits(size=100)
    with pytest.raises(FileTooLarge):
        read(b"x" * 101, limits=limits)
    path = tmp_path / "x"
    path.write_bytes(b"x" * 101)
    with pytest.raises(FileTooLarge):
        read_sheet(path, filename="x.csv", limits=limits)


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    with pytest.raises(InflatesTooMuch):
        read(_bomb())


def test_a_zip_bomb_with_a_lying_directory_is_refused_by_inflating_it() -> None:
    lying = _with_small_sizes(_bomb())
    with zipfile.ZipFile(io.BytesIO(lying)) as told:
        assert sum(entry.file_size for entry in told.infolist()) < 100
    with pytest.raises(InflatesTooMuch):
        read(lying)


@pytest.mark.parametrize("count", [1_000, 65_000])
def test_many_entries_on_one_region_are_refused_at_once(count: int) -> None:
    content = _pointing_at_one_region(count)
    begun = time.process_time()
    with pytest.raises(DamagedFile):
        read(content)
    assert time.process_time() - begun < 1


def _pointing_at_one_region(count: int) -> bytes:
    """A zip archive of one part of some megabytes, which its directory names again and again."""
    whole = archive({"xl/workbook.xml": b"\0" * (15 << 20)})
    at = whole.rindex(b"PK\x01\x02")
    end = whole.rindex(b"PK\x05\x06")
    entry, tail = _with_small_sizes(whole[at:end]), bytearray(whole[end:])
    struct.pack_into("<HHI", tail, 8, count, count, len(entry) * count)
    return whole[:at] + entry * count + bytes(tail)


def test_what_stands_behind_the_end_of_a_packed_part_is_not_inflated() -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    raw = stream.compress(b"x" * 100) + stream.flush() + bytes(5 << 20)
    assert sum(inspection._inflated(memoryview(raw), "x.xlsx")) == 100


def _bomb() -> bytes:
    return archive({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * (30 << 20)})


def _with_small_sizes(content: bytes) -> bytes:
    changed = bytearray(content)
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, 10)
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(changed)


@pytest.mark.parametrize("old", [True, False])
def test_one_cell_in_the_last_corner_does_not_eat_the_memory(old: bool) -> None:
    if old:
        content = xls(LIST, far=True)
    else:
        book = openpyxl.Workbook()
        book.worksheets[0]["A1"] = book.worksheets[0]["XFD1048576"] = "x"
        content = saved(book)
    with pytest.raises((InflatesTooMuch, TooManyColumns)):
        read(content)


def test_one_cell_far_below_is_read() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = book.worksheets[0]["B200000"] = "x"
    assert [row.no for row in read(saved(book)).rows] == [1, 200_000]


def test_too_many_rows_and_columns_are_refused() -> None:
    limits = Limits(rows=2, columns=2)
    long: list[list[object]] = [["a"], ["b"], ["c"]]
    wide: list[list[object]] = [["a", "b", "c"]]
    for content in (xlsx(long), xls(long), b"a\n" * 3):
        with pytest.raises(TooManyRows):
            read(content, limits=limits)
    for content in (xlsx(wide), xls(wide), b"a,b,c\n"):
        with pytest.raises(TooManyColumns):
            read(content, limits=limits)


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(TooSlow):
        read(xlsx(LIST), limits=Limits(seconds=0.001))


def test_a_reader_that_cannot_start_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_READER", Path("/nowhere/workbook_process.py"))
    with pytest.raises(RuntimeError, match="nowhere"):
        read(xlsx(LIST))


def test_the_reading_process_does_not_learn_the_portals_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    teller = tmp_path / "teller.py"
    teller.write_text(
        "import json, os; print(json.dumps({'name': '', 'others': sorted(os.environ), 'rows': [[1, ['x']]]}))"
    )
    monkeypatch.setattr(sheets, "_READER", teller)
    monkeypatch.setenv("PORTAL_SECRET_KEY", "s3cret")
    assert "PORTAL_SECRET_KEY" not in read(xlsx(LIST)).others


def _refusals() -> list[type[FileRefused]]:
    return [kind for kind in vars(inspection).values() if isinstance(kind, type) and issubclass(kind, FileRefused)]


def test_every_refusal_is_one_chinese_sentence_with_the_files_name() -> None:
    for kind in _refusals():
        if kind is not FileRefused:
            sentence = str(kind("C:\\表\\名\u202e单.xlsx").sentence)
            assert sentence.startswith("「名单.xlsx」") and sentence.endswith("。") and sentence.count("。") == 1
            assert kind("x").field == "file"
