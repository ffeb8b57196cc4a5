"""Small copies of the documents' fonts: `python -m tools.common_fonts FOLDER`, called by the set-up.

Embedding some glyphs of a font costs time by the glyphs it has, used or not. Nearly all text is made of the 7,445
characters of GB 2312 and the Latin letters; a copy that has only these is embedded three times as quickly and looks the
same to the dot. Style sheets name the copy first and the whole font, which has the rest, after it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = {
    "NotoSansSC_400Regular": "Noto Sans SC Common",
    "NotoSansSC_700Bold": "Noto Sans SC Common",
    "NotoSerifSC_400Regular": "Noto Serif SC Common",
    "NotoSerifSC_700Bold": "Noto Serif SC Common",
}
"""The fonts that documents are set in, by file name, and the families of their copies."""

LATIN = range(0x20, 0x180)
MORE = "—…–“”‘’〓№℃™"
USELESS = ["BASE", "DSIG", "STAT", "VORG", "gasp", "vhea", "vmtx"]
"""Tables for writing from top to bottom and for choosing among variants."""


def characters() -> Iterator[int]:
    """The code points of the copies."""
    yield from LATIN
    yield from map(ord, MORE)
    for row in range(0xA1, 0xFF):
        for cell in range(0xA1, 0xFF):
            yield from map(ord, bytes((row, cell)).decode("gb2312", "ignore"))


def copy(file: Path, family: str, target: Path) -> None:
    """Write the small copy of a font under a name of its own."""
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=["*"], drop_tables=USELESS)
    font = subset.load_font(str(file), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    _name(font, family)
    font.save(target)


def _name(font: TTFont, family: str) -> None:
    style = font["name"].getDebugName(2)
    whole = f"{family} {style}"
    for kind, text in {1: family, 3: whole, 4: whole, 6: whole.replace(" ", "")}.items():
        font["name"].setName(text, kind, 3, 1, 0x409)


def main() -> None:
    """Make the copies in the folder where the fonts are."""
    folder = Path(sys.argv[1])
    for name, family in FONTS.items():
        stem, style = name.split("_")
        copy(folder / f"{name}.ttf", family, folder / f"{stem}Common_{style}.ttf")


if __name__ == "__main__":
    main()
