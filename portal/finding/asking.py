"""What somebody typed into the one box: a name or part of one, pinyin, a volunteer number, or a number of a person."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from portal import clock
from portal.finding.syllables import Cut, cuts

LONGEST = 60
"""Characters; no name is longer, and what follows is not looked at."""

SECRET_DIGITS = 7
"""As many digits are somebody's number, whole or half typed: it belongs into no address and no log."""

FIRST_YEAR = 2000
"""No volunteer number is older."""

_TONES = re.compile("[\u0300-\u036f]")
_NUMBER = re.compile(r"V\d{1,10}|20\d{8}", re.IGNORECASE)
_SHORT_NUMBER = re.compile(r"\d{1,6}")
_PARTS = re.compile(r"([a-z]+)|([^a-z\s'’·]+)")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True)
class Asked:
    """`text` as it is looked for. Of its parts, `words` stand in the name as they are and `letters` are pinyin."""

    text: str
    words: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()

    @cached_property
    def is_secret(self) -> bool:
        """Whether it is, or begins, a number or an address by which a person is known outside."""
        many = sum(one.isdigit() for one in self.text) >= SECRET_DIGITS
        return "@" in self.text or (many and not _NUMBER.fullmatch(self.text))

    @cached_property
    def cuts(self) -> list[Cut]:
        """How the letters may be read, and as they are: a name of Latin letters is one syllable a word."""
        return [*cuts(list(self.letters)), self.letters] if self.letters else []

    @cached_property
    def volunteer_numbers(self) -> list[str]:
        """The volunteer numbers that it may be; the last digits of one stand for any year's."""
        plain = self.text.upper()
        if _SHORT_NUMBER.fullmatch(plain):
            return [f"V{year}{int(plain):06d}" for year in range(FIRST_YEAR, clock.today().year + 1)]
        return [f"V{plain.removeprefix('V')}"] if _NUMBER.fullmatch(plain) else []

    def __bool__(self) -> bool:
        return bool(self.words or self.letters)


def read(typed: str) -> Asked:
    """Any text at all; what cannot be seen is left out, and one width, one case and no tones are made of letters."""
    text = unicodedata.normalize("NFKC", typed[: LONGEST * 4])
    seen = "".join(" " if one.isspace() else one for one in text if one.isspace() or _is_seen(one))
    text = " ".join(seen.split())[:LONGEST]
    parts = _PARTS.findall(_plain(text))
    return Asked(
        text=text,
        words=tuple(dict.fromkeys(word for _, word in parts if word)),
        letters=tuple(letters for letters, _ in parts if letters),
    )


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN


def _plain(text: str) -> str:
    """Small letters without tones; ü is v, also where passports write yu."""
    apart = unicodedata.normalize("NFD", text.lower()).replace("u\u0308", "v")
    plain = unicodedata.normalize("NFC", _TONES.sub("", apart))
    return plain.replace("lyu", "lv").replace("nyu", "nv")
