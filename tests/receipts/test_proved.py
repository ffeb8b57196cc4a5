"""A confirmation as its donor gets it: with a proof, signed, whoever has it can check it; as a picture as well."""

from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.db import db
from portal.documents import keyfile
from portal.documents.client import _renderer
from portal.log.models import Key, Leaf, Secret
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from portal.receipts.pages import Unproven, document_of
from portal.settings import current_settings
from portal.verifying import report
from portal.verifying.known import Known
from portal.verifying.report import Report
from tests.applications import Client
from tests.giving import Giving
from tests.pages import words


@pytest.fixture(autouse=True, scope="module")
def closed() -> object:
    """One rendering process for this module."""
    yield None
    _renderer.close()


def verified(pdf: bytes) -> Report:
    """What an outsider finds who knows the published keys."""
    file = current_settings().sign_key
    certificates = keyfile.certificates(file) if file and file.exists() else []
    vkeys = list(db.session.scalars(select(Key.vkey)))
    return report.check(pdf, Known([(one, "") for one in certificates], [(vkey, "") for vkey in vkeys]))


def fetched(client: Client, receipt: Receipt, what: str = "pdf") -> bytes:
    client.post(f"/receipts/{receipt.number}", data={"code": code_of(receipt)})
    answer = client.get(f"/receipts/{receipt.number}/{what}")
    assert answer.status_code == 200, words(answer)
    return bytes(answer.data)


def test_a_donor_gets_a_sheet_that_proves_itself(client: Client, receipt: Receipt) -> None:
    found = verified(fetched(client, receipt))
    assert found.off == []
    assert found.says["编号"] == receipt.number
    assert found.says["捐赠人"] == "王建国"
    assert found.is_demo


def test_a_void_sheet_proves_its_issue_and_says_void(client: Client, giving: Giving, receipt: Receipt) -> None:
    giving.void(receipt)
    found = verified(fetched(client, receipt))
    assert found.off == []
    assert "纸面写明：这张单已经作废。" in found.proven


def test_a_donor_nobody_knows_is_proved_as_nobody(client: Client, giving: Giving) -> None:
    anonymous = giving.gift("周予安", 30_00, is_anonymous=True)
    assert verified(fetched(client, anonymous)).off == []


def test_rare_names_are_the_same_on_paper_and_in_the_log(client: Client, giving: Giving) -> None:
    rare = giving.gift("𠮷安·王㛃·买买提", 30_00, memo="<b>R&D</b> /ByteRange [0 1 2 3]")
    found = verified(fetched(client, rare))
    assert found.off == []
    assert found.says["捐赠人"] == "𠮷安·王㛃·买买提"


def test_what_was_forgotten_is_no_longer_opened_and_the_proof_holds(client: Client, receipt: Receipt) -> None:
    place = db.session.scalar(select(Leaf.idx).where(Leaf.kind == "receipt", Leaf.ref == receipt.id))
    secret = db.session.get_one(Secret, (place, "donor"))
    secret.salt = None
    db.session.commit()
    found = verified(fetched(client, receipt))
    assert found.off == []
    assert any("盐已经删掉" in one for one in found.unproven)


def guards_off() -> None:
    """Until the rollback, the database lets anybody change confirmations."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE receipts_receipt DISABLE TRIGGER USER"))
        return
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'receipts_receipt'"
    for name in db.session.scalars(text(triggers)).all():
        db.session.execute(text(f'DROP TRIGGER "{name}"'))


def test_a_row_that_was_rewritten_is_not_drawn(app: Flask, receipt: Receipt) -> None:
    """Whoever changed the amount in the database gets no paper that says so."""
    receipt_id = receipt.id
    db.session.expunge_all()
    guards_off()
    db.session.execute(text("UPDATE receipts_receipt SET fen = fen * 10 WHERE id = :id"), {"id": receipt_id})
    changed = db.session.get_one(Receipt, receipt_id)
    with pytest.raises(Unproven, match="对不上"):
        document_of(changed, base_url="http://portal.test")
    db.session.rollback()


def test_a_picture_is_for_those_who_may_see_the_sheet(client: Client, receipt: Receipt) -> None:
    closed = client.get(f"/receipts/{receipt.number}/picture")
    assert (closed.status_code, closed.headers["Location"]) == (303, f"/receipts/{receipt.number}")
    assert fetched(client, receipt, "picture").startswith(b"\x89PNG")
    shown = client.get(f"/receipts/{receipt.number}")
    assert f"/receipts/{receipt.number}/picture" in shown.text


def test_the_page_from_disk_brings_the_portals_keys(app: Flask, client: Client, receipt: Receipt) -> None:
    answer = client.get("/verify/offline")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert len(answer.data) < 30_000
    assert db.session.scalars(select(Key.vkey)).one() in answer.text
    file = current_settings().sign_key
    assert file is not None
    assert all(keyfile.name_of(one) in answer.text for one in keyfile.certificates(file))
    assert "default-src 'none'" in unescape(answer.text)
    assert not any(
        word in answer.text for word in ("fetch(", "XMLHttpRequest", 'http-equiv="refresh"', "<link", "src=")
    )


def test_production_without_a_key_says_nothing_of_a_signature(
    app: Flask, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "portal_settings", replace(current_settings(), env="production", sign_key=None))
    document = document_of(receipt, base_url="http://portal.test")
    assert document.enclosed is not None
    assert document.enclosed.key == ""
    pdf = document.pdf()
    assert b"/ByteRange" not in pdf
    assert "签名" not in "".join(verified(pdf).says)
    assert verified(pdf).off == ["文件没有签名：纸面上的字没有人担保。"]
