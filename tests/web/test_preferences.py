import pytest

from tests.applications import Client


def test_a_switch_is_remembered_and_leads_back_to_the_page(client: Client) -> None:
    answer = client.post("/preferences", data={"mode": "elder", "next": "/funds?page=2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/funds?page=2")
    assert 'data-mode="elder"' in client.get("/login").text


def test_chinese_is_the_default_and_english_a_switch_away(client: Client) -> None:
    assert '<html lang="zh-CN"' in client.get("/login").text
    client.post("/preferences", data={"lang": "en", "next": "/login"})
    page = client.get("/login").text
    assert '<html lang="en"' in page
    assert "Password" in page


@pytest.mark.parametrize("data", [{"mode": "huge"}, {"lang": "xx"}, {"lang": ""}, {"color": "red"}])
def test_an_unknown_preference_changes_nothing(client: Client, data: dict[str, str]) -> None:
    answer = client.post("/preferences", data=data)
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers


def test_a_switch_does_not_lead_off_the_site(client: Client) -> None:
    answer = client.post("/preferences", data={"mode": "elder", "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"
