import pytest

from portal.web.access import local_path
from tests.applications import Client


@pytest.mark.parametrize("address", ["/me", "/hours", "/imports", "/teams/any", "/hours/queue"])
def test_what_is_not_open_asks_for_a_login_and_leads_back(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/login?next={address}"


def test_htmx_is_sent_to_the_login_as_a_whole_page(client: Client) -> None:
    answer = client.get("/me", headers={"HX-Request": "true", "HX-Current-URL": "http://portal.test/hours?page=2"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/hours?page%3D2"


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", None, "/a\nb", "me"],
)
def test_no_address_leads_off_the_site(address: str | None) -> None:
    assert local_path(address, "/me") == "/me"


def test_an_address_of_ours_is_kept() -> None:
    assert local_path("/hours?page=2", "/me") == "/hours?page=2"


def test_the_unknown_is_a_page_with_a_way_back(client: Client) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.text
    assert 'href="/"' in answer.text
