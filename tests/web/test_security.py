import re
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from argon2 import PasswordHasher
from flask import Flask

from portal.clock import now
from portal.people import passwords
from portal.people.actions import add_person
from portal.people.models import ALLIANCE, Role
from tests.applications import Client, application
from tests.conftest import new_client
from tests.engines import Engine
from tests.factories import person


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


@pytest.mark.parametrize(
    ("address", "field"),
    [("/login/code", "recovery"), ("/login/code", "code"), ("/badges/desk", "card"), ("/reset/printed", "code")],
)
def test_what_opens_something_is_never_repeated(strict_client: Client, address: str, field: str) -> None:
    answer = strict_client.post(address, data={field: "not-to-be-repeated", "who": "王小丫"})
    assert (answer.status_code, "王小丫" in answer.text) == (400, True)
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


# ── the table of headers ────────────────────────────────────────────────────────────────────────────
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = {
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-src 'none'",
}
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb")


@pytest.mark.parametrize("address", ["/", "/login", "/me", "/verify/x", "/no-such-page", "/healthz", "/funds/x.csv"])
def test_every_answer_says_what_it_may_do_and_who_may_hold_it(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert set(headers["Content-Security-Policy"].split("; ")) >= DIRECTIVES
    assert all(f"{feature}=()" in headers["Permissions-Policy"] for feature in FEATURES)


@pytest.fixture
def https(engine: Engine, app: Flask, tmp_path: Path) -> Client:
    """A portal whose address begins with https."""
    production = application(engine, tmp_path, PORTAL_BASE_URL="https://portal.example")
    return new_client(production)


def test_under_https_the_cookie_is_the_hosts_own_and_the_browser_stays_there(https: Client) -> None:
    answer = https.get("/login", base_url="https://portal.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if "session" in one] or ["__Host-session"]
    assert cookie.startswith("__Host-session")
    config = https.application.config
    assert config["SESSION_COOKIE_SECURE"] and config["SESSION_COOKIE_HTTPONLY"]
    assert (config["SESSION_COOKIE_PATH"], config["SESSION_COOKIE_DOMAIN"]) == ("/", None)
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_under_http_nothing_claims_https(client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────
def forms(app: Flask) -> list[tuple[str, str]]:
    """Every route that takes a form: its endpoint, and an address with something in its variable parts."""
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [(rule.endpoint, _filled(rule.rule)) for rule in rules]


def _filled(rule: str) -> str:
    """Where one of a few words is wanted, the first of them."""
    return re.sub(r"<(int:)?[^>]+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


@pytest.mark.usefixtures("session")
def test_no_form_works_without_its_token_but_those_of_public_pages(app: Flask, strict_client: Client) -> None:
    client = strict_client.sign_in(person("秦长风", grants=[(Role.ADMIN, ALLIANCE)]))
    taken = set()
    for endpoint, address in forms(app):
        if client.post(address).status_code != 400:
            taken.add(endpoint)
    assert taken == WITHOUT_TOKEN


WITHOUT_TOKEN = {"notices.stop", "preferences.change", "receipts.verify_typed"}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_form_of_any_other_site_works(app: Flask, client: Client, site: str) -> None:
    client.sign_in(person("秦长风", grants=[(Role.ADMIN, ALLIANCE)]))
    # Mail programs end letters by one click, from nowhere: that address holds a signed wish, and nothing else counts.
    for address in (address for endpoint, address in forms(app) if endpoint != "notices.stop"):
        answer = client.post(address, headers={"Sec-Fetch-Site": site})
        assert (address, answer.status_code) == (address, 403)


# ── what no person types ────────────────────────────────────────────────────────────────────────────
HUGE = b"a" * (10 << 20)
STRANGE = [
    *("\x00", "a\x00b", "\u202egpj.exe", "\ud800", "\U0010ffff"),
    *("%00", "\r\nSet-Cookie: a=b", "<script>alert(1)</script>", "' OR 1=1"),
]


@pytest.mark.parametrize("address", ["/login", "/verify", "/receipts", "/preferences"])
def test_ten_megabytes_in_a_field_are_refused_with_a_sentence(client: Client, address: str) -> None:
    form = {"data": b"next=" + HUGE, "content_type": "application/x-www-form-urlencoded"}
    answer = client.post(address, **form)
    assert answer.status_code == 413
    assert "太大了" in answer.text


def test_ten_megabytes_in_a_multipart_field_too(client: Client) -> None:
    data = {"login": HUGE.decode(), "password": "x"}
    answer = client.post("/login", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("address", ["/login", "/verify", "/receipts", "/preferences"])
def test_strange_characters_are_answered_with_a_page(client: Client, address: str, strange: str) -> None:
    sent = strange.encode("utf-8", "surrogatepass")
    names = ("login", "password", "number")
    body = "&".join(f"{name}={quote_from_bytes(sent)}" for name in names)
    answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 303, 422)
    assert "a" not in {cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie")}
    assert "\u202e" not in answer.text and "<script>alert" not in answer.text


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("address", ["/activities", "/funds", "/verify", "/login"])
def test_strange_characters_in_addresses_too(client: Client, address: str, strange: str) -> None:
    asked = quote_from_bytes(strange.encode("utf-8", "surrogatepass"))
    assert client.get(f"{address}?q={asked}&next={asked}&page={asked}&from={asked}").status_code == 200


@pytest.mark.parametrize("number", ["a\r\nSet-Cookie: x=1", "\x00" * 20, "x" * 500, "<script>"])
def test_a_request_number_that_is_none_is_not_repeated(client: Client, number: str) -> None:
    answer = client.get("/login", environ_overrides={"HTTP_X_REQUEST_ID": number})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


OUTSIDE = ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]


@pytest.mark.parametrize("outside", OUTSIDE)
@pytest.mark.usefixtures("session")
def test_no_form_leads_off_the_site(client: Client, outside: str) -> None:
    add_person("周小满", login="xiaoman", password="lan-hua-kai-le", by=None, at=now())
    answer = client.post("/login", data={"login": "xiaoman", "password": "lan-hua-kai-le", "next": outside})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert client.post("/preferences", data={"mode": "elder", "next": outside}).headers["Location"] == "/"


def test_an_unknown_login_takes_the_same_hashing_as_a_wrong_password(
    client: Client, session: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_person("周小满", login="xiaoman", password="lan-hua-kai-le", by=None, at=now())
    hashed: list[str] = []
    hasher = type(passwords._hasher)
    verify = hasher.verify

    def noted(self: PasswordHasher, stored: str, given: str) -> bool:
        hashed.append(stored)
        return verify(self, stored, given)

    monkeypatch.setattr(hasher, "verify", noted)
    answers = [client.post("/login", data={"login": login, "password": "x" * 9}) for login in ("xiaoman", "nobody")]
    assert len(hashed) == 2
    assert len({stored.split("$")[3] for stored in hashed}) == 1
    shown = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(shown) == 1


def test_addresses_of_private_papers_hold_chance_and_not_numbers(app: Flask) -> None:
    """Public addresses name funds, houses, published activities and numbered confirmations; all else asks who it is."""
    public = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "<" in rule.rule and getattr(app.view_functions[rule.endpoint], "is_public", False)
    ]
    assert sorted(public) == [
        "/activities/<int:activity_id>",
        "/books/ledger.<any(beancount, hledger, csv):kind>",
        "/funds/<slug>",
        "/funds/<slug>/donations",
        "/funds/<slug>/donations.<any(csv, json):kind>",
        "/funds/<slug>/spending",
        "/funds/<slug>/spending.<any(csv, json):kind>",
        "/funds/<slug>/spending/<path:voucher>",
        "/funds/<slug>/spending/<path:voucher>/gifts.csv",
        "/log/tile/<level>/<path:place>",
        "/log/tile/entries/<path:place>",
        "/log/trace/<index>",
        "/organisations.<any(csv, json):kind>",
        "/organisations/<slug>",
        "/organisations/<slug>.json",
        "/organisations/logos/<public_id>",
        # The key is 128 bits of chance.
        "/shared/<number>/<key>",
        "/verify/<number>",
    ]
