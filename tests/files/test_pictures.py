"""Photos are written anew: nothing of the file stays but what is seen."""

import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageFile
from PIL.ExifTags import GPS, IFD, Base

from portal.files import Picture, PictureRefused, picture_of
from portal.files.models import StoredFile
from portal.files.pictures import LARGEST, LONGEST_SIDE, MOST_PIXELS, DamagedPicture, NotAPicture, PictureTooLarge
from portal.files.serving import safe_name

HIDDEN = b"30.5N 120.7E, 13800001111"


@pytest.fixture(autouse=True)
def as_in_a_web_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """WeasyPrint, which no web worker imports, has Pillow take half a photo for a whole one."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **more)
    return out.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[Base.Make] = "Camera"
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSMapDatum] = HIDDEN.decode()
    return photo(exif=exif.tobytes(), comment=HIDDEN) + HIDDEN


def opened(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    image.load()
    return image


def test_place_camera_comment_and_what_hangs_behind_are_gone() -> None:
    content = with_place()
    assert HIDDEN in content
    picture = picture_of(content, filename="签到.jpg")
    assert HIDDEN not in picture.content
    image = opened(picture)
    assert (image.format, dict(image.getexif()), image.info.get("comment")) == ("JPEG", {}, None)


def test_a_photo_taken_upright_stands_upright() -> None:
    assert opened(picture_of(with_place(), filename="a.jpg")).size == (48, 64)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_become_jpeg(kind: str) -> None:
    assert opened(picture_of(photo(kind), filename="a.exe")).format == "JPEG"


def test_a_large_photo_is_made_smaller_and_a_transparent_one_white() -> None:
    big = opened(picture_of(photo(size=(3000, 1000)), filename="a.jpg"))
    assert big.size == (LONGEST_SIDE, LONGEST_SIDE // 3)
    out = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(picture_of(out.getvalue(), filename="a.png")).getpixel((4, 4)) == (255, 255, 255)


def bomb() -> bytes:
    """A PNG of a hundred bytes that says it has a billion pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = (40_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (lambda: b"", NotAPicture),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", NotAPicture),
        (lambda: b"%PDF-1.7", NotAPicture),
        (lambda: b"GIF89a" + b"\0" * 40, NotAPicture),
        (lambda: photo("BMP"), NotAPicture),
        (lambda: photo("TIFF"), NotAPicture),
        (lambda: photo()[:200], PictureRefused),
        (lambda: photo("PNG")[:200], DamagedPicture),
        (lambda: photo("PNG").replace(b"IDAT", b"IDAX"), PictureRefused),
        (bomb, PictureTooLarge),
        (lambda: photo() + b"\0" * LARGEST, PictureTooLarge),
    ],
)
def test_what_is_no_whole_photo_is_refused_with_a_sentence(
    content: Callable[[], bytes], refusal: type[PictureRefused]
) -> None:
    with pytest.raises(refusal) as refused:
        picture_of(content(), filename="a.jpg")
    assert refused.value.field == "photo"


def test_the_pixels_are_asked_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_PIXELS < 40_000 * 40_000
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(PictureTooLarge):
        picture_of(bomb(), filename="a.png")


def test_a_page_in_a_photos_clothes_comes_out_as_pixels() -> None:
    picture = picture_of(photo(comment=b"<script>alert(1)</script>"), filename="a.html")
    assert b"<script" not in picture.content


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("签到表.png", "签到表.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("..\\evil\u202egpj.exe", "evil_gpj.jpg"),
        ('a"; filename="b.html', "a_ filename_b.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "a_Set-Cookie_ x.jpg"),
        ("", "file.jpg"),
        ("....", "file.jpg"),
        ("长" * 300 + ".jpg", "长" * 80 + ".jpg"),
    ],
)
def test_a_name_harms_nobody(name: str, safe: str) -> None:
    assert safe_name(StoredFile(name=name, media_type="image/jpeg")) == safe
