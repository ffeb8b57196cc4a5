"""Logos that forms bring: photos that become small squares."""

from io import BytesIO

from werkzeug.datastructures import FileStorage

from portal.files import Picture, photo_in, put

SIDE = 256
"""Pixels of a logo."""
QUALITY = 88


def logo_in(upload: FileStorage | None) -> Picture | None:
    """The photo that a form brought as a square on white, all of it to be seen; None when there is none."""
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
