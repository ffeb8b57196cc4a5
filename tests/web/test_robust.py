"""What no person types: each has one right answer, and none of them is a 500."""

from typing import Any

import pytest
from flask import Flask

from portal.clock import now
from portal.people.actions import add_person
from portal.people.models import Person
from portal.settings import Settings
from portal.web.addresses import visitors_network
from portal.web.pages import page
from tests.applications import Client, application
from tests.engines import Engine


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize("address", ["/activities", "/funds", "/funds/919/donations"])
def test_a_day_at_the_end_of_the_calendar_is_no_day(client: Client, address: str, day: str) -> None:
    for name in ("from", "to"):
        assert client.get(f"{address}?{name}={day}").status_code in (200, 404)


@pytest.mark.parametrize(
    "address", ["/funds/%00", "/funds/a%00b", "/verify/%00", "/receipts/%00", "/funds/" + "a" * 101]
)
def test_what_no_database_takes_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_origin_that_is_no_address_is_another_site(app: Flask) -> None:
    other = app.test_client()
    other.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    assert other.post("/preferences", headers={"Origin": "http://[::bad"}).status_code == 403


def test_a_page_that_is_no_address_still_leads_to_the_login(client: Client) -> None:
    answer = client.get("/me", headers={"HX-Request": "true", "HX-Current-URL": "http://[::bad"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/me")


def test_an_unknown_host_gets_a_plain_answer(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["portal.example"]
    try:
        answer = app.test_client().get("/", headers={"Host": "evil.example"})
    finally:
        app.config["TRUSTED_HOSTS"] = None
    assert answer.status_code == 400
    assert answer.text


@pytest.fixture
def xiaoman(session: object) -> Person:
    return add_person("周小满", login="xiaoman", password="lan-hua-kai-le", by=None, at=now())


def sign_in(client: Client, password: str, address: str, **headers: str) -> int:
    data = {"login": "xiaoman", "password": password}
    return client.post("/login", data=data, headers=headers, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.mark.usefixtures("xiaoman")
def test_a_stranger_who_guesses_elsewhere_locks_nobody_out(client: Client) -> None:
    for _ in range(12):
        sign_in(client, "guess-guess", "192.0.2.7")
    assert sign_in(client, "lan-hua-kai-le", "192.0.2.8") == 303


@pytest.mark.usefixtures("xiaoman")
def test_a_household_with_more_addresses_than_there_are_guesses_gets_no_more_guesses(client: Client) -> None:
    for number in range(10):
        sign_in(client, "guess-guess", f"2001:db8:1:2:{number}::{number}")
    assert sign_in(client, "lan-hua-kai-le", "2001:db8:1:2:ffff::1") == 422
    assert sign_in(client, "lan-hua-kai-le", "2001:db8:1:3::1") == 303, "the neighbours are somebody else"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_tries_are_counted_by_network(app: Flask, address: str, network: str) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert visitors_network() == network


@pytest.mark.usefixtures("xiaoman")
@pytest.mark.parametrize(("proxies", "status"), [("0", 422), ("1", 303)])
def test_a_visitors_address_is_believed_only_from_known_proxies(
    engine: Engine, app: Flask, proxies: str, status: int
) -> None:
    settings: Settings = app.extensions["portal_settings"]
    client = application(engine, settings.instance, PORTAL_PROXIES=proxies).test_client()
    assert isinstance(client, Client)
    for _ in range(12):
        sign_in(client, "guess-guess", "127.0.0.1", **{"X-Forwarded-For": "192.0.2.7"})
    assert sign_in(client, "lan-hua-kai-le", "127.0.0.1", **{"X-Forwarded-For": "192.0.2.8"}) == status


def test_parameters_of_a_failed_statement_stay_out_of_logs(app: Flask) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from portal.db import db

    with app.app_context(), pytest.raises(DBAPIError) as failure:
        db.session.execute(text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": "秘密"})
    assert "秘密" not in str(failure.value)


def test_a_word_that_comes_out_as_status_is_a_fault_and_not_an_answer(app: Flask) -> None:
    told: dict[str, Any] = {"status": "active"}
    with app.test_request_context(), pytest.raises(TypeError):
        page("errors/404.html", **told)
