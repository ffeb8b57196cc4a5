"""What can be done to a confirmation, for all verifiers to find."""

import re
from collections.abc import Callable
from dataclasses import replace

from tests.verifying.sheets import Maker, attachments, proof


def changed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """A text of the file replaced by another of the same length, wherever it stands."""
    assert len(old) == len(new)

    def attack(pdf: bytes) -> bytes:
        assert old in pdf
        return pdf.replace(old, new)

    return attack


def flipped(pattern: bytes, offset: int = 0) -> Callable[[bytes], bytes]:
    """One bit of the byte so far behind the end of a pattern."""

    def attack(pdf: bytes) -> bytes:
        found = re.search(pattern, pdf, re.DOTALL)
        assert found
        at = found.end() + offset
        return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]

    return attack


def second_proof(pdf: bytes) -> bytes:
    """The same proof once more, in an update behind the end."""
    start = pdf.index(b"c2sp.org/tlog-proof@")
    body = pdf[start : pdf.index(b"\nendstream", start)]
    return pdf + b"999 0 obj\n<</Type /EmbeddedFile/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(body), body)


def second_signature(pdf: bytes) -> bytes:
    found = re.search(rb"/ByteRange \[[0-9 ]+\]", pdf)
    assert found
    return pdf + b"998 0 obj\n<<%s>>\nendobj\n" % found[0]


def narrower(pdf: bytes) -> bytes:
    """The signature says that it covers less."""
    return re.sub(rb"(/ByteRange \[0 \d+ \d+ )(\d)", rb"\g<1>0", pdf, count=1)


ON_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "the leaf": changed(b'"fen":140950', b'"fen":940950'),
    "the openings": changed("周予安".encode(), "周予平".encode()),
    "a salt": flipped(rb'"salt": "', 3),
    "the proof's index": changed(b"\nindex 5\n", b"\nindex 4\n"),
    "a hash of the proof": flipped(rb"\nindex 5\n", 7),
    "the checkpoint": changed(b"portal.example/log\n11\n", b"portal.example/log\n12\n"),
    "the pages": flipped(rb"/FlateDecode/Length \d+>>\nstream\n", 60),
    "the signature": flipped(rb"/Contents <", 2500),
    "the certificate in it": flipped(rb"/Contents <", 600),
    "the signed ranges": narrower,
    "the last line": changed(b"%%EOF", b"%%EOE"),
    "a byte after the end": lambda pdf: pdf + b"\n",
    "an update after the end": lambda pdf: pdf + b"1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF\n",
    "something before the start": lambda pdf: b"%PDF-1.7\n" + pdf,
    "a second proof": second_proof,
    "a second signature": second_signature,
    "the end cut off": lambda pdf: pdf[:-40],
    "the signature's field renamed": changed(b"/ByteRange", b"/ByteRangf"),
}


def _other_size(maker: Maker) -> bytes:
    """A proof for nine leaves under the checkpoint of eleven."""
    whole, smaller = proof(), proof(size=9)
    return maker.pdf(attachments(replace(whole, hashes=smaller.hashes)))


def _two_proofs(maker: Maker) -> bytes:
    files = attachments(proof())
    return maker.pdf({**files, "another.txt": files["tlog-proof.txt"]})


def _other_leaf(maker: Maker) -> bytes:
    """Another's leaf with its own openings, under a proof that is not its own."""
    files = attachments(proof())
    return maker.pdf(files | {"leaf.txt": attachments(proof(public={"fen": 940950}))["leaf.txt"]})


def _two_readings(maker: Maker) -> bytes:
    """JSON that says an amount twice."""
    files = attachments(proof())
    return maker.pdf(files | {"leaf.txt": files["leaf.txt"].replace('"fen":140950', '"fen":940950,"fen":140950')})


def _strangers_log(maker: Maker) -> bytes:
    return maker.pdf(attachments(proof(secret="another-secret-of-another-log-01")))


def _other_paper(maker: Maker) -> bytes:
    """The proof is right, the sheet says more money."""
    return maker.pdf(amount=940950)


def _other_donor(maker: Maker) -> bytes:
    return maker.pdf(donor="周予平")


BY_SIGNERS: dict[str, Callable[[Maker], bytes]] = {
    "a proof for another tree size": _other_size,
    "two proofs": _two_proofs,
    "no proof": lambda maker: maker.pdf({}),
    "another leaf": _other_leaf,
    "a leaf with two readings": _two_readings,
    "a stranger's log": _strangers_log,
    "paper that says another amount": _other_paper,
    "paper that names another donor": _other_donor,
}
ON_PAPER = ("paper that says another amount", "paper that names another donor")
"""What the page from disk leaves to the reader's eyes: the signature vouches for the paper, she compares it."""
