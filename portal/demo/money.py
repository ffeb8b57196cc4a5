"""Three funds, their gifts by list from the cashier to the accountant, and what was spent."""

import csv
import random
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.demo.expenses import Hands, add_expenses
from portal.demo.names import COMPANIES, people
from portal.funds.actions import add_fund
from portal.funds.models import Fund, Method
from portal.funds.spending import Payment, record_spending
from portal.ledger.actions import open_books, open_entity
from portal.lists.actions import hand_over, import_list
from portal.lists.models import DonationImport
from portal.money import yuan
from portal.people.models import Person
from portal.receipts.booking import confirm_and_book
from portal.receipts.donors import keep_receipt
from portal.receipts.models import Receipt

HOST = ("海宁市××慈善会（演示）", "××慈善会（演示）")
FUNDS = (
    ("919", "919爱心基金", "帮困助学、寻找走失老人、守护社区里最需要的人。", 2013),
    ("gongyi", "公益公积金", "支持社会组织和志愿服务队的日常运转。", 2015),
    ("shequ", "社区发展基金", "把社区的公共空间一处一处建起来。", 2018),
)
HEADERS = ("序号", "到账日期", "捐赠人", "捐赠金额（元）", "捐赠意向", "公示名称", "备注")
INTENTIONS = ("", "", "", "寻人回家", "爱心课堂", "爱心椅")
AMOUNTS = (1, 919, 2000, 5000, 5200, 9190, 10000, 10000, 20000, 50000, 91900, 100000)
PURPOSES = (
    ("定位手环 60 只", 420_000),
    ("夜间搜寻车辆油费", 315_000),
    ("困难家庭慰问金", 1_200_000),
    ("爱心课堂绘本与文具", 186_050),
    ("独居老人探访慰问品", 264_800),
    ("志愿者人身意外保险", 350_000),
    ("爱心椅 2 把（含安装）", 560_000),
    ("防溺水救生圈 20 只", 98_000),
)
MONTHS = 10
ONE_APPROVAL = 500_000
"""Up to here one of the council agrees (spending.approval_fen); the cast has one."""


def add_funds(*, at: datetime) -> list[Fund]:
    """The three funds at one host charity. None may be given to in public here: no filing number is set."""
    open_books()
    entity = open_entity(*HOST, by=None, at=at)
    return [
        add_fund(
            slug,
            name,
            entity=entity,
            purpose=purpose,
            founded_year=year,
            council_size=7,
            is_demo=True,
            by=None,
            at=at,
        )
        for slug, name, purpose, year in FUNDS
    ]


def add_money(
    chance: random.Random, funds: list[Fund], cast: dict[str, Person], *, ahead: Callable[[date], None]
) -> None:
    """A list a month and fund, booked by two people; some spending; the newest list still waits for the accountant.

    `ahead` is called with the day of each month's lists, for what happened before them.
    """
    donors = [cast["donor"].name, *people(60, chance=chance)]
    with tempfile.TemporaryDirectory() as folder:
        for months_ago in reversed(range(MONTHS)):
            day = _day(months_ago)
            ahead(day)
            for fund in funds:
                imported = _bring(chance, fund, donors, day, Path(folder), by=cast["cashier"])
                with clock.frozen(_noon(day)):
                    confirm_and_book(imported, by=cast["accountant"], at=clock.now())
                _spend(chance, fund, day, cast, step_by_step=months_ago == 0)
        ahead(clock.today())
        add_expenses(funds[0], cast, at=_noon(clock.today() - timedelta(days=1)))
        _bring(chance, funds[0], donors, clock.today() - timedelta(days=1), Path(folder), by=cast["cashier"])
    _keep_receipts(cast["donor"])


def _keep_receipts(donor: Person) -> None:
    """The donor of the cast has put the confirmations of her gifts together."""
    hers = select(Receipt).where(Receipt.donor_name == donor.name).order_by(Receipt.id.desc()).limit(6)
    for receipt in db.session.scalars(hers):
        keep_receipt(receipt, by=donor, at=clock.now())


def _day(months_ago: int) -> date:
    return clock.today() - timedelta(days=30 * months_ago + 2)


def _noon(day: date) -> datetime:
    return clock.in_china(datetime(day.year, day.month, day.day, 12))


def _bring(
    chance: random.Random, fund: Fund, donors: list[str], day: date, folder: Path, *, by: Person
) -> DonationImport:
    """The cashier reads a bank's list and hands it over."""
    file = folder / f"{fund.slug}-{day:%Y%m}.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        table = csv.writer(target)
        table.writerow(HEADERS)
        table.writerows(_row(chance, number, day, donors) for number in range(1, chance.randint(14, 28)))
    with clock.frozen(min(_noon(day), clock.now())):
        imported = import_list(file, fund, method=Method.BANK, by=by, at=clock.now())
        hand_over(imported, by=by, at=clock.now())
    db.session.commit()
    return imported


def _row(chance: random.Random, number: int, day: date, donors: list[str]) -> tuple[str, ...]:
    is_company = chance.random() < 0.12
    donor = chance.choice(COMPANIES) if is_company else chance.choice(donors)
    fen = chance.choice(AMOUNTS) * (50 if is_company else 1)
    public_name = donor if is_company or chance.random() < 0.3 else ""
    received = day - timedelta(days=chance.randint(0, 6))
    return (str(number), received.isoformat(), donor, yuan(fen), chance.choice(INTENTIONS), public_name, "")


def _spend(
    chance: random.Random, fund: Fund, day: date, cast: dict[str, Person], *, step_by_step: bool = False
) -> None:
    """What the fund can afford of one or two purposes, asked for by one person and approved by another.

    `step_by_step`: entered, approved, paid and posted here; older ones were on paper.
    """
    for place, (purpose, fen) in enumerate(chance.sample(PURPOSES, k=2), start=1):
        if fen > fund.pool.balance_fen // 2:
            continue
        voucher_no = f"{day:%m%d}-{place:02d}"
        if step_by_step and fen < ONE_APPROVAL:
            Hands(cast, _noon(day)).paid(fund, purpose, fen, voucher_no)
            continue
        payment = Payment(
            paid_on=day,
            purpose=purpose,
            fen=fen,
            voucher_no=voucher_no,
            handler=cast["worker"],
            approver=cast["council"],
        )
        record_spending(fund, payment, by=cast["cashier"], checked_by=cast["accountant"], at=_noon(day))
    db.session.commit()
