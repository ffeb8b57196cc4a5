"""Names that look like another's: characters that nobody sees, or that stand in for others."""

import unicodedata

from portal.words import Words, _l

_BETWEEN = "·•‧་ -'’.()（）"
"""What may stand between the parts of a name."""

_UNSEEN = ("Cf", "Cc", "Co", "Cn", "Zl", "Zp")
_TOGETHER = (
    frozenset({"CJK", "IDEOGRAPHIC", "LATIN"}),
    frozenset({"KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"HIRAGANA", "KATAKANA-HIRAGANA"}),
)
"""Scripts that stand side by side in real names. Others imitate: ニ is not 二, Greek ο is not o."""


def strange_in(name: str) -> Words | None:
    """Why this may not be the name that it seems to be, as a sentence; None when all of it is what it looks like."""
    if any(unicodedata.category(one) in _UNSEEN for one in name):
        return _l("名字里有看不见的字符")
    bare = "".join(one for one in name if one not in _BETWEEN)
    if unicodedata.normalize("NFKC", bare) != unicodedata.normalize("NFC", bare) or any(map(_is_double, bare)):
        return _l("名字里有形近的替代字符")
    scripts = frozenset(_script(one) for one in bare if one.isalpha())
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return _l("名字里混用了形近的文字")
    if any(not one.isalnum() and unicodedata.category(one)[0] != "M" for one in bare):
        return _l("名字里有不是文字的符号")
    return None


def _script(character: str) -> str:
    """The first word of the character's Unicode name: CJK, LATIN, CYRILLIC, …"""
    return unicodedata.name(character, "?").split()[0]


def _is_double(character: str) -> bool:
    """An ideograph that Unicode holds twice."""
    return _script(character) == "CJK" and bool(unicodedata.decomposition(character))
