"""An entry before it is posted, and the sentences for what may be wrong with it."""

import hashlib
from dataclasses import dataclass
from datetime import date

from portal.ledger.models import EntryKind
from portal.problems import DomainError
from portal.words import _l

PAYS_FROM = "ledger_entry"
"""The `source` of an entry, mostly a fee, that is paid from what the entry `source_id` brought in."""


class EmptyEntry(DomainError):
    """No line at all."""

    def __init__(self) -> None:
        super().__init__(_l("凭证没有分录。"))


class BadAmount(DomainError):
    """A line whose amount is not a whole number of 分 above zero on exactly one side."""

    def __init__(self) -> None:
        super().__init__(_l("每条分录须在借方或贷方之一填写大于零的金额（精确到分）。"), field="amount")


class Unbalanced(DomainError):
    """Debit and credit differ."""

    def __init__(self, debit_fen: int, credit_fen: int) -> None:
        super().__init__(_l("借贷不平。"), field="amount")
        self.debit_fen, self.credit_fen = debit_fen, credit_fen


class NoMemo(DomainError):
    """The entry does not say what it is about."""

    def __init__(self) -> None:
        super().__init__(_l("请填写摘要。"), field="memo")


class UnknownAccount(DomainError):
    """The chart has no such account."""

    def __init__(self, code: str) -> None:
        super().__init__(_l("没有科目「%(code)s」。", code=code), field="account")


class UnknownPool(DomainError):
    """No such pool."""

    def __init__(self) -> None:
        super().__init__(_l("没有这项专项资金。"), field="pool")


class OtherEntity(DomainError):
    """An entry's lines lie in the pools of more than one legal entity, or of another one than the entry's."""

    def __init__(self) -> None:
        super().__init__(_l("一张凭证只能记同一个单位的账。"), field="pool")


class PoolWouldGoBelowZero(DomainError):
    """The pool has less than the entry takes out of it."""

    def __init__(self, pool: str = "") -> None:
        super().__init__(_l("专项资金%(pool)s余额不足。", pool=f"「{pool}」" if pool else ""), field="amount")


class SelfChecked(DomainError):
    """Whoever makes an entry cannot check it."""

    def __init__(self) -> None:
        super().__init__(_l("制单与复核不能是同一个人。"))


class CannotReverse(DomainError):
    """The entry is a reversal itself, or was reversed already."""


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line: an account's code, one positive amount in 分, mostly a pool."""

    account: str
    debit_fen: int = 0
    credit_fen: int = 0
    pool_id: int | None = None
    memo: str | None = None

    @property
    def is_one_sided(self) -> bool:
        debit, credit = self.debit_fen, self.credit_fen
        return type(debit) is int and type(credit) is int and min(debit, credit) == 0 < max(debit, credit)


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to post. `on` is its date; the legal entity is that of its pools, or `entity_id` where there is none.

    With an `idempotency_key` the same draft is posted once, however often it is asked for. `reverses_id` and `reason`
    belong to `reverse`. A fee that one gift has to bear names that gift's entry: `source=PAYS_FROM, source_id=…`.
    """

    on: date
    kind: EntryKind
    memo: str
    lines: tuple[LineDraft, ...]
    source: str | None = None
    source_id: int | None = None
    idempotency_key: str | None = None
    entity_id: int | None = None
    reverses_id: int | None = None
    reason: str | None = None

    @property
    def pays_from(self) -> int | None:
        """The entry of the gift whose money goes first."""
        return self.source_id if self.source == PAYS_FROM else None

    @property
    def total_fen(self) -> int:
        return sum(line.debit_fen for line in self.lines)

    def check(self) -> None:
        """Raises EmptyEntry, BadAmount, Unbalanced, NoMemo: all that is wrong without a look at the books."""
        if not self.lines:
            raise EmptyEntry
        if not all(line.is_one_sided for line in self.lines):
            raise BadAmount
        if (credit := sum(line.credit_fen for line in self.lines)) != self.total_fen:
            raise Unbalanced(self.total_fen, credit)
        if not self.memo.strip():
            raise NoMemo

    def fingerprint(self) -> str:
        """SHA-256 of the content, the key aside: two drafts with the same one are the same entry."""
        lines = [(one.account, one.debit_fen, one.credit_fen, one.pool_id, one.memo) for one in self.lines]
        head = (self.on.isoformat(), str(self.kind), self.memo, self.source, self.source_id, self.entity_id)
        return hashlib.sha256(repr((head, self.reverses_id, self.reason, lines)).encode()).hexdigest()
