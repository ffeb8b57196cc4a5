"""Looking at answers as a browser and a screen reader do."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from html import unescape

import html5lib
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.db import db

_PLAIN = r"\t\n !#-%'-;=?-~\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc"
"""Characters that mean nothing to a parser between tags, nor between double quotes."""
_VALUE = re.compile(rf'(?<!type)="[{_PLAIN}]*"')
_TEXT = re.compile(rf'>\s*[!-%\'-;=?-~\u3000-\ud7ff\uff00-\uffef][{_PLAIN}"]*<')
_ID = re.compile(r'\sid="([^"]*)"')
_TARGET = re.compile(r'\shx-target="#([^"]*)"')
_WITHOUT_TOKEN = re.compile(r'action="/(preferences|verify|notices/off/[^"]+)"')
_DESCRIBES = re.compile(r'\s(?:for|form|aria-describedby|aria-labelledby)="([^"]*)"')


def is_valid(response: TestResponse) -> bool:
    """Whether the answer's markup passes `check_markup`."""
    check_markup(response.text)
    return True


def check_markup(html: str) -> None:
    """Strictly parsed as HTML 5; ids once; what hx-target, form, for and aria-… name is there; forms carry a token."""
    _parse(_TEXT.sub(">x<", _VALUE.sub('="x"', html)))
    ids = Counter(_ID.findall(html))
    assert [name for name, count in ids.items() if count > 1] == []
    wanted = {*_TARGET.findall(html), *(name for names in _DESCRIBES.findall(html) for name in names.split())}
    assert wanted <= ids.keys(), wanted - ids.keys()
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", html), "inline style or handler"
    for form in re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL):
        assert 'name="csrf_token"' in form or _WITHOUT_TOKEN.search(form), form


@lru_cache(2000)
def _parse(html: str) -> None:
    """Raises html5lib's ParseError. Pages that differ in their words only are parsed once."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    parser.parse(html) if html.lstrip().lower().startswith("<!doctype") else parser.parseFragment(html)


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
    """The SQL that runs inside. No page is kept from before, so a first view is seen as one."""
    app.extensions["portal_kept"].forget()
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
