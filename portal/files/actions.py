import hashlib
import os
import secrets
import tempfile
from datetime import datetime
from pathlib import Path

from portal.actor import Actor
from portal.db import db
from portal.files.models import StoredFile
from portal.files.pictures import MEDIA_TYPE, Picture
from portal.settings import current_settings


def keep(content: bytes, *, name: str, by: Actor, at: datetime) -> StoredFile:
    """Store the bytes under their hash and add the row. The file is whole or not there at all."""
    digest = put(content)
    stored = StoredFile(sha256=digest, name=name[:200], size=len(content), kept_by_id=by.id, kept_at=at)
    db.session.add(stored)
    db.session.flush()
    return stored


def keep_picture(picture: Picture, *, by: Actor, at: datetime) -> StoredFile:
    """Store a photo; it may be served again, under 128 bits of chance that nobody can count up to."""
    stored = keep(picture.content, name=picture.name, by=by, at=at)
    stored.public_id, stored.media_type = secrets.token_hex(16), MEDIA_TYPE
    db.session.flush()
    return stored


def put(content: bytes) -> str:
    """Store the bytes alone; gives their hash. Before a transaction begins: a disk takes its time over a large file."""
    digest = hashlib.sha256(content).hexdigest()
    target = _place(digest)
    if not target.exists():
        write_whole(target, content)
    return digest


def path_of(stored: StoredFile) -> Path:
    """Where the bytes lie."""
    return _place(stored.sha256)


def _place(digest: str) -> Path:
    settings = current_settings()
    return settings.files / digest[:2] / digest


def write_whole(target: Path, content: bytes) -> None:
    """The file is whole on the disk, or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).replace(target)
        except BaseException:
            # On a full disk, half a file would take the room that others need.
            Path(new.name).unlink(missing_ok=True)
            raise
