"""How a name is read: pinyin without tones, in every way that people may type it.

The dictionary (pypinyin's) takes 13 MB of memory and is loaded when the first name is read: by the job that writes
readings down, not by those who answer requests.
"""

import os
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import islice, product
from typing import NamedTuple

MOST_READINGS = 6
"""Of a whole name; the dictionary's usual reading of each character comes first."""

MOST_OF_A_SURNAME, MOST_OF_A_CHARACTER = 4, 2
MOST_CHARACTERS = 60
"""A longer name is read so far."""

SURNAMES = {
    "王": "wang", "丁": "ding", "大": "da", "石": "shi", "文": "wen", "黄": "huang", "高": "gao",
    "单": "shan dan", "仇": "qiu chou", "曾": "zeng ceng", "解": "xie jie", "查": "zha cha", "区": "ou qu",
    "盖": "ge gai", "朴": "piao pu", "任": "ren", "翟": "zhai di", "覃": "qin tan", "缪": "miao mou", "乐": "yue le",
    "黑": "he hei", "秘": "bi mi", "祭": "zhai ji", "召": "shao zhao", "折": "she zhe", "员": "yun yuan",
    "种": "chong zhong", "纪": "ji", "繁": "po fan", "冼": "xian", "洗": "xian xi", "尉": "wei yu", "那": "na nuo",
    "宿": "su", "乜": "nie", "隗": "wei kui", "逄": "pang", "郇": "xun huan", "盛": "sheng cheng", "华": "hua",
    "燕": "yan", "应": "ying", "令": "ling", "葛": "ge", "万": "wan mo", "俟": "qi si", "长": "zhang chang",
    "幺": "yao", "哈": "ha", "柏": "bai bo", "薄": "bo bao", "沈": "shen", "何": "he", "陆": "lu", "贾": "jia",
    "叶": "ye", "夏": "xia", "江": "jiang", "白": "bai", "牟": "mou mu", "适": "kuo shi", "卜": "bu", "藏": "zang cang",
    "尹": "yin", "谢": "xie", "余": "yu", "车": "che ju", "句": "gou ju", "相": "xiang", "强": "qiang jiang",
}  # fmt: skip
"""Where the dictionary's usual reading is not the surname's, or where it knows readings that no family has."""


class Read(NamedTuple):
    """One reading: syllables parted by blanks, and the first letter of each."""

    syllables: str
    initials: str


def readings(name: str) -> list[Read]:
    """The ways to read a name, the usual one first; none for a name of which nothing can be read."""
    ways = _ways_of(_plain(name)[:MOST_CHARACTERS])
    return [_read(way) for way in islice(product(*ways), MOST_READINGS)] if ways else []


def from_each_syllable(read: Read) -> list[Read]:
    """The same reading from each of its syllables on."""
    syllables = read.syllables.split(" ")
    return [_read(syllables[start:]) for start in range(len(syllables))]


def _read(syllables: Sequence[str]) -> Read:
    return Read(" ".join(syllables), "".join(syllable[0] for syllable in syllables))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def _ways_of(name: str) -> list[tuple[str, ...]]:
    """Each character's readings; a run of letters or digits is a syllable of its own; other signs are not read."""
    ways: list[tuple[str, ...]] = []
    for part in re.findall(r"[a-z0-9]+|[^a-z0-9]", name):
        if part[0].isascii():
            found: tuple[str, ...] = (part,) if part.isalnum() else ()
        else:
            found = _of_character(part) if ways else _of_surname(part)
        if found:
            ways.append(found)
    return ways


def _of_surname(character: str) -> tuple[str, ...]:
    """The first character's; the surnames that are read in several ways are nearly all of one character."""
    if known := SURNAMES.get(character):
        return tuple(known.split())
    return _dictionary_of(character)[:MOST_OF_A_SURNAME]


def _of_character(character: str) -> tuple[str, ...]:
    return _dictionary_of(character)[:MOST_OF_A_CHARACTER]


UNKNOWN = {"𠮷": "jí", "㵘": "màn", "㭎": "gāng"}
"""Characters of names that the dictionary does not know or knows by another reading."""


@lru_cache(8_192)
def _dictionary_of(character: str) -> tuple[str, ...]:
    """What the dictionary says, without tones, each once; ü is typed v or u."""
    told = UNKNOWN.get(character) or _dictionary().get(ord(character), "")
    found = (_without_tone(one) for one in told.split(",") if one)
    both = (way for one in found for way in ((one, one.replace("v", "u")) if "v" in one else (one,)))
    return tuple(dict.fromkeys(one for one in both if one.isascii() and one.isalpha()))


def _without_tone(syllable: str) -> str:
    """lǚ is lv; the two dots are no tone."""
    apart = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@cache
def _dictionary() -> dict[int, str]:
    # Without it the package loads phrases as well, which take four times as much and help no name.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin.pinyin_dict import pinyin_dict

    return pinyin_dict
