"""The file with which documents are signed: a PEM file with a private key, its certificate, and others.

It lies outside the database and is named by the setting PORTAL_SIGN_KEY. Rendering processes read the key; web workers
look at the certificates only. Others that stand in the file are former ones of the portal's own: whoever checks a
document still knows them. Those of authorities are left aside.
"""

import datetime
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:  # rendering processes need no settings, nor what these import
    from portal.settings import Settings

DEMO = "演示密钥"
"""Stands in the subject of certificates that vouch for nothing."""

SHORTEST = 2048
DEMO_BITS = 3072
_LONG = datetime.timedelta(days=30 * 366)
_OTHERS = 0o007


class BadKeyFile(Exception):
    """The key file cannot be used; the sentence says why, for whoever runs the portal."""


class KeyFile(NamedTuple):
    """A key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def read(path: Path) -> KeyFile:
    """The key file. Raises BadKeyFile."""
    pem = _bytes(path)
    try:
        key = load_pem_private_key(pem, password=None)
        certificates = x509.load_pem_x509_certificates(pem)
    except (ValueError, TypeError) as error:
        raise BadKeyFile(f"{path} must hold an unencrypted private key and its certificate, as PEM.") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST:
        raise BadKeyFile(f"{path}: PDF/A-3 is signed with an RSA key of at least {SHORTEST} bits.")
    if certificates[0].public_key() != key.public_key():
        raise BadKeyFile(f"{path}: the first certificate must be that of its key.")
    return KeyFile(key, certificates[0])


def certificates(path: Path) -> list[x509.Certificate]:
    """The portal's own certificates in the file, that of its key first. Raises BadKeyFile."""
    try:
        found = x509.load_pem_x509_certificates(_bytes(path))
    except ValueError as error:
        raise BadKeyFile(f"{path} holds no certificate.") from error
    return [found[0], *(one for one in found[1:] if not _is_authority(one))]


def standing(settings: "Settings") -> Path | None:
    """The portal's key file, made first where it is development's demo key. None: documents are not signed."""
    if settings.sign_key and not settings.is_production:
        make_demo(settings.sign_key)
    return settings.sign_key


@cache
def is_demo_file(path: str) -> bool:
    """Whether documents are signed with a demo key. Raises BadKeyFile."""
    return any(is_demo(one) for one in certificates(Path(path))[:1])


def is_demo(certificate: x509.Certificate) -> bool:
    return DEMO in name_of(certificate)


def name_of(certificate: x509.Certificate) -> str:
    """Whom the certificate names."""
    return certificate.subject.rfc4514_string()


def make_demo(path: Path) -> None:
    """Make a key and a certificate by itself, unless the file is there. Two processes may try at once."""
    if path.exists():
        return
    key = rsa.generate_private_key(65537, DEMO_BITS)
    whole = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + _demo(key).public_bytes(Encoding.PEM)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as new:
        new.write(whole)
    with suppress(FileExistsError):
        os.link(new.name, path)
    Path(new.name).unlink()


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_mode & _OTHERS:
            raise BadKeyFile(f"{path} may be read by everybody on this machine: chmod o= {path}")
        return path.read_bytes()
    except OSError as error:
        raise BadKeyFile(f"{path} cannot be read: {error.strerror}.") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _demo(key: rsa.RSAPrivateKey) -> x509.Certificate:
    """A certificate by itself that says what it is."""
    words = {NameOID.COMMON_NAME: f"{DEMO}（不作证明）", NameOID.ORGANIZATION_NAME: "爱心联盟 演示"}
    name = x509.Name([x509.NameAttribute(kind, text) for kind, text in words.items()])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    dated = made.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + _LONG)
    plain = dated.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return plain.add_extension(usage, critical=True).sign(key, SHA256())
