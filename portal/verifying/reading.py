"""One clear reading of a confirmation's file: its three text files, and its signature over everything else.

No PDF library is asked: what it repairs or passes over, another one might read otherwise.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

PROOF, LEAF, OPENINGS = "tlog-proof.txt", "leaf.txt", "openings.txt"
FILES = (LEAF, OPENINGS, PROOF)
PROOF_HEAD = b"c2sp.org/tlog-proof@"
LARGEST = 20 << 20
_MARK = b"/Type /EmbeddedFile"
_DICTIONARY = re.compile(rb"/Type /EmbeddedFile(?:(?!stream|/Filter).){0,400}/Length (\d{1,7})>>\nstream\n", re.DOTALL)
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


class Off(Exception):
    """Something is off; the sentence says what, for the person who checks."""


class Signature(NamedTuple):
    """The signature's container (CMS, DER) and the bytes that it covers."""

    container: bytes
    covered: bytes


class Pdf(NamedTuple):
    """The files inside, in their order, each with where it ends, and where it begins."""

    data: bytes
    places: list[tuple[int, int]]

    @property
    def bodies(self) -> list[bytes]:
        return [self.data[start:end] for start, end in self.places]


def opened(data: bytes) -> Pdf:
    """The file with what it carries. Raises Off."""
    if not data.startswith(b"%PDF-") or len(data) > LARGEST:
        raise Off("这不是一份 PDF 文件。")
    return Pdf(data, list(_embedded(data)))


def files(pdf: Pdf) -> dict[str, bytes]:
    """The three text files by their names: exactly one proof, one leaf, one file of openings. Raises Off."""
    bodies = pdf.bodies
    proofs = sum(body.startswith(PROOF_HEAD) for body in bodies)
    if proofs > 1:
        raise Off(f"文件里有 {proofs} 份证明，只能有一份。")
    if len(bodies) != len(FILES) or not bodies[-1].startswith(PROOF_HEAD):
        raise Off("文件里没有完整的证明：应当正好有原文、打开方法和收录证明三个附件。")
    return dict(zip(FILES, bodies, strict=True))


def signature(pdf: Pdf) -> Signature | None:
    """The one signature, which covers the file from its first byte to its last; None without one. Raises Off."""
    found = [match for match in _RANGE.finditer(pdf.data) if not _is_inside(match.start(), pdf.places)]
    if not found:
        return None
    if len(found) > 1:
        raise Off("文件里有不止一个签名：签好以后又被加过东西。")
    first, start, end, rest = map(int, found[0].groups())
    if first != 0 or not 0 < start < end or end + rest != len(pdf.data):
        raise Off("签名没有管住整份文件：签好以后又加过东西，或者少了一截。")
    hexadecimal = re.fullmatch(rb"<([0-9a-f]+)>", pdf.data[start:end])
    if hexadecimal is None or len(hexadecimal[1]) % 2:
        raise Off("签名的位置上不是签名。")
    return Signature(bytes.fromhex(hexadecimal[1].decode()), pdf.data[:start] + pdf.data[end:])


def _embedded(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while (at := data.find(_MARK, at)) >= 0:
        head = _DICTIONARY.match(data, at)
        end = head.end() + int(head[1]) if head else 0
        if head is None or data[end : end + 10] != b"\nendstream":
            raise Off("附件读不出来：文件被改动过，或者不是门户出的。")
        yield head.end(), end
        at = end


def _is_inside(at: int, places: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in places)
