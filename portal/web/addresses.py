"""Numbers in addresses: no longer than a database can count, so that a silly one is simply not found."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class Number(IntegerConverter):
    """`<int:id>`: at most 18 digits."""

    regex = r"\d{1,18}"


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = Number
