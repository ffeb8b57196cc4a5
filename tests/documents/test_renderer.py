"""The rendering process from inside: nothing is fetched, nothing is guessed."""

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jinja2
import pytest
import segno
import weasyprint
from markupsafe import Markup

from portal import resources
from portal.documents import fonts, qr
from portal.documents.process import FONTS
from portal.documents.renderer import Press, day
from tests.documents.sheets import sheet


@pytest.fixture
def press() -> Press:
    return Press(resources().templates / "pdf")


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The files that are opened meanwhile. (An audit hook stays for good, so it listens only now.)"""
    files: list[str] = []
    listening = True

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event == "open":
            files.append(str(arguments[0]))

    sys.addaudithook(hear)
    yield files
    listening = False


def press_of(folder: Path, *, html: str, css: str = "") -> Press:
    (folder / "evil.html").write_text(html)
    (folder / "evil.css").write_text(css)
    return Press(folder)


ADDRESSES = ["file:///etc/passwd", "http://127.0.0.1:1/", "https://127.0.0.1:1/", "data:image/png;base64,AA"]
WAYS = [
    '<img alt="" src="{}">',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<p style="background: url({})">x</p>',
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("html", WAYS)
def test_a_template_can_fetch_nothing(tmp_path: Path, html: str, address: str) -> None:
    with pytest.raises(weasyprint.urls.FatalURLFetchingError):
        press_of(tmp_path, html=html.format(address)).pdf("evil", {})


@pytest.mark.parametrize("css", ['@import "{}";', "@font-face {{ font-family: X; src: url({}) }}"])
def test_a_style_sheet_can_fetch_nothing(tmp_path: Path, css: str) -> None:
    with pytest.raises(weasyprint.urls.FatalURLFetchingError):
        press_of(tmp_path, html="<p>x</p>", css=css.format("file:///etc/passwd")).pdf("evil", {})


@pytest.mark.parametrize("html", [*WAYS, '<svg><image href="{}"/></svg>'])
def test_no_file_is_opened_on_a_template_s_behalf(tmp_path: Path, opened: list[str], html: str) -> None:
    with suppress(weasyprint.urls.FatalURLFetchingError):
        press_of(tmp_path, html=html.format("file:///etc/hostname")).pdf("evil", {})
    assert str(tmp_path / "evil.html") in opened
    assert "/etc/hostname" not in opened


def test_the_library_left_to_itself_would_open_the_file(opened: list[str]) -> None:
    weasyprint.HTML(string='<img alt="" src="file:///etc/hostname">').write_pdf()
    assert "/etc/hostname" in opened


@pytest.mark.parametrize("name", ["../base", "/etc/passwd", "confirmation.html", ""])
def test_only_templates_for_documents_can_be_named(press: Press, name: str) -> None:
    with pytest.raises(ValueError, match="no template"):
        press.pdf(name, {})


def test_a_value_that_is_not_given_is_an_error_and_not_a_blank(press: Press) -> None:
    context = sheet().to_context()
    del context["checker"]
    with pytest.raises(jinja2.UndefinedError, match="checker"):
        press.html("confirmation", context)


def test_markup_in_data_is_escaped(press: Press) -> None:
    html = press.html("confirmation", sheet(donor='<img src="file:///etc/passwd">').to_context())
    assert "<img" not in html
    assert "&lt;img" in html


def test_a_template_without_density_is_laid_out_once(tmp_path: Path) -> None:
    assert press_of(tmp_path, html="<p>x" * 200).pdf("evil", {}).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("周予安", "周予安"),
        ("王·买买提 (A&B)", "王·买买提 (A&B)"),
        ("𠮷㛃䶮", "𠮷㛃䶮"),
        ("🌻阳光❤\ufe0f", "🌻阳光❤"),
        ("葛\U000e0100", "葛"),
        ("王\u202e005\u2066", "王005"),
        ("一\u200b二\ufeff三\x00\x07", "一二三"),
        ("一\n二\u2028三\u2004四", "一 二 三 四"),
        ("\U0010fffd\ue000", "〓(U+10FFFD)〓(U+E000)"),
    ],
)
def test_text_is_made_printable(text: str, printed: str) -> None:
    assert fonts.printable(text) == printed


@pytest.mark.parametrize("value", [None, 140950, True, Markup("<svg>\u200b</svg>")])
def test_what_is_no_text_stays_as_it_is(value: object) -> None:
    assert fonts.printable(value) is value


def test_without_fonts_the_process_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "resources", lambda: type("Nowhere", (), {"static": tmp_path}))
    with pytest.raises(fonts.FontsMissing, match="set-up"):
        fonts.files()


def test_the_font_list_names_the_folder_that_set_up_fills() -> None:
    own = [item for item in ElementTree.parse(FONTS).iter("dir") if item.get("prefix") == "relative"]
    folders = [(FONTS.parent / str(item.text)).resolve() for item in own]
    assert resources().static / "vendor" / "fonts" in folders
    assert FONTS.parents[1] / "_data" / "static" / "vendor" / "fonts" in folders, "in a wheel"


def test_days_are_written_in_chinese() -> None:
    assert day("2026-03-02") == "2026年3月2日"


def test_a_code_has_no_size_of_its_own() -> None:
    svg = qr.svg("https://portal.example/verify/1")
    modules = len(segno.make_qr("https://portal.example/verify/1", error="m").matrix)
    assert svg.startswith(f'<svg viewBox="0 0 {modules} {modules}" class="qr"')
    assert "width" not in svg
    assert "style" not in svg
