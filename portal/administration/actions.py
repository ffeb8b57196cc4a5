"""The first day: a token, a draft, and then all of it in one transaction, once."""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portal import series
from portal.administration.models import SetUp
from portal.administration.plans import Administrator, FundPlan, Plan, require_login
from portal.administration.queries import digest_of
from portal.audit import record
from portal.clock import in_china
from portal.db import db, dialect
from portal.funds.actions import add_fund
from portal.ledger.actions import open_books, open_entity
from portal.ledger.models import LegalEntity
from portal.people.actions import add_person, grant, series_of_volunteers
from portal.people.models import Person, Role
from portal.people.names import strange_in
from portal.problems import AlreadyDone, DomainError
from portal.receipts.numbers import series_of
from portal.words import _l

TOKEN_LASTS = timedelta(hours=24)
GROUP = 5


class AlreadySetUp(AlreadyDone):
    """The first day is over."""

    def __init__(self) -> None:
        super().__init__(_l("门户已经设立好了，这件事只做一次。请直接登录。"))


class WrongToken(DomainError):
    """Not the token, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            _l("口令不对，或者已经过了 24 小时。请在服务器上运行 portal set-up-token 要一个新的。"), field="token"
        )


def new_token(*, at: datetime) -> str:
    """A token of 128 bits that opens the pages for a day, in groups; the one before counts no more.

    Raises AlreadySetUp.
    """
    row = _row()
    plain = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    row.token_digest, row.token_until = digest_of(plain), at + TOKEN_LASTS
    db.session.flush()
    record("administration.set_up.token_made", row, by=None, at=at)
    return "-".join(plain[start : start + GROUP] for start in range(0, len(plain), GROUP))


def keep_draft(change: Callable[[Plan], Plan]) -> None:
    """Change the draft as it is now. Raises AlreadySetUp and whatever `change` raises."""
    row = _row()
    row.draft = change(Plan.of(row.draft)).draft()
    db.session.flush()


def found_portal(administrator: Administrator, plan: Plan | None = None, *, at: datetime) -> Person:
    """All of the first day: the administrator, the books, host charities, funds, numbers. `plan` is else the draft.

    Of two at the same moment one waits for the other, and is told. Raises AlreadySetUp, DomainError.
    """
    row = _row()
    plan = (plan or Plan.of(row.draft)).checked(today=in_china(at).date())
    person = _add_administrator(administrator, at=at)
    _add_funds(plan, by=person, at=at)
    if plan.last_volunteer:
        series.go_on_after(series_of_volunteers(at.year), plan.last_volunteer)
    row.alliance_name, row.draft = plan.alliance_name, {}
    row.token_digest = row.token_until = None
    row.done_at, row.done_by_id = at, person.id
    db.session.flush()
    record("administration.set_up.done", row, by=person, at=at, name=plan.alliance_name)
    return person


def _row() -> SetUp:
    """The single row, made if need be, and held until this transaction ends. Raises AlreadySetUp.

    Whoever finishes the first day, or fills an empty portal otherwise, has people in it afterwards.
    """
    if db.session.scalar(select(SetUp.id)) is None:
        # Somebody else may make it at the same moment.
        insert: Any = sqlite.insert if dialect() == "sqlite" else postgresql.insert
        db.session.execute(insert(SetUp).values(id=1, draft={}).on_conflict_do_nothing())
    held = select(SetUp).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(held).one()
    if row.done_at is not None or db.session.scalar(select(Person.id).limit(1)) is not None:
        raise AlreadySetUp
    return row


def _add_administrator(administrator: Administrator, *, at: datetime) -> Person:
    name, login = administrator.name.strip(), administrator.login
    if not name:
        raise DomainError(_l("请填写姓名。"), field="name")
    if sentence := strange_in(name):
        raise DomainError(sentence, field="name")
    require_login(login)
    # Hashed while the row is held: nobody is there yet who would have to wait.
    person = add_person(name, login=login, password=administrator.password, by=None, at=at)
    grant(person, Role.ADMIN, by=None, at=at, reason="门户设立")
    return person


def _add_funds(plan: Plan, *, by: Person, at: datetime) -> None:
    open_books()
    hosts: dict[str, LegalEntity] = {}
    for fund in plan.funds:
        if fund.credit_code not in hosts:
            code = fund.credit_code
            hosts[code] = open_entity(fund.host_name, fund.host_short_name, credit_code=code, by=by, at=at)
        _add_fund(fund, hosts[fund.credit_code], by=by, at=at)


def _add_fund(fund: FundPlan, host: LegalEntity, *, by: Person, at: datetime) -> None:
    add_fund(
        fund.slug,
        fund.name,
        entity=host,
        purpose=fund.purpose,
        founded_year=fund.founded_year,
        council_size=fund.council_size,
        by=by,
        at=at,
    )
    if fund.last_receipt:
        series.go_on_after(series_of(fund.slug, in_china(at).year), fund.last_receipt)
