"""Which fonts a document is set in, and which characters they can draw.

fonts.conf beside this file shuts out whatever else the machine has: a document looks the same everywhere. Noto SC
has all of GBK and the 通用规范汉字表; Noto JP adds some rare characters (𠮷), Noto Emoji what stands in nicknames, and
Hanazono, where installed, nearly all Han characters.
"""

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from markupsafe import Markup

from portal import resources

BEYOND = Path("/usr/share/fonts/truetype/hanazono")
MISSING = "〓"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class FontsMissing(Exception):
    """Set-up has not installed the fonts."""


def files() -> list[Path]:
    """The font files, first those that set-up installs. Raises FontsMissing without them."""
    own = sorted((resources().static / "vendor" / "fonts").glob("*.ttf"))
    if not own:
        raise FontsMissing("static/vendor/fonts is empty: run the set-up")
    return own + sorted(BEYOND.glob("*.ttf"))


def printable(value: object) -> object:
    """Text as it can be printed; anything else, and markup, as it is.

    A character that no font has is printed as 〓 with its code point, for a box without a glyph would spoil the copying
    of the whole line. Unseen characters go: one that turns the writing direction could disguise a name or an amount.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or (value.isascii() and value.isprintable()):
        return value
    return "".join(_printed(character) for character in value)


def _printed(character: str) -> str:
    if _is_common(character):
        return character
    if unicodedata.category(character) in _UNSEEN or _chooses_a_variant(character):
        return " " if character.isspace() else ""
    if ord(character) in _drawn():
        return character
    return " " if character.isspace() else f"{MISSING}(U+{ord(character):04X})"


def _chooses_a_variant(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _is_common(character: str) -> bool:
    return " " <= character <= "~" or "\u4e00" <= character <= "\u9fa5" or character in "，。；：！？、（）《》「」·¥×"


@cache
def _drawn() -> frozenset[int]:
    regular = (file for file in files() if "Bold" not in file.name)  # a bold face draws what its regular one draws
    return frozenset(code for file in regular for code in TTFont(file, lazy=True).getBestCmap())
