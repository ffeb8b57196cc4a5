"""A donor proves what is hers, and is forgotten in time; proofs stay, names go."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import CHINA
from portal.db import db
from portal.log.models import Leaf, Secret
from portal.log.proofs import check_opening, check_proof, proof_of
from portal.log.queries import signed_head
from portal.log.verifying import leaves_wrong
from portal.mydata.retention import duties
from portal.receipts.codes import code_of, share_key_of
from portal.receipts.donors import agree_to_public_name, keep_receipt, withdraw_from_public
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.privacy import StillKept, forget_donor
from portal.receipts.queries import checked
from portal.receipts.summing import put_together
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import DAY, Giving
from tests.importing import booked, refused, run, without
from tests.pages import is_valid, words

Show = Callable[[Receipt], str]
LATER = datetime(2056, 11, 21, 9, tzinfo=CHINA)
"""Thirty years and a day after the gift."""


# ── proving ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("is_anonymous", [False, True])
def test_a_donor_shows_with_her_salt_that_a_leaf_is_hers(giving: Giving, is_anonymous: bool) -> None:
    receipt = giving.gift("王建国", 140_950, memo="给孩子们", is_anonymous=is_anonymous)
    proof, head = proof_of("receipt", receipt.id), signed_head()
    assert proof is not None
    assert head is not None
    says = check_proof(proof.tlog_proof(), proof.leaf, head.vkey).says
    assert "王建国" not in proof.leaf.decode()
    assert check_opening(says, "donor", proof.openings["donor"])
    assert not check_opening(says, "donor", {**proof.openings["donor"], "value": "李秀英"})


def test_the_page_and_the_file_are_for_the_holder_alone(
    app: Flask, client: Client, giving: Giving, receipt: Receipt, show_code: Show
) -> None:
    address = show_code(receipt)
    page = client.get(f"{address}/proof")
    assert is_valid(page)
    proof = proof_of("receipt", receipt.id)
    assert proof is not None
    assert proof.openings["donor"]["salt"] in page.text
    file = client.get(f"{address}/proof.txt")
    assert proof.tlog_proof() in file.text
    assert file.headers["Content-Disposition"].startswith("attachment")
    for stranger in (new_client(app), new_client(app).sign_in(giving.cashier)):
        for door in ("proof", "proof.txt", "share"):
            assert stranger.get(f"{address}/{door}").status_code == 403


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────
def test_before_its_time_nothing_is_forgotten(giving: Giving) -> None:
    receipt = giving.gift(on=date(2026, 11, 22))
    with pytest.raises(StillKept, match="2056-11-22"):
        forget_donor(receipt, by=None, at=LATER)
    assert receipt.donor_name == "王建国"


def test_who_is_forgotten_is_nowhere_and_the_proofs_stay(giving: Giving) -> None:
    donor = person("路人甲")
    old = giving.gift("王建国", memo="给小明", public_name="老王", intention="爱心椅")
    new = giving.reissued(old, memo="给小红", donor_name="王建國")
    other = giving.gift("李秀英")
    keep_receipt(new, by=donor, at=LATER)
    summary = put_together([new, other], by=None, at=LATER)
    db.session.commit()
    proof, head = proof_of("receipt", new.id), signed_head()
    assert proof is not None
    assert head is not None
    forget_donor(new, by=None, at=LATER)
    db.session.commit()
    for receipt in (old, new):
        assert (receipt.donor_name, receipt.memo, receipt.intention) == ("", "", "爱心椅")
    gift = new.gift
    assert (gift.donor_name, gift.memo, gift.public_name) == ("", "", None)
    assert [one.donor_name for one in summary.members] == ["", "李秀英"]
    assert summary.title == ""
    assert db.session.get(KeptReceipt, (donor.id, new.id)) is None
    assert list(leaves_wrong()) == []
    now = proof_of("receipt", new.id)
    assert now is not None
    assert (now.leaf, set(now.openings)) == (proof.leaf, {"people"})
    assert check_proof(proof.tlog_proof(), proof.leaf, head.vkey).index == now.index
    assert check_opening(check_proof(now.tlog_proof(), now.leaf, head.vkey).says, "donor", proof.openings["donor"])
    assert checked(new.number).state == "genuine"
    tables = ("funds_gift", "receipts_receipt", "receipts_change", "receipts_summary_member")
    dump = str([run_all(table) for table in tables])
    assert "王建" not in dump
    assert "小明" not in dump


def run_all(table: str) -> list[object]:
    return list(db.session.connection().exec_driver_sql(f"SELECT * FROM {table}"))


def test_the_daily_sweep_forgets_who_is_due_and_nobody_else(giving: Giving) -> None:
    due, kept = giving.gift("王建国", on=DAY), giving.gift("李秀英", on=date(2026, 11, 22))
    (duty,) = [one for one in duties() if one.kind == "donors"]
    assert [duty.work(LATER), duty.work(LATER)] == [1, 0]
    db.session.commit()
    assert (due.donor_name, kept.donor_name) == ("", "李秀英")


def test_the_row_of_the_list_goes_too(giving: Giving) -> None:
    imported = booked(giving, "2026-11-03,王建国,10.00,,")
    receipt = db.session.scalars(select(Receipt)).one()
    assert receipt.gift.import_id == imported.id
    row = f"SELECT donor_name FROM lists_row WHERE import_id = {receipt.gift.import_id}"
    assert db.session.connection().exec_driver_sql(row).scalar_one() == "王建国"
    forget_donor(receipt, by=None, at=LATER)
    db.session.commit()
    assert db.session.connection().exec_driver_sql(row).scalar_one() == ""


# ── the database ────────────────────────────────────────────────────────────────────────────────────
SALTS = "UPDATE log_secret SET salt = NULL WHERE field IN ('donor', 'words')"
HARM = {
    "receipts_receipt_forgotten": "UPDATE receipts_receipt SET donor_name = ''",
    "funds_gift_forgotten": "UPDATE funds_gift SET donor_name = ''",
}


@pytest.mark.parametrize("guard", HARM)
def test_a_name_goes_behind_its_salt_and_never_changes(giving: Giving, guard: str) -> None:
    giving.gift()
    with refused(guard):
        run(HARM[guard])
    with refused(guard):
        run(SALTS)
        run("UPDATE receipts_receipt SET donor_name = ''")
        run(HARM[guard].replace("''", "'别人'"))
    with without(guard):
        assert run(HARM[guard]) == 1


def test_in_order_it_is_allowed(giving: Giving) -> None:
    giving.gift()
    run(SALTS)
    assert [run(HARM[guard]) for guard in HARM] == [1, 1]
    db.session.rollback()


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_withdrawn_name_is_gone_at_the_next_view_from_pages_data_and_search(
    app: Flask, giving: Giving, receipt: Receipt, show_code: Show, client: Client
) -> None:
    agree_to_public_name(receipt, "海宁王女士", by=None, at=LATER)
    db.session.commit()
    public, address = new_client(app), "/funds/919/donations"
    pages = [address, f"{address}.csv", f"{address}.json", f"{address}?q=海宁王女士", "/funds/919"]
    assert all("海宁王女士" in public.get(one).text.replace('value="海宁王女士"', "") for one in pages[:4])
    withdraw_from_public(receipt, by=None, at=LATER)
    db.session.commit()
    for one in pages:
        assert "海宁王女士" not in public.get(one).text.replace('value="海宁王女士"', "")
    assert "海宁王女士" not in client.get(f"{show_code(receipt)}/share").text
    assert db.session.scalar(select(Leaf.idx).where(Leaf.kind == "receipt")) is not None
    assert db.session.scalar(select(Secret.salt).where(Secret.field == "donor")) is not None


# ── sharing ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_shared_link_shows_a_masked_donor_and_opens_nothing(
    app: Flask, client: Client, receipt: Receipt, show_code: Show
) -> None:
    page = client.get(f"{show_code(receipt)}/share")
    assert is_valid(page)
    (address,) = re.findall(r'href="http://portal.test(/shared/[^"]+)"', page.text)
    shown = new_client(app).get(address)
    assert is_valid(shown)
    text = words(shown)
    assert "王*" in text
    assert "¥1,409.50" in text
    assert not [secret for secret in ("王建国", "单位代转", "沈知秋", "罗予安") if secret in shown.text]
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shown.headers["Cache-Control"] == "no-store"
    assert new_client(app).get(f"/receipts/{receipt.number}/pdf").status_code == 303


def test_no_other_key_opens_the_masked_view(client: Client, giving: Giving, receipt: Receipt) -> None:
    other = giving.gift("李秀英")
    for key in (share_key_of(other), code_of(receipt), code_of(receipt).lower(), "x", "%00", "a" * 500):
        assert client.get(f"/shared/{receipt.number}/{key}").status_code == 404
    assert client.post(f"/receipts/{receipt.number}", data={"code": share_key_of(receipt)}).status_code == 422
