"""Uploaded photos: nothing of the file is kept but what is seen.

A photo is taken apart and written anew as JPEG, upright, without place, camera, comments, thumbnails or anything that
was hung on it, and no larger than a page needs. What it is, its first bytes say, never its name.
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar, Final

from portal.problems import DomainError
from portal.words import Words, _l

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST: Final = 10 << 20
"""Bytes."""
MOST_PIXELS: Final = 50_000_000
"""More than telephones take, and 150 MB when unpacked. It is asked of the header, before anything is unpacked."""
LONGEST_SIDE: Final = 2_400
"""Pixels of what is kept: a sheet of paper can be read."""
QUALITY: Final = 82
FORMATS: Final = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE: Final = "image/jpeg"

# A photo that is unpacked takes a worker's memory: one after the other.
_TURN = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A photo written anew: its JPEG, and what its owner called it."""

    content: bytes
    name: str


class PictureRefused(DomainError):
    """The file cannot be taken as a photo; the sentence says what to do."""

    about: ClassVar[Words]

    def __init__(self) -> None:
        super().__init__(self.about, field="photo")


class NotAPicture(PictureRefused):
    """No JPEG, PNG or WebP."""

    about = _l("这不是照片文件，请上传 JPG、PNG 或 WebP 格式的照片。")


class DamagedPicture(PictureRefused):
    """It begins as a photo and cannot be read to its end."""

    about = _l("照片已损坏或没有传完整，请重新拍一张。")


class PictureTooLarge(PictureRefused):
    """More bytes or pixels than are taken."""

    about = _l("照片太大，请控制在 10 MB、5000 万像素以内。")


def picture_of(content: bytes, *, filename: str) -> Picture:
    """The photo, ready to be kept. Raises a PictureRefused. It takes a moment: call it before a transaction writes."""
    if len(content) > LARGEST:
        raise PictureTooLarge
    with _TURN:
        return Picture(_written_anew(content), filename)


def _written_anew(content: bytes) -> bytes:
    # Workers that meet no photo do without the library, which takes ten megabytes.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            return _as_jpeg(_seen(opened))
    except UnidentifiedImageError:
        raise NotAPicture from None
    except Image.DecompressionBombError:
        raise PictureTooLarge from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError, IndexError, KeyError, TypeError):
        # Which of these a broken file ends in is the decoder's secret.
        raise DamagedPicture from None


def _seen(opened: "Image") -> "Image":
    """What the eye sees of the first frame: upright, opaque, not too large."""
    from PIL import ImageOps

    if opened.width * opened.height > MOST_PIXELS:
        raise PictureTooLarge
    # A large JPEG is unpacked at a fraction of its size at once.
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _opaque(upright)


def _opaque(image: "Image") -> "Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _as_jpeg(image: "Image") -> bytes:
    """From the bare pixels: what else an image object carries along stays behind."""
    from PIL import Image

    bare = Image.frombytes("RGB", image.size, image.tobytes())
    out = BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
