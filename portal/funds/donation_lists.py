"""Reading a list of gifts: `recognise` finds its columns, `parse` its rows, what is wrong with them, and its totals.

Nothing is guessed away. Rows alike in every column are named and kept, since two people of one name do give the same
amount on the same day. "甲转来乙捐款" stays as it is written: who paid is not who gave. What is left out (money going
out, payments that never came about) is left out by a rule and counted.
"""

import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from portal.files.cells import folded
from portal.files.sheets import Row
from portal.funds.columns import Field
from portal.funds.footers import Declared, declared, is_merchant_total, merchant_total, notes_below, total_word
from portal.funds.gift_rows import LeftOutReason, ListRow, Problem, Reader, holds_gift
from portal.funds.recognising import ListRefused, Recognised, is_same_header, recognise
from portal.money import yuan
from portal.words import Words, _l

__all__ = ["LeftOut", "ListRow", "ParsedList", "Problem", "Recognised", "Repeat", "parse", "recognise"]
