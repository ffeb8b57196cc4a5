"""A chat group's 接龙 taken apart: who stands on it, as far as the text says. Nothing is looked up here.

Groups write it as they like: "1. 张三", "2、李四 138…", "３）王五（带剪刀）", "4 赵六+钱七", "代报 孙八", "+1",
with emoji, head lines and remarks. What may be a name is taken for one; whether somebody is called so, others ask.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

LONGEST = 20_000
"""Characters that are read; the rest is left out and said so by whoever asks."""

MOST = 500
"""Entries."""


@dataclass(frozen=True)
class Entry:
    """One place on the list. `line` counts from 1; without a name it is somebody who is not called by one.

    `proxy`: who reported her, "?" when it is not said. `more`: so many others whom nobody named. `is_repeat`: the same
    person stands further up. `declines`: the line says that she does not come.
    """

    line: int
    raw: str
    name: str = ""
    mobile: str = ""
    number: str = ""
    remark: str = ""
    proxy: str = ""
    more: int = 0
    is_repeat: bool = False
    declines: bool = False


class Chain(NamedTuple):
    """What was read. `heads` are lines that are none of the places; `is_cut`: there was more than is read."""

    entries: list[Entry]
    heads: list[str]
    is_cut: bool


_KEYCAPS = re.compile("(?:[0-9]\ufe0f?\u20e3)+|\U0001f51f")
_DOT = re.compile(r"(?<=[^\W\d_])\s*[·•‧・∙⋅]\s*(?=[^\W\d_])")
_NUMBERED = re.compile(r"\s*[(\[【]?\s*(\d{1,3})(?!\d)\s*[)\]】]?\s*[.、,:;)\-]*\s*(.*)")
_NO_PLACE = re.compile(r"[月日号点时:：年人名个位元/／~\-]|\d{2}(?!\d)")
"""What stands behind the number of a head line: "11月22日", "8:00", "30 人"."""

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_VOLUNTEER = re.compile(r"(?<![A-Za-z0-9])[Vv](\d{7,14})(?!\d)")
_BRACKETS = re.compile(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]")
_MORE = re.compile(r"\+\s*(\d{1,2})\s*[人位个]?")
_BETWEEN = re.compile(r"[+、,;/&|]|(?<=\S)\s+和\s+(?=\S)")
_PROXY_FIRST = re.compile(r"^(?:我?(?:代报|帮|替)\s*[::]?|代\s*[:: ])\s*(.+?)(?:报名?|接龙)?$")
_PROXY_LAST = re.compile(r"(.+?)\s*[-:]?\s*代报名?$")
_PROXY_BETWEEN = re.compile(r"^(\S{2,8}?)(?:代报|代|帮|替)(\S{2,20}?)(?:报名?|接龙)?$")
_PROXY_REMARK = re.compile(r"^(?:由)?(\S{0,8}?)(?:代报名?|代接龙|代|帮报)$")
_LABEL = re.compile(r"^(?:姓名|名字|队员|本人|我是|我叫)\s*[::]?\s*")
_DECLINES = re.compile(r"不参加|不来|不去|来不了|去不了|请假|取消|退出接龙")
_SPOKEN = re.compile(r"^(?:参加|报名|已报名?|接龙|收到|准时到?|到|来|去|男|女|本人|谢谢|\d{1,3}岁?|[0-9]+)$")
_NAME = re.compile(r"[^\W\d_]{1,20}(?:·[^\W\d_]{1,20})*|[A-Za-z][A-Za-z .'\-]{0,38}[A-Za-z]")


def parse(text: str) -> Chain:
    """The places on the list, in order. Never raises: what makes no sense becomes a place without a name."""
    lines = [(number, _plain(raw), raw.strip()) for number, raw in enumerate(text[:LONGEST].splitlines(), 1)]
    lines = [one for one in lines if one[1]]
    is_numbered = any(_place(plain) is not None for _, plain, _ in lines)
    entries: list[Entry] = []
    heads: list[str] = []
    for number, plain, raw in lines:
        rest = _place(plain) if is_numbered else (None if _is_head(plain) else plain)
        if rest is None:
            heads.append(raw[:100])
        elif rest:
            entries += _entries(number, raw[:100], rest)
    return Chain(_marked(entries[:MOST]), heads, len(text) > LONGEST or len(entries) > MOST)


def _plain(raw: str) -> str:
    """One width, no emoji, nothing unseen, and one kind of dot within names."""
    text = unicodedata.normalize("NFKC", _KEYCAPS.sub(_digits, raw))
    kept = "".join(" " if _is_picture(one) else one for one in text if unicodedata.category(one) not in ("Cc", "Cf"))
    return " ".join(_DOT.sub("·", kept).split())


def _digits(keycaps: "re.Match[str]") -> str:
    """The number that keys show; one of them stands for ten."""
    return f"{''.join(one for one in keycaps[0] if one.isdigit()) or '10'}. "


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Cs", "Co", "Cn", "Zl", "Zp", "Me")


def _place(plain: str) -> str | None:
    """What stands behind the number of a place; None for a line that is none."""
    found = _NUMBERED.fullmatch(plain)
    if found is None or (_NO_PLACE.match(plain[found.end(1) :].lstrip()) and not _is_place_all_the_same(plain, found)):
        return None
    return found[2]


def _is_place_all_the_same(plain: str, found: "re.Match[str]") -> bool:
    """ "1: 张三", "2-李四": a sign that may also stand in a time or a day is followed by no digit but a telephone's."""
    sign = plain[found.end(1) :].lstrip()[:1]
    return sign in ":-" and not re.match(r"\d{1,4}(?!\d)", found[2])


