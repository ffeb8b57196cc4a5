"""Addresses as people and browsers send them: what no database can take is simply not found."""

from urllib.parse import SplitResult, urlsplit

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter


class Number(IntegerConverter):
    """`<int:id>`: at most 18 digits."""

    regex = r"\d{1,18}"


class Name(UnicodeConverter):
    """`<slug>`: at most a hundred characters, none of them a control character."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map)
        self.regex = r"[^/\x00-\x1f\x7f]{1,100}"


def split_address(address: str | None) -> SplitResult:
    """The parts of an address that somebody sent; all empty when it is none."""
    try:
        return urlsplit(address or "")
    except ValueError:
        return urlsplit("")


def init_app(app: Flask) -> None:
    app.url_map.converters.update(int=Number, default=Name, string=Name)
