"""What the sheet says to the eye, against what stands in the public log."""

import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pypdfium2

from portal.documents.fonts import printable
from portal.funds.models import METHOD_NAMES, Method
from portal.money import capitals, yuan
from portal.verifying.reading import Off

VOID = "本单已于"


class Seen(NamedTuple):
    """What another program sees in the file: the pages' text without white space, and the attachments' digests."""

    text: str
    listed: list[tuple[str, bytes]]


def seen(data: bytes) -> Seen:
    """Open the file as a reader's program would. Raises Off."""
    try:
        document = pypdfium2.PdfDocument(io.BytesIO(data))
        pages = [page.get_textpage().get_text_range() for page in document]
        found = [document.get_attachment(number) for number in range(document.count_attachments())]
        listed = [(one.get_name(), hashlib.sha256(bytes(one.get_data())).digest()) for one in found]
    except pypdfium2.PdfiumError as error:
        raise Off("这份 PDF 打不开：它被改坏了。") from error
    return Seen(_squeezed("".join(pages)), listed)


def require_same_files(seen: Seen, files: dict[str, bytes]) -> None:
    """Another program lists the same files with the same bytes. Raises Off."""
    if sorted(seen.listed) != sorted((name, hashlib.sha256(body).digest()) for name, body in files.items()):
        raise Off("附件有两种读法：文件被改动过，或者不是门户出的。")


def differences(text: str, leaf: dict[str, Any], opened: dict[str, Any]) -> Iterator[str]:
    """What the log says and the sheet does not, by the names of the lines."""
    for name, said in _lines(leaf, opened):
        if said and _squeezed(str(printable(said))) not in text:
            yield name


def address_in(text: str, number: str) -> str | None:
    """The address by which this number is checked, as the sheet has it."""
    found = re.search(rf"https?://[^/\s]+/(?:[\w./-]*/)?verify/{re.escape(number)}(?![\w-])", text, re.ASCII)
    return found[0] if found else None


def _lines(leaf: dict[str, Any], opened: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "编号", f"编号{leaf['number']}"
    yield "金额", f"¥{yuan(leaf['fen'])}"
    yield "大写金额", capitals(leaf["fen"])
    yield "所属基金", leaf["fund_name"]
    yield "授权机构", f"由{leaf['authorised_by']}授权开具"
    yield "捐赠方式", METHOD_NAMES[Method(leaf["method"])].text
    yield "到账日期", f"到账日期{_day(leaf['received_on'])}"
    yield "开具日期", f"开具日期{_day(leaf['issued_on'])}"
    if leaf["state_receipt"] == "anonymous":
        yield "捐赠人", "捐赠人匿名（爱心人士）"
    elif "donor" in opened:
        yield "捐赠人", f"捐赠人{opened['donor']}"
    yield from zip(("捐赠意向", "备注"), opened.get("words", ()), strict=False)
    yield from zip(("经办人", "复核人"), opened.get("people", ()), strict=False)


def _day(iso: str) -> str:
    it = date.fromisoformat(iso)
    return f"{it.year}年{it.month}月{it.day}日"


def _squeezed(text: str) -> str:
    return "".join(text.split())
