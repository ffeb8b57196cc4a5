"""Words of the ledger inside a file: on one line, and nothing that would turn its reader's eye or end the line."""

import re

_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
"""Marks that turn the direction of what follows: a line could be read otherwise than programs read it."""
_BLANKS = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")
"""With it all control characters, and the separators of lines and paragraphs that Unicode knows."""


def one_line(text: str) -> str:
    """The text with every control character and run of blanks as one blank."""
    return _BLANKS.sub(" ", _UNSEEN.sub("", text)).strip()


def yuan(fen: int) -> str:
    """Yuan without separators, with a plain minus sign."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
