"""Member units of the alliance: every organisation here, and others that give rooms, money or hands."""

import random
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.demo.names import PLACES
from portal.orgs.alliance import EARLIEST, Belonging, join_alliance, leave_alliance
from portal.orgs.details import Details, PublicText
from portal.orgs.models import Kind, Organisation, Standing
from portal.orgs.registering import register
from portal.people.models import Person

UNITS = 12
"""Of the small demo."""
KINDS = (
    (Kind.COMMUNITY, "邻里互助会", "邻里议事、互帮互助。"),
    (Kind.COMPANY, "示例商贸有限公司", "每年提供一批爱心物资。"),
    (Kind.ASSOCIATION, "健康促进会", "进社区义诊和讲座。"),
    (Kind.SERVICE, "为老服务中心", "助餐、探访、康复陪伴。"),
    (Kind.CHAMBER, "商会", "组织会员单位捐资助学。"),
)
COMMITMENTS = (None, "每年捐赠一万元", "提供活动场地", "每季度组织一次志愿服务")
GONE = 40
"""One of so many has left again."""
CALLED = timedelta(days=30)
"""How long ago the newest unit joined."""


def add_member_units(chance: random.Random, *, count: int, by: Person) -> None:
    """Let all organisations belong to the alliance, and as many others as are missing."""
    organisations = list(db.session.scalars(select(Organisation).order_by(Organisation.id)))
    others = [_registered(number, by=by) for number in range(count - len(organisations))]
    for number, organisation in enumerate((*organisations, *others), 1):
        joined_on = _day(chance, organisation)
        belonging = Belonging(joined_on, commitment=chance.choice(COMMITMENTS))
        unit = join_alliance(organisation, belonging, by=by, at=clock.now())
        if number % GONE == 0:
            leave_alliance(unit, on=clock.today() - timedelta(days=9), by=by, at=clock.now())


def _registered(number: int, *, by: Person) -> Organisation:
    kind, name, about = KINDS[number % len(KINDS)]
    is_filed = kind is Kind.COMMUNITY
    details = Details(
        name=f"{PLACES[number % len(PLACES)]}{name}{number // len(PLACES) + 1}（演示）",
        kind=kind,
        standing=Standing.FILED if is_filed else Standing.REGISTERED,
        filing_no=f"演示备案-{number:03d}" if is_filed else None,
        slug=f"unit-{number:03d}",
    )
    # Their credit codes are still to be asked for: invented ones could be somebody's.
    return register(details, PublicText(about=about), is_complete=False, by=by, at=clock.now())


def _day(chance: random.Random, organisation: Organisation) -> date:
    earliest = max(EARLIEST, organisation.created_at.date() - timedelta(days=3_000))
    return earliest + timedelta(days=chance.randint(0, (clock.today() - CALLED - earliest).days))
