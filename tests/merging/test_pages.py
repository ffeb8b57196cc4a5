"""A community worker finds one person's two entries, compares them, merges them and takes it back."""

from datetime import date

from portal.db import db
from portal.hours.queries import hours_summary
from portal.identity import Gender
from portal.merging.models import Merge
from portal.people.models import ALLIANCE, Person, Role
from portal.profiles.actions import open_file
from portal.profiles.details import Details
from portal.profiles.models import Status
from tests import factories
from tests.applications import Client
from tests.pages import is_valid, words
from tests.volunteers import MONDAY, Cast, claimed, published

REASON = {"reason": "本人当面确认"}


def aide() -> Person:
    return factories.person("夏立春", grants=[(Role.WORKER, ALLIANCE)])


def test_she_compares_merges_and_takes_it_back(cast: Cast, client: Client) -> None:
    twin = factories.person("林一禾", teams=[cast.team])
    claimed(twin, published(cast), minutes=90)
    client.sign_in(aide())
    typed = {"twin": twin.volunteer_no, "into": f" {str(cast.member.volunteer_no).lower()} "}
    page = client.post("/people/duplicates/choose", data=typed, follow_redirects=True)
    is_valid(page)
    assert "1 小时 30 分" in words(page) and "合并会怎样" in words(page)
    merged = client.post(f"/people/duplicates/{twin.id}/into/{cast.member.id}", data=REASON, follow_redirects=True)
    assert "并进了" in words(merged)
    is_valid(merged)
    assert hours_summary(db.session.get_one(Person, cast.member.id)).waiting == 90
    number = db.session.query(Merge).one().id
    parted = client.post(f"/people/duplicates/merges/{number}/undo", data=REASON, follow_redirects=True)
    assert "撤销于" in words(parted)
    is_valid(client.get("/people/duplicates"))


def test_what_stands_against_it_is_said_and_no_button_is_there(cast: Cast, client: Client) -> None:
    for person, gender in ((cast.member, Gender.FEMALE), (cast.other, Gender.MALE)):
        open_file(person, Details(gender=gender), status=Status.ACTIVE, by=person, at=MONDAY)
    client.sign_in(aide())
    address = f"/people/duplicates/{cast.member.id}/into/{cast.other.id}"
    page = client.get(address)
    assert "性别不同" in words(page) and "合并会怎样" not in words(page)
    refused = client.post(address, data=REASON)
    assert refused.status_code == 422 and "性别不同" in words(refused)
    assert db.session.query(Merge).count() == 0


def test_who_types_nonsense_is_told_beside_the_field(cast: Cast, client: Client) -> None:
    client.sign_in(aide())
    answer = client.post("/people/duplicates/choose", data={"twin": "V1'; --", "into": "\x00" * 9})
    assert answer.status_code == 422
    answer = client.post("/people/duplicates/choose", data={"twin": "V2026999999", "into": cast.member.volunteer_no})
    assert answer.status_code == 422 and "没有这个编号" in words(answer) and "V2026999999" in answer.text


def test_two_told_apart_are_suggested_no_more(cast: Cast, client: Client) -> None:
    pair = [factories.person("周小寒") for _ in range(2)]
    for one in pair:
        open_file(one, Details(Gender.FEMALE, date(1949, 12, 31), area="双桥"), status=Status.ACTIVE, by=one, at=MONDAY)
    assert "同名、同年出生" in words(client.sign_in(aide()).get("/people/duplicates"))
    address = f"/people/duplicates/{pair[1].id}/apart-from/{pair[0].id}"
    said = words(client.post(address, follow_redirects=True))
    assert "以后不再提示" in said and "同名、同年出生" not in said


def test_a_password_typed_long_ago_is_asked_for_again(cast: Cast, client: Client) -> None:
    client.sign_in(aide(), fresh=False)
    address = f"/people/duplicates/{cast.member.id}/into/{cast.other.id}"
    assert "confirm" in client.get(address).location
    assert "confirm" in client.post(address, data=REASON).location
    assert db.session.query(Merge).count() == 0
