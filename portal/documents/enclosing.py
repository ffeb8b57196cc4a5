"""What a PDF carries beside its pages: text files that prove what it says, and room for a signature over all of it.

PDF/A-3 (ISO 19005-3 6.8) wants each file named once among the document's associated files, with its kind and its
relation to the document. The files are not compressed, so that whoever checks one needs no library: it is found by
`/Type /EmbeddedFile` and cut out by `/Length`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pydyf
import weasyprint

from portal.documents.wire import Enclosed

RELATIONS = {"leaf.txt": "Data", "openings.txt": "Supplement"}
"""How a file belongs to the document; the proof, and whatever else, is `Supplement` as well."""

DESCRIPTIONS = {
    "tlog-proof.txt": "公开日志的收录证明（C2SP tlog-proof v1）",
    "leaf.txt": "这张确认单在公开日志里的原文",
    "openings.txt": "原文里盐化承诺的打开方法",
}
HIDDEN = 132
"""Flags of the signature's field: printed and locked (PDF/A asks for the first); its rectangle is empty."""

RANGE = b"/ByteRange [0 9999999999 9999999999 9999999999]"
"""Where the signed ranges are written in once they are known: the same length, filled up with spaces."""

Finisher = Callable[[weasyprint.Document, pydyf.PDF], None]


class _Loose(pydyf.Dictionary):  # type: ignore[misc] # the library has no types
    """An object that stands in the file as it is, not in a compressed stream: a signature cannot cover itself."""

    compressible = False


def attachments(enclosed: Enclosed) -> Iterator[weasyprint.Attachment]:
    """The text files as WeasyPrint takes them."""
    at = datetime.fromisoformat(enclosed.at).astimezone(UTC)
    for name, text in enclosed.attachments.items():
        relation, words = RELATIONS.get(name, "Supplement"), DESCRIPTIONS.get(name, "")
        yield weasyprint.Attachment(
            file_obj=_Text(text.encode()), name=name, description=words, created=at, modified=at, relationship=relation
        )


class _Text:
    """A file object of which nothing is guessed: no address, no type."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self) -> bytes:
        return self._body

    def close(self) -> None:
        """Nothing is open."""


def finisher(enclosed: Enclosed, room: int) -> Finisher:
    """What is set right before the file is written. `room`: bytes of the signature to come, 0 for none."""

    def finish(_: weasyprint.Document, pdf: pydyf.PDF) -> None:
        if "AF" in pdf.catalog:
            pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
        for one in pdf.objects:
            if isinstance(one, pydyf.Stream) and one.extra.get("Type") in ("/EmbeddedFile", "/Metadata"):
                one.compress = False
            elif isinstance(one, dict) and one.get("S") == "/TH":
                one["A"]["Scope"] = "/Row"
        if room:
            _add_signature(pdf, enclosed, room)

    return finish


def _add_signature(pdf: pydyf.PDF, enclosed: Enclosed, room: int) -> None:
    at = datetime.fromisoformat(enclosed.at).astimezone(UTC)
    entries: dict[str, Any] = {
        "Type": "/Sig",
        "Filter": "/Adobe.PPKLite",
        "SubFilter": "/ETSI.CAdES.detached",
        "M": pydyf.String(f"D:{at:%Y%m%d%H%M%S}Z"),
        "Contents": b"<" + b"0" * (2 * room) + b">" + RANGE,
    }
    signature = _Loose(entries)
    pdf.add_object(signature)
    page = pdf.objects[pdf.pages["Kids"][0]]
    field = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String("Signature"),
            "F": HIDDEN,
            "Rect": pydyf.Array([0, 0, 0, 0]),
            "P": page.reference,
            "V": signature.reference,
        }
    )
    pdf.add_object(field)
    page["Annots"] = pydyf.Array([*page.get("Annots", []), field.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": pydyf.Array([field.reference]), "SigFlags": 3})
    level = pydyf.Dictionary({"BaseVersion": "/1.7", "ExtensionLevel": 1})
    pdf.catalog["Extensions"] = pydyf.Dictionary({"ESIC": level})
