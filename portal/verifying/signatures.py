"""Whether a signature (CMS, detached, RSA with SHA-256) fits the bytes, and by which certificate.

Whom a certificate names proves nothing: it is believed only when it is, byte for byte, one that is known beforehand.
The container has one form: whatever stands in it unsigned must be what the portal writes there, so that no byte of the
file can be another.
"""

import hashlib
from typing import Any

from asn1crypto import cms, tsp  # noqa: F401 # tsp teaches cms the attribute that names the certificate
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from portal.verifying.der import der
from portal.verifying.reading import Off, Signature

_SHA256 = "300d06096086480165030402010500"
_VERSION = "020101"
_FRAME = f"{_VERSION}310f{_SHA256}300b06092a864886f70d010701"
_RSA = "300d06092a864886f70d01010b0500"
_SIGNED_DATA = "06092a864886f70d010702"
"""DER, in hex, of what stands around the signed attributes: RFC 5652, with SHA-256 and RSA (PKCS #1 v1.5)."""


def signed_by(signature: Signature) -> x509.Certificate:
    """The certificate whose key made the signature over these bytes. Raises Off."""
    try:
        info, shown = _parts(signature.container)
        attributes = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
        digest, kind = attributes["message_digest"][0].native, attributes["content_type"][0].native
        named = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
        certificate = x509.load_der_x509_certificate(shown)
        attested, raw = info["signed_attrs"].untag().dump(), info["signature"].native
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Off("签名读不出来：文件被改动过，或者不是门户签的。") from error
    if (
        digest != hashlib.sha256(signature.covered).digest()
        or kind != "data"
        or named != hashlib.sha256(shown).digest()
    ):
        raise Off("签名对不上：签好以后，文件里有地方被改过。")
    _require_signed(certificate, raw, attested)
    return certificate


def _parts(container: bytes) -> tuple[Any, bytes]:
    """The one signer's information and the one certificate, DER."""
    data = cms.ContentInfo.load(container, strict=True)["content"]
    (info,), (certificate,) = data["signer_infos"], data["certificates"]
    one = certificate.chosen
    if _form(one, info) != container:
        raise ValueError("another form of container")
    return info, one.dump()


def _form(certificate: Any, info: Any) -> bytes:
    """The container as it must be, made anew of certificate, signed attributes and signature."""
    signer = der(0x30, certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump())
    attributes = b"\xa0" + info["signed_attrs"].untag().dump()[1:]
    signature = der(0x04, info["signature"].native)
    before, after = bytes.fromhex(_SHA256), bytes.fromhex(_RSA)
    by = der(0x30, bytes.fromhex(_VERSION), signer, before, attributes, after, signature)
    data = der(0x30, bytes.fromhex(_FRAME), der(0xA0, certificate.dump()), der(0x31, by))
    return der(0x30, bytes.fromhex(_SIGNED_DATA), der(0xA0, data))


def _require_signed(certificate: x509.Certificate, raw: bytes, attested: bytes) -> None:
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise Off("签名用的不是 RSA 密钥，这里不认识。")
    try:
        public.verify(raw, attested, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Off("签名是假的：证书的密钥没有签过这份文件。") from None
