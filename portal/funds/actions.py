"""Funds and their gifts. A gift is posted to the ledger in the same transaction, an entry of its own each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from portal import rules
from portal.actor import Actor
from portal.audit import changes, record
from portal.bulk import insert_many
from portal.db import db
from portal.funds.models import Fund, Gift, Method
from portal.ledger import accounts
from portal.ledger.actions import open_books, open_pool, post_many
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import EntryKind, LegalEntity
from portal.ledger.patterns import gift_lines
from portal.problems import AlreadyDone, DomainError
from portal.rules.catalogue import COUNCIL_LEAST
from portal.words import _l

LONGEST_PUBLIC_NAME = 200
LARGEST_COUNCIL = 99

INTO = {
    Method.BANK: accounts.BANK,
    Method.WECHAT: accounts.WECHAT,
    Method.ALIPAY: accounts.ALIPAY,
    Method.CASH: accounts.CASH,
    Method.OTHER: accounts.BANK,
}
"""The account that a gift comes into, by how it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftDraft:
    """A gift before it is booked. `fen` in 分, `donor_name` as recorded, `public_name` only with consent."""

    received_on: date
    donor_name: str
    fen: int
    method: str = Method.BANK
    is_anonymous: bool = False
    public_name: str | None = None
    intention: str = ""
    memo: str = ""
    order_no: str = ""
    import_id: int | None = None
    row_no: int | None = None

    def entry(self, fund: Fund) -> EntryDraft:
        """What goes into the books: where the gift comes from, never who gave it, since the books are open."""
        return EntryDraft(
            on=self.received_on,
            kind=EntryKind.GIFT,
            memo="捐赠到账" if self.import_id is None else f"捐赠到账（第 {self.import_id} 号名单第 {self.row_no} 行）",
            lines=gift_lines(fund.pool, self.fen, into=INTO[Method(self.method)]),
            source=None if self.import_id is None else "lists_import",
            source_id=self.import_id,
            idempotency_key=None if self.import_id is None else f"import:{self.import_id}:{self.row_no}",
        )


_FIELDS = tuple(field.name for field in fields(GiftDraft))


class BookedGift(NamedTuple):
    """A gift in the books, by its id."""

    id: int
    draft: GiftDraft


def add_fund(
    slug: str,
    name: str,
    *,
    entity: LegalEntity,
    purpose: str,
    founded_year: int,
    council_size: int,
    by: Actor | None,
    at: datetime,
    filing_no: str | None = None,
    platform_url: str | None = None,
    is_demo: bool = False,
) -> Fund:
    """A fund at its host charity, with an empty restricted pool. Raises as `require_fund`, AlreadyDone (taken)."""
    require_fund(slug, council_size=council_size, today=at.date())
    open_books()
    fund = Fund(
        slug=slug,
        name=name,
        entity=entity,
        pool=open_pool(entity, slug, name, is_restricted=True, by=by, at=at),
        purpose=purpose,
        founded_year=founded_year,
        council_size=council_size,
        filing_no=filing_no,
        platform_url=platform_url,
        is_demo=is_demo,
        created_at=at,
    )
    db.session.add(fund)
    db.session.flush()
    record("funds.fund.added", fund, by=by, at=at, slug=slug, name=name)
    return fund


def require_fund(slug: str, *, council_size: int, today: date) -> None:
    """Raise DomainError (slug, council_size) for what a fund cannot be."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,30}", slug):
        raise DomainError(_l("基金的网址名只能用字母、数字和短横线。"), field="slug")
    least = rules.value(COUNCIL_LEAST, on=today)
    if not least <= council_size <= LARGEST_COUNCIL or council_size % 2 == 0:
        raise DomainError(_l("管委会人数要是单数，至少 %(least)d 人。", least=least), field="council_size")


def book_gifts(
    fund: Fund, drafts: Sequence[GiftDraft], *, by: Actor, checked_by: Actor, at: datetime
) -> list[BookedGift]:
    """Post an entry for each gift, then write the gifts: all or none, in the order of the drafts.

    Raises AlreadyDone when a row of the same list was booked before, and whatever `ledger.actions.post_many` raises.
    """
    if not drafts:
        return []
    posted = post_many([draft.entry(fund) for draft in drafts], by=by, checked_by=checked_by, at=at)
    if not all(entry.is_new for entry in posted):
        raise AlreadyDone(_l("这份名单里有已经入账的行。"))
    rows = [
        {**_columns(draft), "entry_id": entry.id, "method": str(draft.method)}
        for draft, entry in zip(drafts, posted, strict=True)
    ]
    written = insert_many(Gift, rows, common={"fund_id": fund.id, "booked_at": at}, returning=(Gift.entry_id, Gift.id))
    ids: dict[int, int] = {row.entry_id: row.id for row in written}
    return [BookedGift(ids[entry.id], draft) for draft, entry in zip(drafts, posted, strict=True)]


def _columns(draft: GiftDraft) -> dict[str, Any]:
    """The draft's fields as they are: `asdict` copies deeply, and takes a quarter of a long list's booking for it."""
    return {name: getattr(draft, name) for name in _FIELDS}


def agree_public_name(gift: Gift, name: str, *, by: Actor | None, at: datetime) -> None:
    """Show the gift under a name, as its donor agreed to. `by` is None for a donor without an account.

    Raises DomainError (no name, too long).
    """
    name = name.strip()
    if not name:
        raise DomainError(_l("请填写公示名称。"), field="public_name")
    if len(name) > LONGEST_PUBLIC_NAME:
        raise DomainError(_l("公示名称最多 %(max)d 个字。", max=LONGEST_PUBLIC_NAME), field="public_name")
    told = changes({"public_name": gift.public_name}, {"public_name": name})
    gift.public_name = name
    db.session.flush()
    record("funds.gift.public_name_agreed", gift, by=by, at=at, **told)


def withdraw_public_name(gift: Gift, *, by: Actor | None, at: datetime) -> None:
    """The donor's consent is withdrawn: from now on the gift is shown as 爱心人士's."""
    told = changes({"public_name": gift.public_name}, {"public_name": None})
    gift.public_name = None
    db.session.flush()
    record("funds.gift.public_name_withdrawn", gift, by=by, at=at, **told)
