from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, func, literal, select, true, union_all
from sqlalchemy.orm import aliased

from portal.activities.models import OPEN_TO_CHANGE, Activity
from portal.activities.queries import IS_ON_THE_WAY
from portal.db import made_once, rows
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending, told
from portal.hours.tallies import HoursTally
from portal.lists.models import DonationImport, ImportStatus
from portal.orgs.models import Team
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.people.tallies import PeopleTally


class Numbers(NamedTuple):
    """How many the alliance is, and the minutes of service approved since a month began."""

    volunteers: int
    organisations: int
    teams: int
    minutes: int


class Event(NamedTuple):
    """Something new in the books. `kind` is gift or spending; `words` the public name or purpose, or None."""

    kind: str
    at: datetime
    slug: str
    fund: str
    words: str | None
    fen: int


_NUMBERS = select(
    select(PeopleTally.volunteers).scalar_subquery(),
    # Those that run teams: member units that only lend a hand are no part of the line.
    select(func.count(Team.organisation_id.distinct())).scalar_subquery(),
    select(func.count()).select_from(Team).scalar_subquery(),
    select(func.sum(HoursTally.minutes)).where(HoursTally.month >= bindparam("month")).scalar_subquery(),
)


def numbers_since(day: date) -> Numbers:
    """One statement. Minutes are counted by the day of service, whole months from the one of `day` on."""
    volunteers, organisations, teams, minutes = rows(_NUMBERS, {"month": f"{day:%Y-%m}"}).one()
    return Numbers(volunteers, organisations, teams, int(minutes or 0))


def latest_events(count: int) -> list[Event]:
    """The newest gifts and payments of all funds, the newest first, of each kind at most `count`: one statement."""
    return [Event(*row) for row in rows(_latest_events(), {"count": count}).all()]


@made_once
def _latest_events() -> Select[*tuple[Any, ...]]:
    gift = literal("gift").label("kind"), Gift.fund_id, Gift.booked_at.label("at"), Gift.public_name, Gift.fen
    spent = literal("spending"), Spending.fund_id, Spending.recorded_at, told(Spending.purpose), Spending.fen
    count = bindparam("count", type_=Integer)
    # Chosen before their funds are looked up: joined first, every gift there ever was would be sorted.
    newest = union_all(
        select(*gift).order_by(Gift.id.desc()).limit(count).subquery().select(),
        select(*spent).order_by(Spending.id.desc()).limit(count).subquery().select(),
    ).subquery()
    shown = select(newest.c.kind, newest.c.at, Fund.slug, Fund.name, newest.c.public_name, newest.c.fen)
    return shown.join(Fund, Fund.id == newest.c.fund_id).order_by(newest.c.at.desc(), newest.c.kind)


class ListCounts(NamedTuple):
    """Lists of gifts that wait for this person: to confirm (not her own); her own that are unfinished, or were returned
    and that she has brought nothing for since."""

    to_confirm: int
    returned: int
    preview: int


def imports_by_status(person: Person) -> ListCounts:
    """One statement."""
    books = scopes_of(person, Role.ACCOUNTANT, kind="fund")
    asked = {"person": person.id, "books": list(books or ())}
    return ListCounts(*rows(_list_counts(books is None), asked).one())


@cache
def _list_counts(keeps_all_books: bool) -> Select[int, int, int]:
    """Made once: to name a table a second time costs more than to ask for it."""
    own = DonationImport.uploaded_by_id == bindparam("person")
    in_her_funds = true() if keeps_all_books else DonationImport.fund_id.in_(bindparam("books", expanding=True))
    handed_by_others = DonationImport.handed_by_id.is_distinct_from(bindparam("person"))
    newer = aliased(DonationImport)
    brought_since = select(newer.id).where(
        newer.uploaded_by_id == bindparam("person"),
        newer.fund_id == DonationImport.fund_id,
        newer.id > DonationImport.id,
    )
    counted = (
        func.count().filter(DonationImport.status == ImportStatus.WAITING, in_her_funds, ~own, handed_by_others),
        func.count().filter(DonationImport.status == ImportStatus.RETURNED, own, ~brought_since.exists()),
        func.count().filter(DonationImport.status == ImportStatus.PREVIEW, own),
    )
    return select(*counted).select_from(DonationImport)


class Draft(NamedTuple):
    """An activity that is not handed in."""

    id: int
    name: str
    return_reason: str | None


def drafts_of(person: Person) -> list[Draft]:
    """The activities that the person drafted and that are not handed in, the nearest first."""
    return [Draft(*row) for row in rows(_DRAFTS, {"person": person.id})]


_DRAFTS = (
    select(Activity.id, Activity.name, Activity.return_reason)
    .where(IS_ON_THE_WAY, Activity.drafted_by_id == bindparam("person"), Activity.status.in_(OPEN_TO_CHANGE))
    .order_by(Activity.starts_at, Activity.id)
    .limit(5)
)
