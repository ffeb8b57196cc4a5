from collections.abc import Callable

import pytest

from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.giving import Giving
from tests.scenes import Scenes


@pytest.fixture
def receipt(giving: Giving, scenes: Scenes) -> Receipt:
    """Wang Jianguo's ¥1,409.50, without a public name."""
    return scenes("receipt", lambda: giving.gift("王建国", 140_950, intention="爱心椅", memo="单位代转"))


@pytest.fixture
def show_code(client: Client) -> Callable[[Receipt], str]:
    """Open a receipt in the client's browser, as its donor does; gives its address."""

    def show(receipt: Receipt) -> str:
        address = f"/receipts/{receipt.number}"
        assert client.post(address, data={"code": code_of(receipt)}).status_code == 303
        return address

    return show
