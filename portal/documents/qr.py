"""QR codes as SVG, sharp at any size."""

import segno
from markupsafe import Markup

INK = "#123d31"


def svg(address: str, title: str | None = None) -> Markup:
    """The address as an inline `<svg class="qr">` without a size of its own: the style sheet gives it one.

    `title` is what a screen reader says of it.

    Level M (a fold or a stain may hide 15 %); no quiet zone: whoever places it leaves four modules of paper around.
    """
    code = segno.make_qr(address, error="m")
    return Markup(code.svg_inline(omitsize=True, border=0, dark=INK, svgclass="qr", lineclass=None, title=title))  # noqa: S704
