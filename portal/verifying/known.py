"""Which keys are believed: those given, and the portal's own where this is its machine. No database is asked."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from portal.documents import keyfile
from portal.log.keys import BadNote, read, vkey_of

GIVEN, OWN = "您给的", "本机门户的"


class Known(NamedTuple):
    """Certificates and verifier keys that are believed, each with whose word that is."""

    certificates: list[tuple[x509.Certificate, str]]
    vkeys: list[tuple[str, str]]


def own_certificates(environ: Mapping[str, str]) -> list[x509.Certificate]:
    """Those of the portal whose folder or settings are here."""
    file = Path(environ.get("PORTAL_SIGN_KEY") or _instance(environ) / "demo-sign-key.pem")
    try:
        return keyfile.certificates(file)
    except keyfile.BadKeyFile:
        return []


def own_vkeys(environ: Mapping[str, str], note: str) -> list[str]:
    """The key of the portal's log, if its secret is here, under the name that the checkpoint gives itself."""
    file = _instance(environ) / "portal_log_key.txt"
    secret = environ.get("PORTAL_LOG_KEY") or (file.read_text().strip() if os.access(file, os.R_OK) else "")
    try:
        return [vkey_of(secret, read(note).origin)] if secret else []
    except BadNote:
        return []


def _instance(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("PORTAL_INSTANCE") or "instance")
