"""Files that leave again: always as an attachment, under a name that harms nobody, opening nothing."""

import re
from pathlib import PurePath

from flask import Response, send_file

from portal.files.actions import path_of
from portal.files.models import StoredFile

SANDBOX = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"
_ENDINGS = {"image/jpeg": ".jpg"}
_UNSAFE = re.compile(r"[^\w\-. ]+")
LONGEST_NAME = 80


def attachment(stored: StoredFile) -> Response:
    """The bytes to be saved, not opened: even a picture that was a page to some browser could do nothing here."""
    kind = stored.media_type or "application/octet-stream"
    response = send_file(path_of(stored), mimetype=kind, as_attachment=True, download_name=safe_name(stored))
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_name(stored: StoredFile) -> str:
    """What its owner called it, in letters that no file system or header minds, with the ending of what it is."""
    stem = PurePath(stored.name.replace("\\", "/")).stem
    stem = _UNSAFE.sub("_", stem).strip(" ._")[:LONGEST_NAME]
    return (stem or "file") + _ENDINGS.get(stored.media_type or "", ".bin")
