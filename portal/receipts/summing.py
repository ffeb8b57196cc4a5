"""Putting confirmations together on one sheet, which takes the place of none of them and is no state receipt."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import log
from portal.actor import Actor
from portal.audit import record
from portal.clock import in_china
from portal.db import db
from portal.log import canonical
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts import numbers
from portal.receipts.leaves import SUMMARY
from portal.receipts.models import Receipt
from portal.receipts.summary_models import Scope, Summary, SummaryMember
from portal.words import _l

MOST_MEMBERS = 500
NAMED = 3
NAMELESS = "匿名（爱心人士）"


@dataclass(frozen=True)
class Sheet:
    """What a summary says above its lines, all of it made of the confirmations themselves."""

    kind: Scope
    title: str
    starts_on: date
    ends_on: date


def put_together(
    chosen: Sequence[Receipt],
    *,
    by: Actor | None,
    at: datetime,
    for_company: bool = False,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Summary:
    """Issue a numbered summary; the same once more gives the first one. `by` is None for a donor without an account.

    Whose confirmations may be chosen is the caller's to ask. Raises DomainError (none, too many, of two funds, days
    outside), ChangedMeanwhile (one is void).
    """
    lines = sorted(set(chosen), key=lambda one: (one.received_on, one.id))
    _require(lines)
    sheet = _sheet(lines, for_company=for_company, starts_on=starts_on, ends_on=ends_on)
    print_of = _fingerprint(sheet, lines)
    if earlier := _known(print_of):
        return earlier
    try:
        with db.session.begin_nested():
            summary = _issue(sheet, lines, print_of, by=by, at=at)
    except IntegrityError:
        # Somebody asked for the same at the same moment; or one became void since.
        if earlier := _known(print_of):
            return earlier
        raise ChangedMeanwhile(_l("刚才有确认单变了，请重新选一遍。")) from None
    log.note(SUMMARY, [summary.id])
    about = {"number": summary.number, "count": summary.count, "fen": summary.fen}
    record("receipts.summary.issued", summary, by=by, at=at, **about)
    return summary


def name_on(receipt: Receipt) -> str:
    """The donor as paper names her."""
    return NAMELESS if receipt.state_receipt == "anonymous" else receipt.donor_name or NAMELESS


def _require(lines: Sequence[Receipt]) -> None:
    if not lines:
        raise DomainError(_l("请先勾选要汇总的确认单。"), field="receipt")
    if len(lines) > MOST_MEMBERS:
        raise DomainError(_l("一张汇总单最多列 %(most)d 张，请分几段时间做。", most=MOST_MEMBERS), field="receipt")
    if len({one.fund_id for one in lines}) > 1:
        raise DomainError(_l("一张汇总单只汇总一个基金的确认单。"), field="receipt")
    for one in lines:
        if one.voided_at is not None:
            raise ChangedMeanwhile(_l("%(number)s 已经作废，请去掉它再汇总。", number=one.number))


def _sheet(lines: Sequence[Receipt], *, for_company: bool, starts_on: date | None, ends_on: date | None) -> Sheet:
    """One name over a whole year is a year's; several names are a household's."""
    days = [one.received_on for one in lines]
    starts_on, ends_on = starts_on or days[0], ends_on or days[-1]
    if days[0] < starts_on or days[-1] > ends_on or starts_on > ends_on:
        raise DomainError(_l("勾选的确认单里，有不在这段日子里到账的。"), field="receipt")
    names = list(dict.fromkeys(name_on(one) for one in lines))
    is_year = (starts_on.month, starts_on.day, ends_on.month, ends_on.day) == (1, 1, 12, 31)
    kind = Scope.YEAR if is_year and starts_on.year == ends_on.year else Scope.PERIOD
    if len(names) > 1:
        kind = Scope.HOUSEHOLD
    if for_company:
        kind = Scope.COMPANY
    return Sheet(kind, _title(names), starts_on, ends_on)


def _title(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return "、".join(names)
    return f"{'、'.join(names[:NAMED])}等 {len(names)} 人"


def _fingerprint(sheet: Sheet, lines: Sequence[Receipt]) -> str:
    days = [sheet.starts_on.isoformat(), sheet.ends_on.isoformat()]
    said = [sheet.kind.value, *days, *(one.number for one in lines)]
    return hashlib.sha256(canonical.dumps(said)).hexdigest()


def _known(fingerprint: str) -> Summary | None:
    return db.session.scalar(select(Summary).where(Summary.fingerprint == fingerprint))


def _issue(sheet: Sheet, lines: Sequence[Receipt], fingerprint: str, *, by: Actor | None, at: datetime) -> Summary:
    fund, issued_on = lines[0].fund, in_china(at).date()
    number = numbers.take_summary(fund.slug, issued_on.year)
    summary = Summary(
        fund_id=fund.id,
        year=number.year,
        serial=number.serial,
        number=str(number),
        kind=sheet.kind.value,
        title=sheet.title,
        starts_on=sheet.starts_on,
        ends_on=sheet.ends_on,
        count=len(lines),
        fen=sum(one.fen for one in lines),
        fund_full_name=fund.full_name,
        authorised_by=fund.entity.name,
        issued_on=issued_on,
        issued_at=at,
        issued_by_id=by.id if by else None,
        fingerprint=fingerprint,
    )
    db.session.add(summary)
    db.session.flush()
    db.session.add_all(_member(summary, place, one) for place, one in enumerate(lines, 1))
    db.session.flush()
    return summary


def _member(summary: Summary, position: int, receipt: Receipt) -> SummaryMember:
    return SummaryMember(
        summary_id=summary.id,
        position=position,
        receipt_id=receipt.id,
        number=receipt.number,
        donor_name=receipt.donor_name,
        received_on=receipt.received_on,
        fen=receipt.fen,
    )
