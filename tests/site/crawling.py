"""Somebody who follows every link and sends every form, as one of the cast, and looks for what is not hers."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from portal.people.models import Person
from tests.applications import HOST, Client
from tests.site.planting import KEYLIKE, SECRET

READABLE = ("text/", "application/json", "application/x-ndjson")
LEAVES = {"accounts.sign_out"}
"""Forms after which the rest of the crawl would see nothing: tried by tests of their own."""

HOSTILE = "\u202e<script>alert(1)</script>'\";--\x00\ud7ff&#x3c;%0d%0aSet-Cookie: x=1"
FILE = (b"\xff\xd8\xff\xe0 no photo, no table", "../..\\evil\u202egpj.exe")


@dataclass
class Field:
    """One control of a form: its choices when it is a list."""

    name: str
    kind: str
    value: str
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)


class Page(HTMLParser):
    """Links and forms of a page, also those that htmx follows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select: Field | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "src", "hx-get") if given.get(name)]
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "option" and self._select is not None:
            self._select.choices.append(given.get("value", ""))
        elif self.forms and tag in ("input", "textarea", "select", "button") and given.get("name"):
            made = Field(given["name"], given.get("type", tag), given.get("value", ""))
            self.forms[-1].fields.append(made)
            self._select = made if tag == "select" else None


@dataclass
class Crawl:
    """What one role sees. `look` gets each answer; `most` is how many addresses of one route are opened.

    `hostile` names the forms that got bad values already: they need them from one role only.
    """

    app: Flask
    role: str
    person: Person | None
    look: Callable[["Crawl", str, TestResponse], None]
    put_back: Callable[[], None]
    hostile: set[str]
    most: int = 4
    opened: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    _of_route: Counter[str] = field(default_factory=Counter)
    _waiting: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self._new_client()

    def _new_client(self) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        return client.sign_in(self.person) if self.person else client

    def go(self, beginnings: list[str]) -> None:
        """Follow everything from these addresses on; each kind of form is sent as it stands and with bad values."""
        self._waiting = list(beginnings)
        forms: dict[tuple[str, str], Form] = {}
        while self._waiting:
            address = self._waiting.pop()
            if page := self._open(address):
                for form in page.forms:
                    if form.method == "post":
                        forms.setdefault((self._route(form.action, "POST"), _shape(form)), form)
        for (endpoint, shape), form in forms.items():
            self._send(form, _plausible(form))
            if f"{endpoint} {shape}" not in self.hostile:
                self.hostile.add(f"{endpoint} {shape}")
                self._send(form, _hostile(form))

    def endpoint(self, address: str) -> str:
        """Whose page it is."""
        method, _, path = address.rpartition(" ")
        return self._route(path, method or "GET")

    def is_public(self, address: str) -> bool:
        return bool(getattr(self.app.view_functions.get(self.endpoint(address)), "is_public", False))

    def _open(self, address: str) -> Page | None:
        parts = urlsplit(address)
        route = self._route(address, "GET")
        if address in self.opened or not route or self._of_route[self._kind(route, address)] >= self.most:
            return None
        self._of_route[self._kind(route, address)] += 1
        self.opened.add(address)
        answer = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        return self._seen(address, answer)

    def _seen(self, address: str, answer: TestResponse) -> Page | None:
        self.look(self, address, answer)
        if location := answer.headers.get("Location"):
            self._waiting.append(self._local(address, location))
        if answer.mimetype != "text/html":
            return None
        page = Page(answer.text)
        self._waiting += [self._local(address, link) for link in page.links]
        self._waiting += [self._searched(address, form) for form in page.forms if form.method == "get"]
        return page

    def _send(self, form: Form, values: dict[str, object]) -> None:
        endpoint = self._route(form.action, "POST")
        if not endpoint or endpoint in LEAVES:
            return
        self.sent[endpoint] += 1
        data = {name: value for name, value in values.items() if value is not None}
        answer = self.client.post(form.action, data=data, content_type="multipart/form-data")
        self.look(self, f"POST {form.action}", answer)
        if location := answer.headers.get("Location"):
            target = self._local(form.action, location)
            self.look(self, target, self.client.get(target))
        if answer.status_code < 400:
            self.put_back()
            self.client = self._new_client()

    def _route(self, address: str, method: str) -> str:
        """The endpoint; nothing for what is not ours."""
        parts = urlsplit(urljoin(f"http://{HOST}/", address))
        if parts.netloc != HOST or parts.scheme != "http":
            return ""
        try:
            endpoint, _ = self.app.url_map.bind(HOST).match(parts.path, method)
        except HTTPException:
            return ""
        return str(endpoint)

    def _kind(self, route: str, address: str) -> str:
        """Lists are opened plain, searched and sorted: each way counts for itself."""
        return f"{route}?{','.join(sorted(re.findall(r'[?&]([a-z_]+)=', address)))}"

    def _local(self, at: str, link: str) -> str:
        parts = urlsplit(urljoin(f"http://{HOST}{at}", link))
        if parts.netloc != HOST:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _searched(self, at: str, form: Form) -> str:
        names = [one.name for one in form.fields if one.kind == "search"]
        return self._local(at, f"{form.action}?{names[0]}=a") if names else ""


def _shape(form: Form) -> str:
    """Two forms are the same when they hold the same fields; whose they are, the access table asks."""
    return ",".join(sorted(one.name for one in form.fields))


def _plausible(form: Form) -> dict[str, object]:
    values: dict[str, object] = {}
    for one in form.fields:
        values[one.name] = _value(one)
    return values


def _value(one: Field) -> object:
    if one.kind == "file":
        return BytesIO(b"a,b\n1,2\n"), "list.csv"
    if one.choices:
        return next((choice for choice in one.choices if choice), "")
    if one.value or one.kind in ("hidden", "checkbox", "radio", "button", "submit"):
        return one.value or "1"
    return {"date": "2026-11-20", "time": "08:30", "number": "1"}.get(one.kind, "写一点")


def _hostile(form: Form) -> dict[str, object]:
    """Everything but the address of the form itself is bad."""
    values: dict[str, object] = {}
    for one in form.fields:
        values[one.name] = (BytesIO(FILE[0]), FILE[1]) if one.kind == "file" else HOSTILE
    return values


def texts(answer: TestResponse) -> Iterator[str]:
    """What can be read in an answer: its headers, and its body unless it is a picture or document."""
    yield "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if (answer.mimetype or "").startswith(READABLE):
        yield answer.text


def secrets_in(answer: TestResponse) -> set[str]:
    return {found for text in texts(answer) for found in SECRET.findall(text)}


def keys_in(answer: TestResponse) -> set[str]:
    return {found for text in texts(answer) for found in KEYLIKE.findall(text)}
