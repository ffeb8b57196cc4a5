"""A year's confirmations in one ZIP file: all of them, each as it is now, drawn once however often one begins anew."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Self
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.db import db
from portal.documents.client import DocumentUnavailable
from portal.funds.actions import GiftDraft
from portal.receipts import year
from portal.receipts.models import Receipt
from portal.receipts.year import Rendered, announce, render_year
from tests.giving import DAY, Giving, opened

AT = datetime.combine(DAY, time(18), CHINA)


class Pen:
    """Stands in for the rendering processes: draws at once, keeps count, and breaks down when told to."""

    def __init__(self) -> None:
        self.drawn_numbers: list[str] = []
        self.breaks_at: int | None = None

    def __call__(self, processes: int) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def drawn(self, template: str, wanted: Iterable[Any]) -> Iterator[tuple[Any, bytes]]:
        for context, subject, _ in wanted:
            assert not db.session.registry().in_transaction()
            if len(self.drawn_numbers) == self.breaks_at:
                raise DocumentUnavailable
            self.drawn_numbers.append(context["number"])
            said = {name: value for name, value in context.items() if name != "proof"}
            yield subject, f"%PDF {said}".encode()


@pytest.fixture
def pen(monkeypatch: pytest.MonkeyPatch) -> Pen:
    pen = Pen()
    monkeypatch.setattr(year, "Pool", pen)
    monkeypatch.setattr(year, "BATCH", 3)
    return pen


@pytest.fixture
def seven(giving: Giving) -> list[Receipt]:
    """Seven gifts, of ¥1.01, ¥2.02 and so on."""
    return giving.gifts([GiftDraft(received_on=DAY, donor_name=f"捐{n}", fen=101 * n) for n in range(1, 8)])


def render(giving: Giving, target: Path, *, of: int = 2026) -> Rendered:
    fund_id = giving.fund.id
    db.session.commit()
    return render_year(fund_id, of, target, base_url="http://portal.test", processes=2, progress=lambda _: None)


def manifest(target: Path) -> list[list[str]]:
    with ZipFile(target) as file:
        return list(csv.reader(io.StringIO(file.read("manifest.csv").decode())))


def test_it_holds_every_confirmation_and_a_list_of_them(giving: Giving, tmp_path: Path) -> None:
    giving.gift("王建国", 140_950)
    rare = giving.gift("𠮷安·王㛃·买买提", 5)
    giving.void(rare, "金额录入有误", at=AT)
    target = tmp_path / "year.zip"
    assert render(giving, target) == Rendered(confirmations=2, void=1, drawn=2)
    with ZipFile(target) as file:
        assert file.testzip() is None
        assert file.namelist() == ["919-2026-000001.pdf", "919-2026-000002.pdf", "manifest.csv"]
        bodies = [file.read(name) for name in file.namelist()[:2]]
    assert manifest(target) == [
        ["number", "amount", "state", "sha256"],
        ["919-2026-000001", "1409.50", "valid", hashlib.sha256(bodies[0]).hexdigest()],
        ["919-2026-000002", "0.05", "void", hashlib.sha256(bodies[1]).hexdigest()],
    ]
    valid, declared_void = ("".join(PdfReader(io.BytesIO(body)).pages[0].extract_text().split()) for body in bodies)
    assert "王建国" in valid
    assert "作废。原因" not in valid
    assert "𠮷安·王㛃·买买提" in declared_void
    assert "本单已于2026年11月20日作废。原因：金额录入有误。" in declared_void


def test_a_year_without_confirmations_is_an_empty_list(giving: Giving, tmp_path: Path) -> None:
    target = tmp_path / "year.zip"
    assert render(giving, target) == Rendered(0, 0, 0)
    assert manifest(target) == [["number", "amount", "state", "sha256"]]


def test_other_years_and_other_funds_are_left_out(giving: Giving, pen: Pen, tmp_path: Path) -> None:
    giving.gift(on=date(2025, 12, 31))
    giving.gift(on=date(2026, 1, 1))
    opened("gongyi", "公益公积金").gift()
    render(giving, tmp_path / "year.zip")
    assert pen.drawn_numbers == ["919-2026-000001"]


def test_it_goes_on_where_it_was_broken_off(giving: Giving, pen: Pen, seven: list[Receipt], tmp_path: Path) -> None:
    broken, straight = tmp_path / "broken.zip", tmp_path / "straight.zip"
    pen.breaks_at = 4
    with pytest.raises(DocumentUnavailable):
        render(giving, broken)
    assert not broken.exists()
    pen.breaks_at = None
    assert render(giving, broken) == Rendered(7, 0, 3)
    assert pen.drawn_numbers == [receipt.number for receipt in seven], "each once"
    render(giving, straight)
    assert broken.read_bytes() == straight.read_bytes()


def test_what_became_void_meanwhile_is_drawn_again(
    giving: Giving, pen: Pen, seven: list[Receipt], tmp_path: Path
) -> None:
    target, straight = tmp_path / "year.zip", tmp_path / "straight.zip"
    pen.breaks_at = 5
    with pytest.raises(DocumentUnavailable):
        render(giving, target)
    giving.void(seven[1], "捐赠人撤回", at=AT)
    pen.breaks_at = None
    assert render(giving, target) == Rendered(7, 1, 6)
    render(giving, straight)
    assert target.read_bytes() == straight.read_bytes()
    assert [line[2] for line in manifest(target)] == ["state", "valid", "void", *["valid"] * 5]


def test_two_editions_of_the_sheet_do_not_go_into_one_file(
    giving: Giving, pen: Pen, seven: list[Receipt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "year.zip"
    pen.breaks_at = 5
    with pytest.raises(DocumentUnavailable):
        render(giving, target)
    pen.breaks_at = None
    monkeypatch.setattr(year, "_edition", lambda: b"another")
    assert render(giving, target).drawn == 7


def test_what_an_interrupted_end_left_behind_is_put_right(
    giving: Giving, pen: Pen, seven: list[Receipt], tmp_path: Path
) -> None:
    """Broken off after the manifest was written and before the file had its name; then one more gift came."""
    target = tmp_path / "year.zip"
    render(giving, target)
    target.rename(tmp_path / "year.zip.partial")
    giving.gift()
    assert render(giving, target) == Rendered(8, 0, 1)
    assert [line[0] for line in manifest(target)[1:]] == [f"919-2026-{n:06d}" for n in range(1, 9)]


def test_who_takes_the_names_out_of_the_house_is_written_down(giving: Giving, seven: list[Receipt]) -> None:
    assert announce(giving.fund, 2026, by=None, at=AT) == 7
    db.session.rollback()
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "receipts.year.rendered")).one()
    assert (line.subject_id, line.detail, line.actor_id) == (giving.fund.id, {"year": 2026}, None)
