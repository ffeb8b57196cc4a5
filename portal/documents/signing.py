"""The last thing that happens to a PDF: a PAdES signature (baseline B) over the whole file.

It happens in the rendering process alone. pyHanko makes the signature's container (CMS) once for each key; from one
document to the next only the digest and the signature itself change in it, and both always have the same length.
"""

import asyncio
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.documents import keyfile
from portal.documents.enclosing import RANGE

_BLANK = hashlib.sha256(b"a digest that no document has").digest()


class Signer(NamedTuple):
    """A key, and the container of its signatures over `_BLANK`: signed attributes, signature, and all of it."""

    private: RSAPrivateKey
    attributes: bytes
    signature: bytes
    container: bytes

    def container_for(self, digest: bytes) -> bytes:
        """The container of the signature over a document of this digest."""
        signature = self.private.sign(self.attributes.replace(_BLANK, digest), PKCS1v15(), SHA256())
        return self.container.replace(_BLANK, digest).replace(self.signature, signature)


@cache
def signer(path: str) -> Signer:
    """The signer of a key file, read once. Raises BadKeyFile."""
    from asn1crypto import keys, x509
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    file = keyfile.read(Path(path))
    key = file.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.Certificate.load(file.certificate.public_bytes(Encoding.DER))
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    by = SimpleSigner(certificate, keys.PrivateKeyInfo.load(key), store)
    container = asyncio.run(by.async_sign(_BLANK, "sha256", use_pades=True))
    info = container["content"]["signer_infos"][0]
    return Signer(file.key, info["signed_attrs"].untag().dump(), info["signature"].native, container.dump())


def sign(pdf: bytes, by: Signer) -> bytes:
    """The file with its signature in the room that `enclosing.finisher` has left."""
    room = b"<" + b"0" * (2 * len(by.container)) + b">" + RANGE
    start = pdf.rindex(room)
    end = start + len(room) - len(RANGE)
    ranges = b"/ByteRange [0 %d %d %d]" % (start, end, len(pdf) - end)
    before, after = pdf[:start], ranges.ljust(len(RANGE)) + pdf[end + len(RANGE) :]
    digest = hashlib.sha256(before + after).digest()
    return before + b"<" + by.container_for(digest).hex().encode() + b">" + after
