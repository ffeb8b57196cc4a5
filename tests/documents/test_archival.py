"""The sheet as a file to keep for thirty years: PDF/A-3u, read aloud in order, with its proof, signed last.

Nothing in Debian checks PDF/A as a whole, so the rules that a sheet could break are asked one by one (ISO 19005-3).
"""

import hashlib
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from portal.documents import keyfile
from portal.documents.client import DocumentUnavailable, Renderer
from portal.documents.confirmation import PICTURE, TEMPLATE
from portal.documents.wire import JSON, Enclosed, Request
from tests.documents.sheets import COMPANY, MEMO, VOIDED, sheet
from tests.required import program

FILES = {"leaf.txt": '{"kind":"receipt"}', "openings.txt": "{}", "tlog-proof.txt": "c2sp.org/tlog-proof@v1\n"}
PROOF: JSON = {"index": 5, "size": 11, "offline": "https://portal.example/verify/offline", "signed": "demo"}
AT = "2026-03-02T10:00:00+08:00"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "sign.pem"
    keyfile.make_demo(path)
    return path


@pytest.fixture(scope="module")
def signed(renderer: Renderer, key: Path) -> bytes:
    context = sheet(donor="𠮷㛃·王·买买提", voided=VOIDED).to_context() | {"proof": PROOF}
    return renderer.render(TEMPLATE, context, enclosed=Enclosed(FILES, AT, str(key)))


@pytest.fixture(scope="module")
def root(signed: bytes) -> Any:
    return PdfReader(io.BytesIO(signed)).trailer["/Root"]


def elements(node: Any) -> Iterator[Any]:
    """The structure in the order in which it is read aloud."""
    one = node.get_object()
    if isinstance(one, dict):
        yield one
        kids = one.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                yield from elements(kid)


