import pytest
from flask import Flask

from tests.applications import Client


@pytest.mark.parametrize("address", ["/", "/login", "/funds", "/no-such-page", "/static/css/portal.css"])
def test_every_answer_carries_the_policy(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_site_is_refused(app: Flask, headers: dict[str, str]) -> None:
    other = app.test_client()
    other.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    answer = other.post("/preferences", data={"mode": "elder"}, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_an_old_browser_shows_its_origin(app: Flask) -> None:
    other = app.test_client()
    other.environ_base.pop("HTTP_SEC_FETCH_SITE", None)
    answer = other.post(
        "/preferences", data={"mode": "elder"}, headers={"Origin": "http://portal.test"}, base_url="http://portal.test"
    )
    assert answer.status_code == 303


def test_a_form_without_its_token_is_offered_again_with_what_was_typed(strict_client: Client) -> None:
    answer = strict_client.post("/login", data={"login": "王小丫", "password": "not-to-be-repeated"})
    assert answer.status_code == 400
    assert "王小丫" in answer.text
    assert "not-to-be-repeated" not in answer.text


def test_private_pages_are_not_kept_by_anyone(client: Client) -> None:
    assert client.get("/login").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/", "/funds", "/activities", "/verify"])
def test_public_pages_set_no_cookie_and_hold_no_token(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "csrf_token" not in answer.text


def test_static_files_are_kept_for_a_year_under_their_fingerprint(client: Client) -> None:
    page = client.get("/login").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "immutable" in client.get(address).headers["Cache-Control"]
