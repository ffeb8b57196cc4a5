from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from portal import series
from portal.actor import Actor
from portal.audit import record
from portal.clock import in_china
from portal.db import db, rows
from portal.ledger import credit_codes
from portal.ledger.accounts import CHART, parent_code
from portal.ledger.drafts import CannotReverse, EntryDraft, LineDraft, SelfChecked, UnknownAccount
from portal.ledger.models import Account, Entry, EntryKind, LegalEntity, Pool
from portal.ledger.writing import Fresh, Posted, write
from portal.problems import AlreadyDone, DomainError
from portal.words import _l

TURN = "ledger:entry"
"""The series of entry ids. Whoever posts locks it first, so postings never wait for each other in a circle."""

KEYS_A_QUERY = 1_000

_OF_KEYS = select(Entry.idempotency_key, Entry.fingerprint, Entry.id, Entry.number, Entry.number_year).where(
    Entry.idempotency_key.in_(bindparam("keys", expanding=True))
)


class _Earlier(NamedTuple):
    """What an idempotency key was used for before."""

    fingerprint: str | None
    posted: Posted


# ── the chart, entities, pools ──────────────────────────────────────────────────────────────────────
def open_books() -> int:
    """Add the accounts of the chart that are not there yet; gives how many."""
    there = set(db.session.scalars(select(Account.code)))
    missing = [Account(**line._asdict()) for line in CHART if line.code not in there]
    db.session.add_all(missing)
    db.session.flush()
    return len(missing)


def open_account(code: str, name: str, *, by: Actor | None, at: datetime) -> Account:
    """Add a sub-account such as `1002 01`, of its parent's kind. Raises UnknownAccount, AlreadyDone."""
    parent = db.session.scalar(select(Account).where(Account.code == parent_code(code)))
    if parent is None:
        raise UnknownAccount(parent_code(code) or code)
    _require_free(Account, Account.code, code)
    account = Account(code=code, name=name, kind=parent.kind, normal_side=parent.normal_side)
    db.session.add(account)
    db.session.flush()
    record("ledger.account.opened", account, by=by, at=at, code=code, name=name)
    return account


def open_entity(
    name: str, short_name: str, *, by: Actor | None, at: datetime, credit_code: str | None = None
) -> LegalEntity:
    """Add a legal person whose books are kept here. Raises AlreadyDone, DomainError (a credit code that is none)."""
    _require_free(LegalEntity, LegalEntity.name, name)
    if credit_code is not None:
        credit_code = credit_codes.read(credit_code)
        _require_free(LegalEntity, LegalEntity.credit_code, credit_code)
    entity = LegalEntity(name=name, short_name=short_name, credit_code=credit_code)
    db.session.add(entity)
    db.session.flush()
    record("ledger.entity.opened", entity, by=by, at=at, name=name, credit_code=credit_code)
    return entity


def open_pool(
    entity: LegalEntity,
    code: str,
    name: str,
    *,
    is_restricted: bool,
    by: Actor | None,
    at: datetime,
    may_go_below_zero: bool = False,
) -> Pool:
    """Add an empty pool; what it is restricted to never changes afterwards. Raises AlreadyDone."""
    _require_free(Pool, Pool.code, code)
    pool = Pool(
        entity_id=entity.id,
        code=code,
        name=name,
        is_restricted=is_restricted,
        may_go_below_zero=may_go_below_zero,
    )
    db.session.add(pool)
    db.session.flush()
    record("ledger.pool.opened", pool, by=by, at=at, code=code, name=name, is_restricted=is_restricted)
    return pool


def _require_free(model: Any, column: Any, value: str) -> None:
    if db.session.scalar(select(model.id).where(column == value)) is not None:
        raise AlreadyDone(_l("「%(value)s」已经有了。", value=value), field=column.key)


# ── posting ─────────────────────────────────────────────────────────────────────────────────────────
def post(draft: EntryDraft, *, by: Actor, checked_by: Actor | None, at: datetime) -> Entry:
    """Post one entry; the same idempotency key with the same content gives the first one. Raises as `post_many`."""
    posted = post_many([draft], by=by, checked_by=checked_by, at=at)[0]
    return db.session.get_one(Entry, posted.id)


