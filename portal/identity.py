"""Numbers of people and organisations, checked by their own check digits. Sources: GB 11643, GB 32100."""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from portal import clock
from portal.problems import DomainError
from portal.words import Words, _l

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID = re.compile(r"[1-9]\d{16}[\dX]")
_OLDEST = 130
"""Years: nobody is older."""

_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(rf"[{_CODE_LETTERS}]{{18}}")
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_OTHER_PAPER = re.compile(r"[A-Z0-9()（）/-]{5,25}")


class Gender(StrEnum):
    """性别, as papers have it."""

    FEMALE = "female"
    MALE = "male"

    @property
    def label(self) -> Words:
        return GENDER_NAMES[self]


GENDER_NAMES: dict[Gender, Words] = {Gender.FEMALE: _l("女"), Gender.MALE: _l("男")}


class Paper(StrEnum):
    """证件类型: what proves who somebody is."""

    RESIDENT = "resident"
    HOME_RETURN = "home_return"
    TAIWAN = "taiwan"
    PASSPORT = "passport"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return PAPER_NAMES[self]


PAPER_NAMES: dict[Paper, Words] = {
    Paper.RESIDENT: _l("居民身份证"),
    Paper.HOME_RETURN: _l("港澳居民来往内地通行证"),
    Paper.TAIWAN: _l("台湾居民来往大陆通行证"),
    Paper.PASSPORT: _l("护照"),
    Paper.OTHER: _l("其他证件"),
}


class ResidentId(NamedTuple):
    """What a resident's identity number says: eighteen characters, a birth date, a gender."""

    number: str
    born_on: date
    gender: Gender


def read_resident_id(text: str, *, field: str = "id_number") -> ResidentId:
    """The number, in any width and case, blanks left out. Raises DomainError; the number is never in the sentence."""
    number = _plain(text)
    if not _ID.fullmatch(number):
        raise DomainError(_l("身份证号是 18 位：17 位数字，最后一位是数字或 X。"), field=field)
    if _ID_CHECKS[sum(map(int.__mul__, _ID_WEIGHTS, map(int, number[:17]))) % 11] != number[17]:
        raise DomainError(_l("身份证号的校验位对不上，请对照证件再看一遍。"), field=field)
    return ResidentId(number, _born_on(number, field), Gender.MALE if int(number[16]) % 2 else Gender.FEMALE)


def read_paper(paper: Paper, text: str, *, field: str = "id_number") -> str:
    """The number of any paper in one form. Raises DomainError."""
    if paper is Paper.RESIDENT:
        return read_resident_id(text, field=field).number
    number = _plain(text)
    if not _OTHER_PAPER.fullmatch(number):
        raise DomainError(_l("证件号码由 5 到 25 个字母或数字组成。"), field=field)
    return number


def read_credit_code(text: str, *, field: str = "credit_code") -> str:
    """统一社会信用代码 in one form: eighteen characters. Raises DomainError."""
    code = _plain(text)
    if not _CODE.fullmatch(code):
        raise DomainError(_l("统一社会信用代码是 18 位数字和大写字母，其中没有 I、O、S、V、Z。"), field=field)
    values = [_CODE_LETTERS.index(one) for one in code]
    if (31 - sum(map(int.__mul__, _CODE_WEIGHTS, values)) % 31) % 31 != values[17]:
        raise DomainError(_l("统一社会信用代码的校验位对不上，请对照登记证书再看一遍。"), field=field)
    return code


def age_on(day: date, *, born_on: date) -> int:
    """Whole years; who is born on 29 February is a year older on 1 March of other years (民法典 §201, §202)."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _born_on(number: str, field: str) -> date:
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise DomainError(_l("身份证号里的出生日期不存在，请对照证件再看一遍。"), field=field) from None
    if not 0 <= age_on(clock.today(), born_on=born_on) <= _OLDEST:
        raise DomainError(_l("身份证号里的出生日期不合理，请对照证件再看一遍。"), field=field)
    return born_on


def _plain(text: str) -> str:
    """One width, capitals, without blanks and what cannot be seen."""
    if text.isascii() and text.isalnum():
        return text.upper()
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(one for one in wide if not one.isspace() and unicodedata.category(one) not in ("Cf", "Cc"))
