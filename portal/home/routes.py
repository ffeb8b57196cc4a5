"""The public's first page, and a person's own."""

from flask import Blueprint, Response

from portal import clock
from portal.accounts.required import days_left
from portal.accounts.session import me, my_account
from portal.activities.queries import upcoming_public
from portal.funds.months import books_of
from portal.funds.queries import all_funds
from portal.home.desk import desk_of
from portal.home.queries import latest_events, numbers_since
from portal.web.access import kept
from portal.web.pages import page

bp = Blueprint("home", __name__)
own = Blueprint("me", __name__)

EVENTS_A_KIND = 2
ACTIVITIES = 3


@bp.get("/")
@kept()
def index() -> Response:
    funds, today = all_funds(), clock.today()
    return page(
        "home/index.html",
        funds=funds,
        books=books_of(funds, since=today.year),
        today=today,
        numbers=numbers_since(today.replace(day=1)),
        events=latest_events(EVENTS_A_KIND),
        activities=upcoming_public(clock.now(), ACTIVITIES),
        demo=any(fund.is_demo for fund in funds),
    )


@own.get("/me", endpoint="index")
def desk() -> Response:
    now = clock.now()
    return page("home/me.html", desk=desk_of(me(), at=now), days_left=days_left(me(), my_account(), at=now))
