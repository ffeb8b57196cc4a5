"""The page that checks confirmations from disk: one file with its style, its program and the portal's public keys.

Headers are lost on disk, so the page names its own Content-Security-Policy: nothing may run or be fetched but the one
program whose SHA-256 stands there.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import render_template
from markupsafe import Markup

from portal import resources
from portal.documents.keyfile import is_demo, name_of
from portal.verifying.der import der, number

TEMPLATE = "verifying/offline.html"


def page(certificates: Sequence[x509.Certificate], vkeys: Sequence[str], *, portal: str, on: date) -> str:
    """The file. `portal` is the address of the portal, `on` the day on which it is handed out."""
    style, script = _part("offline.css"), _part("offline.js")
    keys = [_certificate(one) for one in certificates]
    return render_template(
        TEMPLATE,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704 # our own file
        script=Markup(script),  # noqa: S704 # our own file
        known=Markup(_json({"portal": portal, "certificates": keys, "vkeys": list(vkeys)})),  # noqa: S704 # no "<" in it
        certificates=keys,
        vkeys=vkeys,
        portal=portal,
        made=on.isoformat(),
    )


def _part(name: str) -> str:
    return (resources().templates / "verifying" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _certificate(one: x509.Certificate) -> dict[str, Any]:
    spki = one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "name": name_of(one),
        "demo": is_demo(one),
        "spki": base64.b64encode(spki).decode(),
        "fingerprint": one.fingerprint(SHA256()).hex(),
        "signer": der(0x30, one.issuer.public_bytes(), number(one.serial_number)).hex(),
    }


def _json(value: Any) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
