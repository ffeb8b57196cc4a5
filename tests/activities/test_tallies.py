"""How many activities and volunteers there are, as the database keeps count."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from portal import clock
from portal.activities import public_list
from portal.activities.actions import close_activity, submit_activity
from portal.activities.models import Activity
from portal.activities.public_list import list_public
from portal.activities.tallies import ActivityTally
from portal.db import db
from portal.home.queries import numbers_since
from portal.invariants import run_all
from portal.people.actions import add_person
from portal.people.models import Person
from portal.web.tables import Listing
from tests import factories
from tests.factories import BEGINNING
from tests.scenes import Scenes
from tests.volunteers import MONDAY, SUNDAY, Cast, drafted, published

TODAY = MONDAY.date()


def counts() -> dict[str, int]:
    rows = db.session.execute(select(ActivityTally.status, func.sum(ActivityTally.activities)).group_by("status"))
    return {status: int(count) for status, count in rows if count}


def problems() -> list[str]:
    found = [*run_all(db.session(), prefix="activities.tallies"), *run_all(db.session(), prefix="people.tally")]
    return [problem for result in found for problem in result.problems]


def listed(**asked: object) -> tuple[Listing, list[str]]:
    listing, activities = list_public(Listing(**asked), day=TODAY)  # type: ignore[arg-type]
    return listing, [activity.name for activity in activities]


def test_each_step_of_an_activity_is_counted(cast: Cast) -> None:
    activity = drafted(cast)
    assert counts() == {"draft": 1}
    submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    assert counts() == {"waiting": 1}
    close_activity(published(cast, "另一场"), seen=2, by=cast.leader, at=MONDAY)
    assert counts() == {"waiting": 1, "closed": 1}
    assert problems() == []


def test_moved_and_deleted_activities_are_counted_where_they_are(cast: Cast) -> None:
    drafted(cast)
    drafted(cast, "另一场")
    elsewhere = factories.team("潮乡救援队", of=cast.organisation)
    db.session.execute(update(Activity).values(team_id=elsewhere.id))
    assert problems() == []
    db.session.execute(delete(Activity).where(Activity.name == "另一场"))
    assert (counts(), problems()) == ({"draft": 1}, [])
    db.session.rollback()


def test_volunteers_are_counted_as_they_come_and_change(cast: Cast) -> None:
    before = numbers_since(TODAY).volunteers
    someone = add_person("无号", by=None, at=BEGINNING)
    assert numbers_since(TODAY).volunteers == before
    db.session.execute(update(Person).where(Person.id == someone.id).values(volunteer_no="HN999999"))
    assert (numbers_since(TODAY).volunteers, problems()) == (before + 1, [])
    db.session.execute(update(Person).where(Person.id == someone.id).values(volunteer_no="HN999998", name="有号"))
    assert (numbers_since(TODAY).volunteers, problems()) == (before + 1, [])
    db.session.execute(delete(Person).where(Person.id == someone.id))
    assert (numbers_since(TODAY).volunteers, problems()) == (before, [])
    db.session.rollback()


def test_wrong_tallies_are_named(cast: Cast) -> None:
    drafted(cast)
    db.session.execute(text("UPDATE activities_tally SET activities = 5"))
    db.session.execute(text("UPDATE people_tally SET volunteers = 0"))
    assert len(problems()) == 2
    db.session.rollback()


# ── the public list ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def sixty(cast: Cast, scenes: Scenes) -> list[str]:
    """Thirty activities before today and thirty from today on: their names as the list must show them."""
    return scenes("sixty", lambda: before_and_after(cast))


def before_and_after(cast: Cast) -> list[str]:
    for number in range(30):
        published(cast, f"过去{number:02}", starts_at=SUNDAY - timedelta(days=number))
        published(cast, f"将来{number:02}", starts_at=SUNDAY + timedelta(days=number + 1))
        drafted(cast, f"草稿{number:02}", starts_at=SUNDAY + timedelta(days=number))
    return [*(f"将来{number:02}" for number in range(30)), *(f"过去{number:02}" for number in range(30))]


@pytest.mark.parametrize("q", ["", "来", "来0", "过去", "晨星", "市民"])
@pytest.mark.parametrize("most", [2_000, 3])
def test_every_public_activity_is_on_exactly_one_page(
    sixty: list[str], monkeypatch: pytest.MonkeyPatch, q: str, most: int
) -> None:
    monkeypatch.setattr("portal.search.MOST_CANDIDATES", most)
    monkeypatch.setattr(public_list, "MOST_CANDIDATES", most)
    wanted = [name for name in sixty if q in f"{name}晨星志愿服务队火车站南广场"]
    found = [name for page in range(1, 10) for name in listed(q=q, page=page, per_page=7)[1]]
    pages = -(-len(wanted) // 7)
    assert found[: len(wanted)] == wanted
    assert listed(q=q, per_page=7)[0].pages == max(1, pages)


def test_days_narrow_both_halves(sixty: list[str]) -> None:
    start, end = (SUNDAY - timedelta(days=2)).date(), (SUNDAY + timedelta(days=2)).date()
    listing, names = listed(start=start, end=end)
    assert (listing.total, names) == (5, ["将来00", "将来01", "过去00", "过去01", "过去02"])


@pytest.mark.parametrize("most", [2_000, 3])
def test_a_free_search_counts_no_further_than_it_lists(
    sixty: list[str], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("portal.search.MOST_CANDIDATES", most)
    monkeypatch.setattr(public_list, "MOST_CANDIDATES", most)
    monkeypatch.setattr(public_list, "MOST_COUNTED", 5)
    listing, names = listed(q="来")
    assert (listing.total, listing.is_more, names[:5]) == (5, True, [f"将来{number:02}" for number in range(5)])


def test_today_is_ahead_until_it_is_over(cast: Cast) -> None:
    published(cast, "今天早上", starts_at=MONDAY.replace(hour=1), minutes=60)
    published(cast, "跨夜", starts_at=SUNDAY.replace(hour=20), minutes=300)
    with clock.frozen(MONDAY.replace(hour=23)):
        assert listed()[1] == ["跨夜", "今天早上"]
