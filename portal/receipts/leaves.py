"""What confirmations say in the public log: one leaf when issued, one when declared void, one when succeeded.

A summary is a leaf too; what it lists stands there as a hash of their numbers.

The donor's name, the gift's words and the handlers' names stand there as commitments, a salt each.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from portal.funds.models import Fund, Gift
from portal.ledger.models import Entry
from portal.log import Body, canonical, leaf
from portal.log.existing import missing
from portal.log.leaves import among, moment
from portal.log.models import Leaf
from portal.receipts.models import Receipt
from portal.receipts.summary_models import Summary, SummaryMember

ISSUED, VOIDED, SUCCEEDED, SUMMARY = "receipt", "void", "successor", "summary"
_Successor = aliased(Receipt)

_RECEIPTS = (
    select(
        *(Receipt.id, Receipt.number, Receipt.fund_full_name, Receipt.authorised_by, Receipt.issued_on),
        *(Receipt.received_on, Receipt.fen, Receipt.method, Receipt.state_receipt, Receipt.donor_name),
        *(Receipt.intention, Receipt.memo, Receipt.handler_name, Receipt.checker_name),
        *(Fund.slug, Entry.entity_id, Entry.number_year, Entry.number.label("entry")),
    )
    .join(Fund, Fund.id == Receipt.fund_id)
    .join(Gift, Gift.id == Receipt.gift_id)
    .join(Entry, Entry.id == Gift.entry_id)
    .order_by(Receipt.id)
)


@leaf(ISSUED)
def issued(session: Session, ids: Sequence[int]) -> Iterator[Body]:
    """`books` and `entry` are the legal entity, year and number of the gift's entry; amounts in 分."""
    for row in session.execute(_RECEIPTS.where(among(Receipt.id, ids))):
        yield Body(row.id, _public(row), _private(row))


@leaf(VOIDED)
def voided(session: Session, ids: Sequence[int]) -> Iterator[Body]:
    wanted = select(Receipt.id, Receipt.number, Receipt.void_reason, Receipt.voided_at).where(
        among(Receipt.id, ids), Receipt.voided_at.is_not(None)
    )
    for id, number, reason, at in session.execute(wanted.order_by(Receipt.id)):
        yield Body(id, {"number": number, "reason": reason, "at": at and moment(at)}, {})


@leaf(SUCCEEDED)
def succeeded(session: Session, ids: Sequence[int]) -> Iterator[Body]:
    wanted = select(Receipt.id, Receipt.number, _Successor.number.label("successor"))
    both = wanted.join(_Successor, _Successor.id == Receipt.successor_id).where(among(Receipt.id, ids))
    for id, number, successor in session.execute(both.order_by(Receipt.id)):
        yield Body(id, {"number": number, "successor": successor}, {})


@missing(ISSUED)
def issued_without_leaf(session: Session) -> Iterator[int]:
    return _without_leaf(session, ISSUED, select(Receipt.id))


@missing(VOIDED)
def voided_without_leaf(session: Session) -> Iterator[int]:
    return _without_leaf(session, VOIDED, select(Receipt.id).where(Receipt.voided_at.is_not(None)))


@missing(SUCCEEDED)
def succeeded_without_leaf(session: Session) -> Iterator[int]:
    return _without_leaf(session, SUCCEEDED, select(Receipt.id).where(Receipt.successor_id.is_not(None)))


@leaf(SUMMARY)
def summaries(session: Session, ids: Sequence[int]) -> Iterator[Body]:
    """`members` is the SHA-256 of the canonical JSON of their numbers, in the order of the sheet."""
    listed: dict[int, list[str]] = {}
    members = select(SummaryMember.summary_id, SummaryMember.number).where(SummaryMember.summary_id.in_(ids))
    for summary_id, number in session.execute(members.order_by(SummaryMember.summary_id, SummaryMember.position)):
        listed.setdefault(summary_id, []).append(number)
    wanted = select(Summary, Fund.slug).join(Fund, Fund.id == Summary.fund_id).where(among(Summary.id, ids))
    for summary, slug in session.execute(wanted.order_by(Summary.id)):
        yield Body(summary.id, _of_summary(summary, slug, listed[summary.id]), {"title": summary.title})


@missing(SUMMARY)
def summary_without_leaf(session: Session) -> Iterator[int]:
    has_leaf = exists().where(Leaf.kind == SUMMARY, Leaf.ref == Summary.id)
    yield from session.scalars(select(Summary.id).where(~has_leaf).order_by(Summary.id))


def _of_summary(summary: Summary, slug: str, members: list[str]) -> dict[str, Any]:
    return {
        "number": summary.number,
        "fund": slug,
        "fund_name": summary.fund_full_name,
        "authorised_by": summary.authorised_by,
        "issued_on": summary.issued_on.isoformat(),
        "from": summary.starts_on.isoformat(),
        "to": summary.ends_on.isoformat(),
        "about": summary.kind,
        "count": summary.count,
        "fen": summary.fen,
        "members": hashlib.sha256(canonical.dumps(members)).hexdigest(),
    }


def _without_leaf(session: Session, kind: str, receipts: Select[int]) -> Iterator[int]:
    has_leaf = exists().where(Leaf.kind == kind, Leaf.ref == Receipt.id)
    yield from session.scalars(receipts.where(~has_leaf).order_by(Receipt.id))


def _public(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "fund": row.slug,
        "fund_name": row.fund_full_name,
        "authorised_by": row.authorised_by,
        "issued_on": row.issued_on.isoformat(),
        "received_on": row.received_on.isoformat(),
        "fen": row.fen,
        "method": row.method,
        "state_receipt": row.state_receipt,
        "books": row.entity_id,
        "entry": [row.number_year, row.entry],
    }


def _private(row: Any) -> dict[str, Any]:
    return {
        "donor": row.donor_name,
        "words": [row.intention, row.memo],
        "people": [row.handler_name, row.checker_name],
    }
