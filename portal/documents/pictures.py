"""A document as a picture that a telephone can keep."""

import io

from PIL import Image, ImageChops

DOTS = 3.5
"""Dots a point: a page as wide as a telephone's becomes 1,080 dots wide."""

EDGE = 40
COLOURS = 64


def png(pdf: bytes) -> bytes:
    """The pages, one below the other, each cut off where it ends."""
    import pypdfium2

    pages = [_cut(page.render(scale=DOTS).to_pil().convert("RGB")) for page in pypdfium2.PdfDocument(pdf)]
    whole = Image.new("RGB", (pages[0].width, sum(page.height for page in pages)), "white")
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    body = io.BytesIO()
    whole.quantize(COLOURS, dither=Image.Dither.NONE).save(body, "PNG")
    return body.getvalue()


def _cut(page: Image.Image) -> Image.Image:
    """The page without the paper below its last line."""
    white = Image.new("RGB", page.size, "white")
    box = ImageChops.difference(page, white).getbbox()
    return page.crop((0, 0, page.width, min(page.height, (box[3] if box else 0) + EDGE)))
