"""An empty portal, and what somebody fills in on its first day."""

from flask import Flask
from werkzeug.test import TestResponse

from portal import clock
from portal.administration.actions import found_portal, new_token
from portal.administration.plans import Administrator, FundPlan, Plan
from portal.db import db
from tests.applications import Client
from tests.volunteers import MONDAY

CODE = "51330481MJ8000001F"
"""An invented charity's, with the right last character."""

PASSWORD = "桂花糕配一壶红茶"
ADMINISTRATOR = Administrator("秦长风", "qin", PASSWORD)
ALLIANCE = {"alliance_name": "海宁市××爱心联盟（测试）", "last_volunteer": "41"}
FUND = {
    "name": "919爱心基金",
    "slug": "919",
    "purpose": "帮困助学。",
    "founded_year": "2013",
    "council_size": "7",
    "host_name": "海宁市××慈善会（测试）",
    "host_short_name": "慈善会",
    "credit_code": CODE,
    "last_receipt": "122",
}
PLANNED = FundPlan(
    name="919爱心基金",
    slug="919",
    purpose="帮困助学。",
    founded_year=2013,
    council_size=7,
    host_name="海宁市××慈善会（测试）",
    host_short_name="慈善会",
    credit_code=CODE,
    last_receipt=122,
)
PLAN = Plan(alliance_name="海宁市××爱心联盟（测试）", last_volunteer=41, funds=(PLANNED,))
STEPS = ("alliance", "funds", "keys", "administrator")
WHO = {"name": "秦长风", "login": "qin", "password": PASSWORD, "again": PASSWORD}


def given_token(app: Flask) -> str:
    """A token as the command prints it."""
    with app.app_context():
        token = new_token(at=clock.now())
        db.session.commit()
    return token


def post(client: Client, address: str, fields: dict[str, str], **changes: str) -> TestResponse:
    with clock.frozen(MONDAY):
        return client.post(address, data=fields | changes)


def filled_in(client: Client, token: str) -> Client:
    """All but the administrator."""
    for address, fields in (("", {"token": token}), ("/alliance", ALLIANCE), ("/funds", FUND)):
        answer = post(client, f"/set-up{address}", fields)
        assert answer.status_code == 303, answer.text
    return client


def founded(app: Flask) -> None:
    with app.app_context():
        found_portal(ADMINISTRATOR, PLAN, at=MONDAY)
        db.session.commit()
