"""Names as people have them: every character is drawn, by a font that has it, and is copied out again as it was."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from pypdf.generic import ContentStream

from tests.documents.conftest import Draw
from tests.documents.sheets import sheet
from tests.documents.test_confirmation import fonts, words

THIRTY = "阿卜杜热合曼·买买提吐尔逊·依米提阿卜杜克里木·热合曼·示例"
NAMES = [
    "𠮷安",
    "王㛃",
    "王·买买提",
    "阿依努尔·示例",
    THIRTY,
    "喆堃玥璟䶮",
    "龘靐齉齾",
    "〇々",
    "Ágnes Müller",
    "示例商行（个体工商户）①号店",
]


def drawn(pdf: bytes) -> Iterator[tuple[str, str, bool]]:
    """Each glyph that is shown: its font, the text it stands for, and whether anything of it is seen."""
    reader = PdfReader(io.BytesIO(pdf))
    for page in reader.pages:
        resources: Any = page["/Resources"]
        embedded = {name: Embedded(font.get_object()) for name, font in resources["/Font"].items()}
        font = None
        content: Any = page.get_contents()
        for operands, operator in ContentStream(content, reader).operations:
            if operator == b"Tf":
                font = embedded[operands[0]]
            elif operator in (b"Tj", b"TJ"):
                assert font is not None
                yield from font.shown(operands[0])


class Embedded:
    """A font inside the document: what its glyphs mean and whether they have an outline."""

    def __init__(self, font: Any) -> None:
        self.name = str(font["/BaseFont"])
        meaning = font["/ToUnicode"].get_data().decode()
        pairs = re.findall(r"<([0-9a-f]{4})> <([0-9a-f]+)>", meaning, re.IGNORECASE)
        self._meaning = {int(glyph, 16): bytes.fromhex(text).decode("utf-16-be") for glyph, text in pairs}
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        self._font = TTFont(io.BytesIO(descriptor["/FontFile2"].get_data()))
        self._order = self._font.getGlyphOrder()

    def shown(self, operand: Any) -> Iterator[tuple[str, str, bool]]:
        for part in operand if isinstance(operand, list) else [operand]:
            if not isinstance(part, int | float):
                codes = bytes(part.original_bytes if hasattr(part, "original_bytes") else part)
                for place in range(0, len(codes), 2):
                    yield self._glyph(int.from_bytes(codes[place : place + 2]))

    def _glyph(self, number: int) -> tuple[str, str, bool]:
        assert number != 0, f"{self.name} shows the box for what it lacks"
        outline: Any = self._font["glyf"][self._order[number]] if number < len(self._order) else None
        return self.name, self._meaning[number], outline is not None and outline.numberOfContours != 0


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_a_name_is_seen(draw: Draw, name: str) -> None:
    glyphs = list(drawn(draw(sheet(donor=name, memo=name, handler=name))))
    assert [glyph for glyph in glyphs if not glyph[2] and not glyph[1].isspace()] == []
    text = "".join(text for _, text, _ in glyphs)
    assert text.count(name) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_two_readers_copy_a_name_as_it_is(draw: Draw, name: str) -> None:
    pdf = draw(sheet(donor=name))
    name = "".join(name.split())
    assert f"捐赠人{name}捐赠金额" in words(pdf)
    assert name in "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_box_for_a_missing_character_would_be_noticed(draw: Draw) -> None:
    """The control: a character that a font lacks is not seen."""
    embedded = Embedded(next(font for font in fonts(draw(sheet()))))
    with pytest.raises(AssertionError, match="the box"):
        list(embedded.shown(b"\x00\x00"))
    embedded._meaning[0xFFFE] = "?"
    assert [seen for _, _, seen in embedded.shown(b"\xff\xfe")] == [False]


def test_a_long_name_stands_whole_on_its_line(draw: Draw) -> None:
    assert len(THIRTY) == 30
    assert len(PdfReader(io.BytesIO(draw(sheet(donor=THIRTY)))).pages) == 1


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("🌻阳光❤\ufe0f小队👍🏽", "🌻阳光❤小队👍🏽"),
        ("👨\u200d👩\u200d👧一家", "👨👩👧一家"),
        ("王\u202e05.9041¥\u202c", "王05.9041¥"),
        ("王علي", "王〓(U+0639)〓(U+0644)〓(U+064A)"),
        ("שלום", "〓(U+05E9)〓(U+05DC)〓(U+05D5)〓(U+05DD)"),
    ],
)
def test_what_is_no_plain_name_harms_no_line(draw: Draw, name: str, printed: str) -> None:
    pdf = draw(sheet(donor=name))
    assert f"捐赠人{printed}捐赠金额人民币壹仟肆佰零玖元伍角整¥1,409.50" in words(pdf)
    assert all(seen or text.isspace() for _, text, seen in drawn(pdf) if not text.startswith("🏽"))


def test_the_usual_sheet_needs_only_the_small_copies_of_the_fonts(draw: Draw) -> None:
    assert all("Common" in font["/BaseFont"] for font in fonts(draw(sheet())))


def test_a_rare_name_is_set_in_the_same_face(draw: Draw) -> None:
    names = {re.sub(r"^/[A-Z]{6}\+", "", font["/BaseFont"]) for font in fonts(draw(sheet(donor="王㛃")))}
    assert "Noto-Serif-SC-Bold" in names
