"""Whether a signature (CMS, detached, RSA with SHA-256) fits the bytes, and by which certificate.

Whom a certificate names proves nothing: it is believed only when it is, byte for byte, one that is known beforehand.
"""

import hashlib
from typing import Any

from asn1crypto import cms, tsp  # noqa: F401 # tsp teaches cms the attribute that names the certificate
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from portal.verifying.reading import Off, Signature


def signed_by(signature: Signature) -> x509.Certificate:
    """The certificate whose key made the signature over these bytes. Raises Off."""
    try:
        info, certificates = _parts(signature.container)
        attributes = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
        digest, kind = attributes["message_digest"][0].native, attributes["content_type"][0].native
        certificate = _certificate(info, certificates, attributes)
        attested, raw = info["signed_attrs"].untag().dump(), info["signature"].native
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Off("签名读不出来：文件被改动过，或者不是门户签的。") from error
    if digest != hashlib.sha256(signature.covered).digest() or kind != "data":
        raise Off("签名对不上：签好以后，文件里有地方被改过。")
    _require_signed(certificate, raw, attested)
    return certificate


def _parts(container: bytes) -> tuple[Any, list[bytes]]:
    """The one signer's information and the certificates, DER."""
    info = cms.ContentInfo.load(container, strict=True)
    if info["content_type"].native != "signed_data" or len(info["content"]["signer_infos"]) != 1:
        raise ValueError("no signature of one signer")
    data = info["content"]
    one = data["signer_infos"][0]
    if (
        data["encap_content_info"]["content"].native is not None
        or one["digest_algorithm"]["algorithm"].native != "sha256"
    ):
        raise ValueError("not detached, or another digest")
    return one, [choice.chosen.dump() for choice in data["certificates"]]


def _certificate(info: Any, certificates: list[bytes], attributes: dict[str, Any]) -> x509.Certificate:
    """The certificate that the signature itself names by its hash."""
    named = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
    (der,) = [one for one in certificates if hashlib.sha256(one).digest() == named]
    return x509.load_der_x509_certificate(der)


def _require_signed(certificate: x509.Certificate, raw: bytes, attested: bytes) -> None:
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise Off("签名用的不是 RSA 密钥，这里不认识。")
    try:
        public.verify(raw, attested, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Off("签名是假的：证书的密钥没有签过这份文件。") from None
