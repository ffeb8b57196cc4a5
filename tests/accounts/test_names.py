"""By which names one signs in, and that nobody learns from the time it takes which of them are known."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal import clock
from portal.accounts import proofs
from portal.accounts.queries import who_is_called
from portal.db import db
from portal.people.models import Person
from portal.people.passwords import is_right
from tests.accounts.browsing import START, gives_password, is_in, with_login
from tests.applications import Client
from tests.pages import statements


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman", is_volunteer=True)


@pytest.mark.parametrize("name", ["ｘｉａｏｍａｎ", "\u202ev2026000001\u200b"])
def test_she_signs_in_by_login_or_number(client: Client, somebody: Person, name: str) -> None:
    assert gives_password(client, name).status_code == 303
    assert is_in(client)


def test_however_it_is_typed_it_is_her_name(somebody: Person) -> None:
    for name in ("xiaoman", " XiaoMan ", "ｘｉａｏｍａｎ", "V2026000001", "v2026000001", "Ｖ２０２６０００００１"):
        assert who_is_called(name) is somebody


def test_what_is_only_like_her_name_is_not_hers(somebody: Person) -> None:
    for name in ("V2026000002", "2026000001", "V202600000１2", "xiаoman", "周小满", "%", "x_aoman", ""):
        assert who_is_called(name) is None


def test_a_login_that_looks_like_someone_elses_number_opens_ones_own_account(somebody: Person) -> None:
    rogue = with_login("陆青川", "v2026000001")
    assert who_is_called("V2026000001") is rogue


def test_a_number_without_an_account_opens_nothing(client: Client, somebody: Person) -> None:
    somebody.login = somebody.password_hash = None
    assert gives_password(client, "V2026000001").status_code == 422
    assert gives_password(client, "V2026000001", "").status_code == 422


def test_an_unknown_name_costs_what_a_known_one_does(
    app: Flask, client: Client, somebody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password is verified in every case, and the database is asked the same."""
    verified: list[str | None] = []

    def counting(stored: str | None, password: str) -> bool:
        verified.append(stored)
        return is_right(stored, password)

    def asked(name: str) -> list[str]:
        with clock.frozen(START), statements(app) as sent:
            assert gives_password(client, name, "wrong-wrong").status_code == 422
        return [statement.partition("\n")[0] for statement in sent]

    monkeypatch.setattr(proofs, "is_right", counting)
    names = ("xiaoman", "nobody", "V2026000001", "V2099000001", "13800138000", "nobody@example.org")
    first, *others = [asked(name) for name in names]
    assert len(verified) == len(names)
    assert all(other == first for other in others)
    assert verified.count(None) == 4


def test_a_closed_account_costs_the_same_too(client: Client, somebody: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(stored: str | None, _password: str) -> bool:
        asked.append(stored)
        return False

    asked: list[str | None] = []
    monkeypatch.setattr(proofs, "is_right", refusing)
    somebody.is_open = False
    gives_password(client)
    assert asked == [None]


@pytest.mark.parametrize("change", [lambda person: setattr(person, "is_open", False),
                                    lambda person: setattr(person, "password_hash", "$argon2id$other")])  # fmt: skip
def test_whose_password_or_account_changes_during_the_hashing_is_not_let_in(
    app: Flask, client: Client, somebody: Person, monkeypatch: pytest.MonkeyPatch, change: Callable[[Person], None]
) -> None:
    def meanwhile(stored: str | None, password: str) -> bool:
        change(db.session.get_one(Person, number))
        db.session.commit()
        return is_right(stored, password)

    number = somebody.id
    monkeypatch.setattr(proofs, "is_right", meanwhile)
    assert gives_password(client).status_code == 422
    assert not is_in(client)
