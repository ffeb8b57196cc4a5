from datetime import date

import pytest

from portal.funds.actions import GiftDraft
from portal.funds.models import Method
from tests.giving import Giving
from tests.scenes import Scenes


@pytest.fixture
def some(giving: Giving, scenes: Scenes) -> Giving:
    """Sixty gifts on thirty days, every third with a public name, amounts 1.01 to 1.60 yuan; two payments."""
    return scenes("some", lambda: given_and_spent(giving))


def given_and_spent(giving: Giving) -> Giving:
    giving.gifts(
        [
            GiftDraft(
                received_on=date(2026, 9, 1 + n // 2),
                donor_name=f"私名{n:02d}",
                public_name=f"公示{n:02d}" if n % 3 == 0 else None,
                fen=101 + n,
                method=Method.WECHAT if n % 2 else Method.BANK,
                intention="爱心椅" if n % 5 == 0 else "",
                memo=f"私下备注{n}",
            )
            for n in range(60)
        ]
    )
    giving.spend(1_000, "爱心椅 2 把", on=date(2026, 9, 30))
    giving.spend(500, "寻人服务", on=date(2026, 10, 8))
    return giving