def _is_head(plain: str) -> bool:
    """Of a list without numbers: a title, a time, a place."""
    return "接龙" in plain or plain.startswith("#") or bool(re.search(r"[::。!?]|\d+\s*[月日点年]", plain))


def _entries(line: int, raw: str, rest: str) -> Iterator[Entry]:
    """The people of one place: usually one."""
    blank = Entry(line, raw, declines=bool(_DECLINES.search(rest)))
    mobiles = ["".join(one) for one in _MOBILE.findall(rest)]
    numbers = [f"V{one}" for one in _VOLUNTEER.findall(rest)]
    bare = _VOLUNTEER.sub(" ", _MOBILE.sub(" ", rest))
    remark, proxy = _remark(bare)
    bare = _BRACKETS.sub(" ", bare)
    more = sum(int(one) for one in _MORE.findall(bare))
    bare = _MORE.sub(" ", bare)
    names, said = _names(bare)
    blank = replace(blank, remark=" ".join([*remark, *said])[:100], more=min(more, 99))
    yield from _people(blank, names or [("", "")], mobiles, numbers, proxy)


def _people(
    blank: Entry, names: list[tuple[str, str]], mobiles: list[str], numbers: list[str], proxy: str
) -> Iterator[Entry]:
    """A mobile or a number of a place with one name is hers; with several names, as many in the same order."""
    for index, (name, by) in enumerate(names):
        alike = len(mobiles) == len(names) or len(names) == 1
        mobile = mobiles[index] if alike and index < len(mobiles) else ""
        number = numbers[index] if index < len(numbers) and (len(numbers) == len(names) or len(names) == 1) else ""
        more = blank.more if index == len(names) - 1 else 0
        yield replace(blank, name=name, mobile=mobile, number=number, proxy=by or proxy, more=more)


def _remark(text: str) -> tuple[list[str], str]:
    """What stands in brackets, and who reported her if that says so."""
    remarks, proxy = [], ""
    for inside in (one.strip() for one in _BRACKETS.findall(text)):
        if found := _PROXY_REMARK.match(inside):
            proxy = found[1] or "?"
        elif inside:
            remarks.append(inside)
    return remarks, proxy


def _names(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Pairs of a name and who reported her, and the words that are no names."""
    names: list[tuple[str, str]] = []
    said: list[str] = []
    for part in _BETWEEN.split(text):
        for piece in _pieces(part):
            name, proxy = _proxied(_LABEL.sub("", piece.strip(" .:;,!?~-_*#。")))
            if not name:
                continue
            if _SPOKEN.match(name) or _DECLINES.search(name) or not _NAME.fullmatch(name):
                said.append(name)
            else:
                names.append((name, proxy))
    return names, said


def _pieces(part: str) -> list[str]:
    """ "张 三" is one name, "张三 李四" are two, "Tom Lee" is one."""
    words = part.split()
    if not words or all(word.isascii() for word in words):
        return [part]
    if len(words) == 2 and all(len(word) == 1 and not word.isascii() for word in words):
        return ["".join(words)]
    if words[0] in ("代报", "代", "帮", "替"):
        return [" ".join(words[:2]), *words[2:]]
    return words


def _proxied(piece: str) -> tuple[str, str]:
    """The name, and who reported her: "代报 张三", "张三代报", "李四代张三报"."""
    if found := _PROXY_FIRST.match(piece):
        return found[1].strip(), "?"
    if found := _PROXY_LAST.match(piece):
        return found[1].strip(), "?"
    if found := _PROXY_BETWEEN.match(piece):
        return found[2], found[1]
    return piece, ""


def _marked(entries: list[Entry]) -> list[Entry]:
    """Whoever stands further up already is marked: by number or mobile, or by name where neither differs."""
    seen: list[Entry] = []
    marked = []
    for entry in entries:
        is_repeat = bool(entry.name) and any(_is_same(entry, one) for one in seen)
        if not is_repeat:
            seen.append(entry)
        marked.append(replace(entry, is_repeat=is_repeat))
    return marked


def _is_same(one: Entry, other: Entry) -> bool:
    if one.name != other.name:
        return False
    differs = (one.mobile and other.mobile and one.mobile != other.mobile) or (
        one.number and other.number and one.number != other.number
    )
    return not differs
