"""Every page of every role: valid markup, the policy, no word of the machine's."""

from collections.abc import Callable

import pytest

from tests.applications import Client
from tests.pages import check_markup
from tests.site.access_table import ROLES, TABLE

PAGES = [route for route in TABLE if route.startswith("GET ") and "<path:" not in route and "json" not in route]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("route", PAGES)
def test_every_page_is_valid_for_whoever_may_open_it(
    browser_of: Callable[[str], Client], examples: dict[str, str], route: str, language: str
) -> None:
    address = route.removeprefix("GET ")
    for variable, value in examples.items():
        address = address.replace(variable, value)
    for role, letter in zip(ROLES, TABLE[route], strict=True):
        client = browser_of(role)
        client.set_cookie("lang", language, domain="portal.test")
        answer = client.get(address)
        if answer.mimetype == "text/html" and letter != "r" and letter != "l":
            check_markup(answer.text)
            assert "None" not in answer.text, role
            assert answer.headers["Content-Security-Policy"].startswith("default-src")
