"""Photos that forms bring: papers behind a history, and logos, which become small squares."""

from io import BytesIO

from werkzeug.datastructures import FileStorage

from portal.db import let_go
from portal.files import Picture, picture_of, put
from portal.files.pictures import LARGEST
from portal.web.forms import tidy

SIDE = 256
"""Pixels of a logo."""
QUALITY = 88


def photo_in(upload: FileStorage | None) -> Picture | None:
    """The photo that a form brought, written anew and on the disk already; None when there is none.

    Nobody waits for it: the transaction so far is ended. Raises a PictureRefused.
    """
    if upload is None or not upload.filename:
        return None
    let_go()
    picture = picture_of(upload.read(LARGEST + 1), filename=tidy(upload.filename) or "")
    put(picture.content)
    return picture


def logo_in(upload: FileStorage | None) -> Picture | None:
    """The same as a square on white, all of it to be seen."""
    picture = photo_in(upload)
    if picture is None:
        return None
    logo = Picture(_squared(picture.content), picture.name)
    put(logo.content)
    return logo


def _squared(content: bytes) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(BytesIO(content), formats=["JPEG"]) as image:
        square = ImageOps.pad(image.convert("RGB"), (SIDE, SIDE), color="white")
    out = BytesIO()
    square.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
