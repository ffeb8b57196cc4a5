import re

from sqlalchemy import select

from portal.db import db
from portal.files.models import StoredFile

_PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


def file_by_public_id(public_id: str) -> StoredFile | None:
    """The file that may be served under this id; who may have it is for the room that keeps it to say."""
    if not _PUBLIC_ID.fullmatch(public_id):
        return None
    return db.session.scalar(select(StoredFile).where(StoredFile.public_id == public_id))
