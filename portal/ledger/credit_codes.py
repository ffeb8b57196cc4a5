"""统一社会信用代码 (GB 32100-2015): 18 characters, the last of which checks the others."""

import re
import unicodedata

from portal.problems import DomainError
from portal.words import _l

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z, which are taken for other characters."""

_CODE = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}")


def check_character(body: str) -> str:
    """The 18th character to these 17: their values weighted by 3^i, to the next multiple of 31."""
    weighted = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[-weighted % 31]


def read(text: str) -> str:
    """The code that the text names, in capitals and without blanks. Raises DomainError (credit_code)."""
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _CODE.fullmatch(code):
        raise DomainError(_l("统一社会信用代码是 18 位：数字和大写字母（没有 I、O、S、V、Z）。"), field="credit_code")
    if check_character(code[:17]) != code[17]:
        raise DomainError(_l("统一社会信用代码的最后一位对不上，请对照登记证书再看一遍。"), field="credit_code")
    return code
