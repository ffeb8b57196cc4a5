from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, literal, select, true, union_all
from sqlalchemy.orm import aliased

from portal.activities.models import OPEN_TO_CHANGE, Activity
from portal.activities.queries import IS_ON_THE_WAY
from portal.db import db
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending, told
from portal.hours.tallies import HoursTally
from portal.lists.models import DonationImport, ImportStatus
from portal.orgs.models import Organisation, Team
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


def numbers_since(day: date) -> Numbers:
    """One statement. Minutes are counted by the day of service, whole months from the one of `day` on."""
    row = db.session.execute(
        select(
            select(PeopleTally.volunteers).scalar_subquery(),
            select(func.count()).select_from(Organisation).scalar_subquery(),
            select(func.count()).select_from(Team).scalar_subquery(),
            select(func.sum(HoursTally.minutes)).where(HoursTally.month >= f"{day:%Y-%m}").scalar_subquery(),
        )
    ).one()
    return Numbers(row[0], row[1], row[2], int(row[3] or 0))


def latest_events(count: int) -> list[Event]:
    """The newest gifts and payments of all funds, the newest first, of each kind at most `count`: one statement."""
    gift = literal("gift").label("kind"), Gift.fund_id, Gift.booked_at.label("at"), Gift.public_name, Gift.fen
    spent = literal("spending"), Spending.fund_id, Spending.recorded_at, told(Spending.purpose), Spending.fen
    # Chosen before their funds are looked up: joined first, every gift there ever was would be sorted.
    newest = union_all(
        select(*gift).order_by(Gift.id.desc()).limit(count).subquery().select(),
        select(*spent).order_by(Spending.id.desc()).limit(count).subquery().select(),
    ).subquery()
    shown = select(newest.c.kind, newest.c.at, Fund.slug, Fund.name, newest.c.public_name, newest.c.fen)
    rows = shown.join(Fund, Fund.id == newest.c.fund_id).order_by(newest.c.at.desc(), newest.c.kind)
    return [Event(*row) for row in db.session.execute(rows)]


class ListCounts(NamedTuple):
    """Lists of gifts that wait for this person: to confirm (not her own); her own that are unfinished, or were returned
    and that she has brought nothing for since."""

    to_confirm: int
    returned: int
    preview: int


def imports_by_status(person: Person) -> ListCounts:
    """One statement."""
    books, own = scopes_of(person, Role.ACCOUNTANT, kind="fund"), DonationImport.uploaded_by_id == person.id
    in_her_funds = true() if books is None else DonationImport.fund_id.in_(books)
    handed_by_others = DonationImport.handed_by_id.is_distinct_from(person.id)
    newer = aliased(DonationImport)
    brought_since = select(newer.id).where(
        newer.uploaded_by_id == person.id, newer.fund_id == DonationImport.fund_id, newer.id > DonationImport.id
    )
    counted = (
        func.count().filter(DonationImport.status == ImportStatus.WAITING, in_her_funds, ~own, handed_by_others),
        func.count().filter(DonationImport.status == ImportStatus.RETURNED, own, ~brought_since.exists()),
        func.count().filter(DonationImport.status == ImportStatus.PREVIEW, own),
    )
    return ListCounts(*db.session.execute(select(*counted).select_from(DonationImport)).one())


def drafts_of(person: Person) -> list[Activity]:
    """The activities that the person drafted and that are not handed in, the nearest first."""
    own = select(Activity).where(
        IS_ON_THE_WAY, Activity.drafted_by_id == person.id, Activity.status.in_(OPEN_TO_CHANGE)
    )
    return list(db.session.scalars(own.order_by(Activity.starts_at, Activity.id).limit(5)))
