"""Addresses as people and browsers send them: what no database can take is simply not found."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from flask import Flask, request
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


HOUSEHOLD = 64
"""Bits of an IPv6 address that a household shares (RFC 6177): the other 64 are anybody's choice."""


def visitors_network() -> str:
    """By what tries are counted that come from one place: all addresses that one visitor may take are one."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    rest = 128 - HOUSEHOLD
    return f"{IPv6Address(int(address) >> rest << rest)}/{HOUSEHOLD}"


def init_app(app: Flask) -> None:
    app.url_map.converters.update(int=Number, default=Name, string=Name)