def post_many(drafts: Sequence[EntryDraft], *, by: Actor, checked_by: Actor | None, at: datetime) -> list[Posted]:
    """Post entries, all or none, an answer for each draft. Pools must not go below zero in the order of the drafts.

    Raises EmptyEntry, BadAmount, Unbalanced, NoMemo, UnknownAccount, UnknownPool, OtherEntity, PoolWouldGoBelowZero,
    SelfChecked, CannotReverse, and AlreadyDone where an idempotency key was used for other content. Locks: the turn of
    all who post, voucher numbers, pools by id; all until the transaction ends.
    """
    if checked_by is not None and checked_by.id == by.id:
        raise SelfChecked
    for draft in drafts:
        draft.check()
    if not drafts:
        return []
    db.session.flush()
    first_id = series.take(TURN, len(drafts))
    # Only now, behind the turn, is every earlier posting of a key to be seen.
    earlier = _posted_before(drafts)
    fresh = list(_fresh(drafts, earlier))
    _require_not_reversed(fresh)
    new = iter(write(fresh, first_id, by=by, checked_by=checked_by, at=at))
    answers = {key: entry.posted for key, entry in earlier.items()}
    return [_answer(draft, answers, new) for draft in drafts]


def reverse(
    entry: Entry,
    *,
    reason: str,
    by: Actor,
    checked_by: Actor | None,
    at: datetime,
    also: Sequence[LineDraft] = (),
) -> Entry:
    """红字冲销: take an entry back, once, with debit and credit exchanged. `reason` is public.

    Where its money was spent meanwhile, `also` books the cover or the receivable in the same entry.
    Raises CannotReverse, PoolWouldGoBelowZero and whatever `post_many` raises.
    """
    if not reason.strip():
        raise DomainError(_l("请写明冲销原因，原因会公开。"), field="reason")
    if entry.reverses_id is not None:
        raise CannotReverse(_l("冲销凭证不能再冲销，请另记一张新凭证。"))
    draft = EntryDraft(
        on=in_china(at).date(),
        kind=EntryKind.CLOSING if entry.kind == EntryKind.CLOSING else EntryKind.REVERSAL,
        memo=f"冲销{entry.number_year}年{entry.number}号：{entry.memo}",
        lines=(*_mirrored(entry), *also),
        source=entry.source,
        source_id=entry.source_id,
        entity_id=entry.entity_id,
        reverses_id=entry.id,
        reason=reason.strip(),
    )
    reversal = post(draft, by=by, checked_by=checked_by, at=at)
    record("ledger.entry.reversed", reversal, by=by, at=at, reverses=entry.id, reason=draft.reason)
    return reversal


def _mirrored(entry: Entry) -> tuple[LineDraft, ...]:
    return tuple(
        LineDraft(line.account.code, line.credit_fen, line.debit_fen, line.pool_id, line.memo) for line in entry.lines
    )


def _posted_before(drafts: Sequence[EntryDraft]) -> dict[str, _Earlier]:
    """Entries that carry one of the drafts' keys already, with their fingerprints."""
    keys = list({draft.idempotency_key for draft in drafts if draft.idempotency_key is not None})
    found = {}
    for start in range(0, len(keys), KEYS_A_QUERY):
        known = rows(_OF_KEYS, {"keys": keys[start : start + KEYS_A_QUERY]})
        for key, fingerprint, id, number, year in known:
            found[str(key)] = _Earlier(fingerprint, Posted(id, number, year))
    return found


def _fresh(drafts: Sequence[EntryDraft], earlier: Mapping[str, _Earlier]) -> Iterator[Fresh]:
    """The drafts to write: neither posted before nor twice in this run. Raises AlreadyDone."""
    known = {key: entry.fingerprint for key, entry in earlier.items()}
    for draft in drafts:
        key = draft.idempotency_key
        if key is None:
            yield Fresh(draft, None)
            continue
        fingerprint = draft.fingerprint()
        if key not in known:
            known[key] = fingerprint
            yield Fresh(draft, fingerprint)
        elif known[key] != fingerprint:
            raise AlreadyDone(_l("这一笔已经入账，内容与这次不同。"))


def _answer(draft: EntryDraft, answers: dict[str, Posted], new: Iterator[Posted]) -> Posted:
    key = draft.idempotency_key
    if key is None:
        return next(new)
    if key in answers:
        return replace(answers[key], is_new=False)
    answers[key] = next(new)
    return answers[key]


def _require_not_reversed(fresh: Sequence[Fresh]) -> None:
    wanted = [draft.reverses_id for draft, _ in fresh if draft.reverses_id is not None]
    earlier = select(Entry.id).where(Entry.reverses_id.in_(wanted)).limit(1)
    if len(set(wanted)) < len(wanted) or (wanted and db.session.scalar(earlier) is not None):
        raise CannotReverse(_l("这张凭证已经冲销过。"))
