"""Two hands on one list take turns; what the database still refuses is told in a sentence."""

import pytest
from flask import Flask

from portal.db import db
from portal.lists import actions
from portal.lists.models import DonationImport
from portal.problems import ChangedMeanwhile
from tests.conftest import new_client
from tests.giving import Giving
from tests.importing import AT, BAD, THREE, brought, check, handed, rows_of
from tests.volunteers import at_once

NAMES = ("memo", "order_no", "intention", "public_name", "method", "default_date")
COLUMNS = dict.fromkeys(NAMES, "") | {
    "amount": "金额(元)", "received_on": "到账日期", "donor_name": "捐赠人", "default_method": "bank"
}  # fmt: skip


@pytest.mark.parametrize("other", ["take-back", "columns"])
def test_a_hand_over_and_a_change_at_the_same_moment_take_turns(app: Flask, giving: Giving, other: str) -> None:
    """A bad row that is taken back or read again stands in the way of the hand-over, or comes too late."""
    imported = brought(giving, *THREE, BAD[0])
    actions.leave_rows_out(imported, [5], by=giving.cashier, at=AT)
    db.session.commit()
    address = f"/imports/{imported.id}"
    data = {"take-back": {"row": "5"}, "columns": COLUMNS}[other]
    first, second, third = (new_client(app).sign_in(giving.cashier) for _ in range(3))
    calls = [
        lambda: first.post(f"{address}/hand-over"),
        lambda: second.post(f"{address}/{other}", data=data),
        lambda: third.post(f"{address}/{other}", data=data),
    ]
    answers = at_once(app, calls, at=AT)
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert any(answer.status_code == 303 for answer in answers)
    db.session.rollback()
    db.session.refresh(imported)
    assert imported.in_the_way == (imported.status == "preview")
    check()


def test_an_action_sees_the_list_as_it_is_and_not_as_it_was_loaded(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    stale = db.session.get_one(DonationImport, imported.id)
    with db.session.no_autoflush:
        stale.__dict__["status"] = "preview"
        with pytest.raises(ChangedMeanwhile, match="已经移交给会计"):
            actions.leave_rows_out(stale, [2], by=giving.cashier, at=AT)


def test_what_a_guard_refuses_is_a_sentence(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = handed(giving, *THREE)
    monkeypatch.setattr(actions, "_require", lambda *_: None)
    with pytest.raises(ChangedMeanwhile, match="刚才被别人改动过"):
        actions.leave_rows_out(imported, [2], by=giving.cashier, at=AT)
    db.session.rollback()
    assert not rows_of(imported)[0].is_left_out
