"""The 捐赠接收确认单: what it says, how it is made, how it looks where text is long."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
import segno
from pypdf import PdfReader

from portal.documents.client import Renderer
from portal.documents.confirmation import TEMPLATE
from portal.documents.wire import JSON
from tests.documents.conftest import Draw
from tests.documents.sheets import COMPANY, MEMO, USUAL, VOIDED, sheet

A5_LANDSCAPE = (595.28, 419.53)
DOTS_PER_MM = 8


def words(pdf: bytes) -> str:
    """What a reader copies out of the document, without white space."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def fonts(pdf: bytes) -> Iterator[Any]:
    for page in PdfReader(io.BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            yield font.get_object()


def test_it_says_all_that_a_receipt_must_say_in_the_order_one_reads(draw: Draw) -> None:
    text = words(draw(sheet()))
    assert text == (
        "捐赠接收确认单非财政票据，不作税前扣除凭证。由海宁市××慈善会（演示）授权开具编号919-2026-000123演示"
        "捐赠人周予安捐赠金额人民币壹仟肆佰零玖元伍角整¥1,409.50所属基金海宁市××慈善会（演示）·919爱心基金"
        "捐赠财产人民币（银行转账）捐赠意向定向：121爱回家捐赠票据已列入开票清单备注去向可随时在门户查询。"
        "到账日期2026年3月1日经办人林晓棠复核人赵思齐开具日期2026年3月2日"
        "款项到账并经第二人复核后开具；作废或退款后，核验页会如实显示。"
        "查真伪：https://portal.example/verify/919-2026-000123扫码查真伪"
    )


def test_a_sheet_with_a_proof_says_how_to_check_it(renderer: Renderer) -> None:
    proof: dict[str, JSON] = {
        "index": 123456,
        "size": 234567,
        "offline": "https://portal.example/verify/offline",
        "signed": "own",
    }
    text = words(renderer.render(TEMPLATE, sheet().to_context() | {"proof": proof}))
    assert (
        "怎样核对查真伪：扫码，或打开https://portal.example/verify/919-2026-000123。作废或退款后，那里会如实显示。"
        "断网也能查：从https://portal.example/verify/offline取核对页，把这份PDF放进去。"
        "内容是公开日志第123456号记录（证明附在文件里，当时共234567条）；有数字签名。"
    ) in text
    for signed, said in (("demo", "；用演示密钥签名，不作证明。"), (None, "当时共234567条）。")):
        assert said in words(renderer.render(TEMPLATE, sheet().to_context() | {"proof": {**proof, "signed": signed}}))


def test_that_it_is_no_fiscal_receipt_is_the_first_sentence(draw: Draw) -> None:
    text = words(draw(sheet()))
    assert text.startswith("捐赠接收确认单非财政票据，不作税前扣除凭证。")


def test_two_readers_copy_the_same_words(draw: Draw) -> None:
    pdf = draw(sheet(donor="𠮷㛃·王·买买提"))
    pages = PdfReader(io.BytesIO(pdf)).pages
    for text in (words(pdf), "".join("".join(page.extract_text() for page in pages).split())):
        assert "𠮷㛃·王·买买提" in text
        assert "人民币壹仟肆佰零玖元伍角整" in text
        assert "非财政票据，不作税前扣除凭证。" in text


def test_an_anonymous_donor_is_recorded_as_such(draw: Draw) -> None:
    text = words(draw(sheet(donor=None, project=None, state_receipt="anonymous", memo="")))
    assert "捐赠人匿名（爱心人士）" in text
    assert "捐赠意向非定向" in text
    assert "捐赠票据匿名" in text
    assert "备注无" in text


def test_a_waived_state_receipt_is_recorded_as_such(draw: Draw) -> None:
    assert "捐赠票据捐赠人不要求" in words(draw(sheet(state_receipt="waived")))


def test_only_a_demo_sheet_carries_the_demo_mark(draw: Draw) -> None:
    real = sheet(demo=False, fund="××慈善会·919爱心基金", organisation="××慈善会")
    assert "演示" in words(draw(USUAL))
    assert "演示" not in words(draw(real))


def test_a_void_sheet_names_day_reason_and_successor(draw: Draw) -> None:
    text = words(draw(sheet(voided=VOIDED)))
    assert "本单已于2026年3月5日作废。原因：金额录入有误。改以919-2026-000131号确认单为准。" in text
    assert text.count("作废") == words(draw(USUAL)).count("作废") + 2, "the note and the mark"


def test_a_void_sheet_without_successor_names_none(draw: Draw) -> None:
    text = words(draw(sheet(voided=type(VOIDED)(on=VOIDED.on, reason="捐赠人撤回。"))))
    assert "原因：捐赠人撤回。" in text
    assert "改以" not in text


def test_markup_in_a_name_is_text(draw: Draw) -> None:
    assert "<b>R&D</b>" in words(draw(sheet(donor="<b>R&D</b>")))


def test_a_character_that_no_font_has_is_named_by_its_code_point(draw: Draw) -> None:
    assert "捐赠人王〓(U+10FFFD)" in words(draw(sheet(donor="王\U0010fffd")))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"donor": None},
        {"voided": VOIDED},
        {"donor": "𠮷㛃·王·买买提、🌻阳光"},
        {"donor": COMPANY, "amount": 999_999_999_999, "project": "独居老人冬季取暖与适老化改造（2026年第一期）专项"},
        {"donor": COMPANY, "amount": 999_999_999_999, "memo": MEMO, "voided": VOIDED},
        {"memo": "a-word-without-an-end" * 10},
    ],
)
def test_it_is_one_small_a5_page(draw: Draw, changes: dict[str, Any]) -> None:
    pdf = draw(sheet(**changes))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    assert [float(side) for side in pages[0].mediabox[2:]] == pytest.approx(A5_LANDSCAPE, abs=0.1)
    assert len(pdf) < 120_000


