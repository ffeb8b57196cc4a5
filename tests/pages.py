"""Looking at answers as a browser and a screen reader do."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import html5lib
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.db import db

_ID = re.compile(r'\sid="([^"]*)"')
_TARGET = re.compile(r'\shx-target="#([^"]*)"')
_DESCRIBES = re.compile(r'\s(?:for|aria-describedby|aria-labelledby)="([^"]*)"')


def is_valid(response: TestResponse) -> bool:
    """Strictly parsed as HTML 5; ids once; what hx-target, for and aria-… name is there."""
    text = response.text
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    parser.parse(text) if text.lstrip().lower().startswith("<!doctype") else parser.parseFragment(text)
    ids = Counter(_ID.findall(text))
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = {*_TARGET.findall(text), *(name for names in _DESCRIBES.findall(text) for name in names.split())}
    assert wanted <= ids.keys(), wanted - ids.keys()
    return True


def words(response: TestResponse) -> str:
    """What can be read on the page, in one line."""
    body = re.sub(r"<(script|style|title|svg)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).strip()


def cells(response: TestResponse) -> list[list[str]]:
    """The rows of the page's first table body, each the text of its cells."""
    body = re.search(r"<tbody>(.*?)</tbody>", response.text, re.DOTALL)
    rows = re.findall(r"<tr\b[^>]*>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [[_text(cell) for cell in re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for row in rows]


def links(response: TestResponse) -> list[str]:
    return [unescape(address) for address in re.findall(r'\shref="([^"]*)"', response.text)]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that runs inside."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()