def test_two_strict_programs_accept_it(signed: bytes, tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(signed)
    checked = subprocess.run(
        [program("qpdf", called="qpdf"), "--check", str(file)], capture_output=True, text=True, check=True
    )
    assert "No syntax or stream encoding errors found" in checked.stdout
    pdfsig = [program("pdfsig", called="poppler-utils"), "-nocert", str(file)]
    said = subprocess.run(pdfsig, capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert "Signature Type: ETSI.CAdES.detached" in said


def test_it_says_of_itself_that_it_is_pdf_a_3u(signed: bytes, root: Any) -> None:
    assert signed.startswith(b"%PDF-1.7\n%")
    assert all(byte > 127 for byte in signed[10:14])
    assert "/Version" not in root
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part(=\"3\"|>3<)", xmp)
    assert re.search(r"pdfaid:conformance(=\"U\"|>U<)", xmp)
    assert "捐赠接收确认单 919-2026-000123（已作废）" in xmp
    trailer: Any = PdfReader(io.BytesIO(signed)).trailer
    assert len(trailer["/ID"]) == 2
    assert "/Encrypt" not in trailer


def test_its_colours_have_a_meaning_everywhere(root: Any) -> None:
    """Red, green and blue are those of the one output intent; a profile lies in the file."""
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    profile = intent.get_object()["/DestOutputProfile"].get_object()
    assert profile["/N"] == 3
    assert profile.get_data()[36:40] == b"acsp"


def test_nothing_in_it_runs_or_leads_away(signed: bytes, root: Any) -> None:
    assert not {"/OpenAction", "/AA", "/Collection"} & root.keys()
    assert "/JavaScript" not in root.get("/Names", {})
    for page in PdfReader(io.BytesIO(signed)).pages:
        assert [one.get_object()["/Subtype"] for one in page.get("/Annots", [])] == ["/Widget"]


def test_the_signatures_field_is_hidden_as_the_standard_allows(root: Any) -> None:
    (field,) = root["/AcroForm"]["/Fields"]
    widget = field.get_object()
    assert [float(one) for one in widget["/Rect"]] == [0, 0, 0, 0]
    assert widget["/F"] == 132
    assert root["/AcroForm"]["/SigFlags"] == 3
    assert "/NeedAppearances" not in root["/AcroForm"]


def test_each_file_in_it_is_named_once_with_kind_and_relation(root: Any) -> None:
    listed = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert listed[::2] == sorted(FILES)
    associated = [one.get_object() for one in root["/AF"]]
    assert [one["/UF"] for one in associated] == sorted(FILES)
    assert [one["/AFRelationship"] for one in associated] == ["/Data", "/Supplement", "/Supplement"]
    for one in associated:
        stream = one["/EF"]["/F"].get_object()
        assert stream["/Subtype"] == "/text/plain"
        assert "/ModDate" in stream["/Params"]
        assert "/Filter" not in stream
        assert stream.get_data().decode() == FILES[one["/UF"]]
        assert one["/Desc"]


def test_a_screen_reader_reads_it_in_order(root: Any) -> None:
    found = list(elements(root["/StructTreeRoot"]["/K"][0]))
    kinds = [one["/S"] for one in found]
    headings = [kind for kind in kinds if kind in ("/H1", "/H2", "/Table", "/L", "/Figure")]
    assert headings == ["/H1", "/Table", "/L", "/H2", "/Figure"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]


def test_the_table_says_which_cell_belongs_to_which_label(root: Any) -> None:
    found = list(elements(root["/StructTreeRoot"]["/K"][0]))
    heads = [one for one in found if one["/S"] == "/TH"]
    assert heads
    assert all(one["/A"]["/Scope"] == "/Row" for one in heads)
    names = {one["/ID"] for one in heads}
    cells = [one for one in found if one["/S"] == "/TD"]
    assert all(set(one["/A"]["/Headers"]) <= names and one["/A"]["/Headers"] for one in cells)


def test_the_code_is_told_to_whoever_cannot_see_it(root: Any) -> None:
    (figure,) = [one for one in elements(root["/StructTreeRoot"]["/K"][0]) if one["/S"] == "/Figure"]
    assert figure["/Alt"] == "二维码：https://portal.example/verify/919-2026-000123"


def test_another_library_finds_the_signature_whole_and_of_our_key(signed: bytes, key: Path) -> None:
    reader = PdfFileReader(io.BytesIO(signed))
    (one,) = reader.embedded_signatures
    context = ValidationContext(trust_roots=[], allow_fetching=False)
    status = validate_pdf_signature(one, context)
    assert status.intact
    assert status.valid
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level == ModificationLevel.NONE
    assert one.signer_cert.dump() == keyfile.read(key).certificate.public_bytes(Encoding.DER)
    assert "演示密钥" in one.signer_cert.subject.human_friendly
    assert one.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert one.self_reported_timestamp.isoformat() == "2026-03-02T02:00:00+00:00"


def test_the_pades_baseline_is_kept(signed: bytes) -> None:
    """ETSI EN 319 142-1: the certificate is named by its hash; the time stands beside the attributes."""
    (one,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    kinds = [attribute["type"].native for attribute in one.signer_info["signed_attrs"]]
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= set(kinds)
    assert "signing_time" not in kinds


def test_the_same_at_the_same_moment_is_the_same_to_the_byte(renderer: Renderer, key: Path, signed: bytes) -> None:
    context = sheet(donor="𠮷㛃·王·买买提", voided=VOIDED).to_context() | {"proof": PROOF}
    again = renderer.render(TEMPLATE, context, enclosed=Enclosed(FILES, AT, str(key)))
    assert hashlib.sha256(again).digest() == hashlib.sha256(signed).digest()


def test_without_a_key_it_carries_its_proof_unsigned(renderer: Renderer) -> None:
    pdf = renderer.render(TEMPLATE, sheet().to_context(), enclosed=Enclosed(FILES, AT))
    assert b"/ByteRange" not in pdf
    assert pdf.count(b"/Type /EmbeddedFile") == 3
    assert "/AcroForm" not in PdfReader(io.BytesIO(pdf)).trailer["/Root"]  # type: ignore[operator]


def test_words_that_look_like_pdf_stay_words(renderer: Renderer, key: Path) -> None:
    """What a donor wrote stands uncompressed in the file: it opens no stream and signs nothing."""
    trap = "/ByteRange [0 1 2 3] /Type /EmbeddedFile/Length 9>>\\nstream\\n endstream %%EOF"
    files = FILES | {"openings.txt": '{"words": "' + trap + '"}'}
    pdf = renderer.render(TEMPLATE, sheet(memo=trap).to_context(), enclosed=Enclosed(files, AT, str(key)))
    (one,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    one.compute_integrity_info()
    assert one.coverage == SignatureCoverageLevel.ENTIRE_FILE


@pytest.mark.parametrize("changes", [{}, {"donor": COMPANY, "amount": 999_999_999_999, "memo": MEMO, "voided": VOIDED}])
def test_with_its_box_it_is_still_one_page(renderer: Renderer, changes: dict[str, Any]) -> None:
    pdf = renderer.render(TEMPLATE, sheet(**changes).to_context() | {"proof": PROOF})
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_a_picture_is_tall_and_small_enough_to_send(renderer: Renderer) -> None:
    for changes in ({}, {"voided": VOIDED, "memo": MEMO}):
        png = renderer.answer(Request(PICTURE, sheet(**changes).to_context(), 20, as_picture=True))
        assert png.startswith(b"\x89PNG\r\n")
        width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
        assert 1078 <= width <= 1082
        assert height > 1.8 * width
        assert len(png) < 300_000


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.chmod(0o604), "may be read by everybody"),
        (lambda path: path.write_text("no key"), "must hold"),
        (
            lambda path: path.write_bytes(path.read_bytes().split(b"-----BEGIN CERT")[0]),
            "must hold",
        ),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_a_key_file_that_will_not_do_is_refused_in_words(key: Path, tmp_path: Path, spoil: Any, sentence: str) -> None:
    path = tmp_path / "sign.pem"
    path.write_bytes(key.read_bytes())
    path.chmod(0o600)
    assert keyfile.is_demo(keyfile.read(path).certificate)
    spoil(path)
    with pytest.raises(keyfile.BadKeyFile, match=sentence):
        keyfile.read(path)


def test_a_key_file_may_hold_former_certificates_behind_its_own(key: Path, tmp_path: Path) -> None:
    former, path = tmp_path / "former.pem", tmp_path / "sign.pem"
    keyfile.make_demo(former)
    certificates = [file.read_bytes().partition(b"-----BEGIN CERT") for file in (key, former)]
    private, own, old = certificates[0][0], *(b"".join(one[1:]) for one in certificates)
    for whole, right in ((private + own + old, True), (private + old + own, False)):
        path.write_bytes(whole)
        path.chmod(0o600)
        if right:
            assert keyfile.read(path).certificate == keyfile.certificates(path)[0] == keyfile.certificates(key)[0]
            assert len(keyfile.certificates(path)) == 2
        else:
            with pytest.raises(keyfile.BadKeyFile, match="first certificate"):
                keyfile.read(path)


def test_a_document_that_cannot_be_signed_is_not_given_out_unsigned(renderer: Renderer, tmp_path: Path) -> None:
    with pytest.raises(DocumentUnavailable):
        renderer.render(TEMPLATE, sheet().to_context(), enclosed=Enclosed(FILES, AT, str(tmp_path / "none.pem")))
