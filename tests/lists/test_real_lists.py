"""Published lists come to their publishers' totals. The files lie beside the project and never in it."""

from datetime import date
from pathlib import Path

import pytest

from portal.files.sheets import read_sheet
from portal.lists.parsing import ParsedList, parse, recognise

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="not run: the folder ../shared/data with published lists is missing"
)


def read(name: str, *, default_date: date | None = None) -> ParsedList:
    recognised = recognise(read_sheet(DATA / name, filename=name))
    return parse(recognised, today=date(2026, 1, 1), default_method="bank", default_date=default_date)


@pytest.mark.parametrize(
    ("name", "rows", "fen"),
    [
        ("donate03.xls", 1_995, 15_396_731_614),
        ("donate04.xls", 1_995, 15_396_731_614),
        ("donate06.xls", 4_164, 5_367_252_838),
        ("donate07.xls", 5_161, 11_961_252_590),
        ("donate08.xls", 2_860, 2_976_311_798),
        ("donate09.xls", 2_101, 3_693_301_491),
    ],
)
def test_old_workbooks_come_to_the_total_in_their_last_row(name: str, rows: int, fen: int) -> None:
    parsed = read(f"hubei_redcross_2020/{name}")
    assert (len(parsed.rows), parsed.listed_fen, parsed.total_fen) == (rows, fen, fen)
    assert (parsed.declared_total_fen, parsed.agrees, parsed.refused) == (fen, True, ())
    assert {row.received_on and row.received_on.year for row in parsed.rows} == {2020}


def test_a_list_published_twice_is_one_list() -> None:
    hashes = [read(f"hubei_redcross_2020/donate{n}.xls").content_hash for n in ("03", "04", "06")]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("name", "rows", "fen"),
    [
        ("cash_bulletin_06", 100, 36_263_887_300),
        ("cash_bulletin_07", 100, 7_731_931_901),
        ("cash_bulletin_08", 100, 12_984_398_285),
        ("cash_bulletin_09", 101, 8_272_955_010),
        ("cash_bulletin_10", 101, 1_795_768_245),
        ("qr_pos_0210", 1_877, 52_036_500),
        ("qr_pos_0211", 1_688, 57_693_642),
        ("qr_pos_0213", 1_648, 45_358_911),
        ("qr_pos_0214", 1_494, 51_021_007),
    ],
)
def test_bulletins_and_scanned_gifts_come_to_their_totals(name: str, rows: int, fen: int) -> None:
    parsed = read(f"wuhan_redcross_2020/{name}.xlsx", default_date=date(2020, 2, 14))
    assert (len(parsed.rows), parsed.total_fen, parsed.refused) == (rows, fen, ())
    assert parsed.agrees in (None, True)


@pytest.mark.parametrize(
    ("name", "rows", "claimed", "fen"),
    [
        ("bocom", 2_855, 2_856, 31_454_075_569),
        ("abc", 745, 746, 6_160_958_505),
        ("alipay", 48_740, 48_740, 1_027_281_033),
    ],
)
def test_a_count_that_a_list_claims_wrongly_is_said(name: str, rows: int, claimed: int, fen: int) -> None:
    parsed = read(f"wuhan_redcross_2020/account_{name}_0128.xlsx", default_date=date(2020, 1, 28))
    assert (len(parsed.rows), parsed.total_fen, parsed.declared_total_fen) == (rows, fen, fen)
    assert (parsed.declared_rows, parsed.agrees) == (claimed, rows == claimed)
    assert f"{claimed:,} 笔" in str(parsed.declared_sentence)


def test_twins_in_real_lists_stay() -> None:
    parsed = read("wuhan_redcross_2020/account_bocom_0128.xlsx", default_date=date(2020, 1, 28))
    assert len(parsed.repeated) > 1_000
    assert len(parsed.accepted) == len(parsed.rows)


@pytest.mark.parametrize(
    ("name", "rows", "fen", "out"), [("wechat", 27, 2_849, 290_453), ("alipay", 10, 22_222_850, 21_164)]
)
def test_statements_of_platforms_are_told_into_in_and_out(name: str, rows: int, fen: int, out: int) -> None:
    parsed = read(f"statements/{name}.csv")
    assert len(parsed.rows) + sum(left.rows for left in parsed.left_out) == rows
    assert parsed.listed_fen == fen
    assert [left.fen for left in parsed.left_out if left.reason == "outgoing"] == [out]


@pytest.mark.parametrize(("name", "rows"), [("abc_debit", 5), ("boc", 17), ("cmb", 5), ("icbc", 11)])
def test_statements_of_banks_are_read_to_their_last_row(name: str, rows: int) -> None:
    parsed = read(f"statements/{name}.csv")
    assert len(parsed.rows) + sum(left.rows for left in parsed.left_out) == rows
    assert not parsed.refused
