"""The look-up code of a confirmation: 128 bits that only its holder has. It is worked out anew and kept nowhere.

Crockford's base 32 has neither I nor L, O or U: a code survives being read aloud, typed on a phone or copied by hand.
"""

import hashlib
import hmac
import secrets
import unicodedata

from portal.receipts.models import Receipt
from portal.settings import current_settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
"""Characters of a code: 128 bits in groups of five."""

_BYTES = 16
_READ_AS = str.maketrans("OIL", "011", "- \u3000\u00a0\u2013\u2014\u2212\u00b7.")


def new_nonce() -> str:
    """What makes two codes differ although numbers run on: 16 random bytes, in hex."""
    return secrets.token_hex(_BYTES)


def code_of(receipt: Receipt) -> str:
    """The look-up code, to be shown only to those who may hand it to the donor."""
    settings = current_settings()
    return code_for(receipt.number, receipt.nonce, key=settings.data_key)


def is_code_of(receipt: Receipt, text: str) -> bool:
    """Whether what a person typed is the receipt's code, in lower case, with dashes, or with O for 0. Constant time."""
    return hmac.compare_digest(code_of(receipt).encode(), read_code(text).encode())


def share_key_of(receipt: Receipt) -> str:
    """Goes into the link that a donor shares. It opens the masked view alone, and says nothing of the code."""
    settings = current_settings()
    message = f"receipt-share:{receipt.number}:{receipt.nonce}".encode()
    digest = hmac.digest(settings.data_key.encode(), message, hashlib.sha256)[:_BYTES]
    return _base32(int.from_bytes(digest)).lower()


def is_share_key_of(receipt: Receipt, text: str) -> bool:
    """Whether it is the key of the link. Constant time."""
    return hmac.compare_digest(share_key_of(receipt).encode(), text[:100].encode())


def code_for(number: str, nonce: str, *, key: str) -> str:
    """HMAC-SHA256 of number and nonce, its first 128 bits in base 32."""
    message = f"receipt-code:{number}:{nonce}".encode()
    digest = hmac.digest(key.encode(), message, hashlib.sha256)[:_BYTES]
    return _base32(int.from_bytes(digest))


def read_code(text: str) -> str:
    """A typed code as it is written: upper case, without blanks and dashes, look-alikes read as what they stand for."""
    return unicodedata.normalize("NFKC", text[:200]).upper().translate(_READ_AS).strip()


def _base32(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
