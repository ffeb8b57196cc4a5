"""A person's copy: JSON for programs, a page for herself, her photos; one ZIP, sealed while it lies here (§45)."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from markupsafe import escape
from sqlalchemy import select

from portal.clock import in_china
from portal.db import db
from portal.files import StoredFile, path_of
from portal.holdings import HOLDINGS, Holding
from portal.mydata.keeping import personal, then_of
from portal.mydata.rows import Deed, deeds_of, own_rows, table_of
from portal.mydata.words import label_of, said
from portal.people.models import Person
from portal.words import SOURCE, spoken

Table = tuple[Holding, list[dict[str, Any]]]

FILES = "files_file"
_STYLE = """body{font:18px/1.6 sans-serif;max-width:60em;margin:1em auto;padding:0 1em;color:#1d2620;background:#fff}
h1{font-size:1.6em}h2{border-top:2px solid #2c6e49;padding-top:.5em;margin-top:2em}.why{color:#4a564e}
table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}th,td{text-align:left;vertical-align:top;
padding:.3em .6em;border-bottom:1px solid #cfd8d2;overflow-wrap:anywhere}th{width:14em;font-weight:600}
img{max-width:100%}
@media(max-width:600px){th,td{display:block;width:auto;border:0}tr{border-bottom:1px solid #cfd8d2}}"""


def zipped(person: Person, *, at: datetime) -> bytes:
    """All that is kept of her as one ZIP. It reads a lot: outside a transaction that writes."""
    with spoken(SOURCE):
        tables, deeds = list(_tables(person)), list(_deeds(person))
        photos = list(_photos(person, tables))
        out = BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as archive:
            archive.writestr("我的资料.html", _page(person, tables, deeds, photos, at=at))
            archive.writestr("data.json", _json(person, tables, deeds, at=at))
            for name, stored in photos:
                archive.writestr(name, path_of(stored).read_bytes(), ZIP_STORED)
    return out.getvalue()


def _tables(person: Person) -> Iterator[Table]:
    for holding in HOLDINGS.values():
        if holding.is_hers and (found := list(own_rows(holding, person.selves))):
            yield holding, found


def _deeds(person: Person) -> Iterator[Deed]:
    for holding in personal():
        yield from deeds_of(holding, person.selves)


def _photos(person: Person, tables: list[Table]) -> Iterator[tuple[str, StoredFile]]:
    """Pictures behind her own rows: her signed papers, and what she took herself. Others' sheets are others'."""
    wanted: dict[int, bool] = {}
    for holding, found in tables:
        for name in _of_files(holding):
            for row in found:
                if row.get(name):
                    wanted[row[name]] = wanted.get(row[name], False) or holding.through is None
    for stored in db.session.scalars(select(StoredFile).where(StoredFile.id.in_(wanted)).order_by(StoredFile.id)):
        if stored.media_type and (wanted[stored.id] or stored.kept_by_id == person.id) and path_of(stored).exists():
            yield f"photos/{stored.id}.jpg", stored


def _of_files(holding: Holding) -> list[str]:
    """Columns that point to uploads."""
    columns = table_of(holding).columns
    return [column.name for column in columns if any(key.column.table.name == FILES for key in column.foreign_keys)]


def _json(person: Person, tables: list[Table], deeds: list[Deed], *, at: datetime) -> str:
    told = {
        "person": {"id": person.id, "name": person.name, "volunteer_no": person.volunteer_no},
        "made_at": in_china(at).isoformat(timespec="seconds"),
        "data": [
            {"table": one.table, "words": one.words.text, "why": one.why.text, "rows": found} for one, found in tables
        ],
        "deeds": [deed._asdict() for deed in deeds],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    return in_china(value).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────
def _page(
    person: Person, tables: list[Table], deeds: list[Deed], photos: list[tuple[str, StoredFile]], *, at: datetime
) -> str:
    """One file that any browser opens by itself: nothing in it is fetched from anywhere but the photos beside it."""
    return "\n".join(
        (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>我的资料</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # Whatever somebody has written into a field, here it can do nothing.
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:; "
            "style-src 'unsafe-inline'\">",
            f"<style>{_STYLE}</style></head><body>",
            f"<h1>{escape(person.name)}，这是门户里您的全部资料</h1>",
            f"<p>{in_china(at):%Y-%m-%d %H:%M} 做成。里面有您的个人信息，请自己收好，不要转给别人。</p>",
            *(part for holding, found in tables for part in _section(holding, found, at=at)),
            *_deed_list(deeds),
            *_photo_list(photos),
            "</body></html>",
        )
    )


def _section(holding: Holding, found: list[dict[str, Any]], *, at: datetime) -> Iterator[str]:
    yield f"<h2>{escape(holding.words.text)}（{len(found)} 条）</h2>"
    then = then_of(holding, on=in_china(at).date())
    yield f'<p class="why">为什么有：{escape(holding.why.text)}。要求删除时：{escape(then)}。</p>'
    for row in found:
        cells = [(label_of(holding, name), said(holding, name, value)) for name, value in row.items()]
        lines = (f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in cells if value)
        yield f"<table>{''.join(lines)}</table>"


def _deed_list(deeds: list[Deed]) -> Iterator[str]:
    if not deeds:
        return
    yield f"<h2>您为别人经手的事（{len(deeds)} 件）</h2>"
    yield '<p class="why">内容是别人的，这里只写是哪一件。</p><table>'
    for deed in deeds:
        holding = HOLDINGS[deed.table]
        yield f"<tr><th>{escape(holding.words.text)}</th><td>第 {escape(deed.row)} 号，{_hand(holding, deed)}</td></tr>"
    yield "</table>"


def _hand(holding: Holding, deed: Deed) -> str:
    return str(escape(label_of(holding, deed.column)))


def _photo_list(photos: list[tuple[str, StoredFile]]) -> Iterator[str]:
    if photos:
        yield f"<h2>照片（{len(photos)} 张）</h2>"
        yield from (f'<p><img src="{escape(name)}" alt="{escape(stored.name)}"></p>' for name, stored in photos)