def test_text_beyond_all_measure_goes_on_to_a_second_page(draw: Draw) -> None:
    pdf = draw(sheet(memo=MEMO * 20))
    assert MEMO * 20 in words(pdf)
    assert "开具日期" in words(pdf)
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1


def test_all_fonts_are_embedded_subsets_of_the_portals_own(draw: Draw) -> None:
    names = []
    for font in fonts(draw(sheet(donor="𠮷㛃", voided=VOIDED))):
        descriptor: Any = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
        assert "/ToUnicode" in font
        names.append(font["/BaseFont"])
    assert names
    assert all(re.match(r"/[A-Z]{6}\+(Noto-(Sans|Serif)-(SC|JP)|Noto-Emoji|HanaMin)", name) for name in names), names


def test_it_tells_language_title_and_structure(draw: Draw) -> None:
    reader = PdfReader(io.BytesIO(draw(sheet())))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert "/StructTreeRoot" in root
    assert reader.metadata
    assert reader.metadata.title == "捐赠接收确认单 919-2026-000123"
    assert reader.metadata.author == USUAL.organisation
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_the_same_sheet_gives_the_same_bytes(draw: Draw) -> None:
    assert draw(sheet()) == draw(sheet())


def test_the_code_on_the_page_is_the_address_of_the_check_page(draw: Draw) -> None:
    matrix = segno.make_qr(USUAL.check_url, error="m").matrix
    page = pypdfium2.PdfDocument(draw(sheet()))[0]
    picture = page.render(scale=DOTS_PER_MM * 25.4 / 72).to_pil().convert("L")
    corner = picture.crop((168 * DOTS_PER_MM, 95 * DOTS_PER_MM, 196 * DOTS_PER_MM, 147 * DOTS_PER_MM))
    ink = corner.point(lambda grey: 255 if grey < 70 else 0)
    left, top, right, _ = ink.getbbox()
    module = (right - left) / len(matrix)
    middles = [int((place + 0.5) * module) for place in range(len(matrix))]
    assert [[ink.getpixel((left + x, top + y)) > 0 for x in middles] for y in middles] == [
        [dark > 0 for dark in row] for row in matrix
    ]
