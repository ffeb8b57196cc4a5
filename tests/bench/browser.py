"""A browser for measurements: one connection that is kept, cookies, the token of the last form. No JavaScript."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from portal.demo.cast import PASSWORD

PATIENCE = 5.0
"""Seconds after which a server may think that nobody comes any more."""

FORM = "application/x-www-form-urlencoded"
Fields = Mapping[str, str] | list[tuple[str, str]]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class UnexpectedAnswer(Exception):
    """A page did not answer as the measurement needs it."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str

    def value(self, name: str) -> str:
        """What a field of the form holds."""
        found = re.search(rf'<input [^>]*\bname="{name}"[^>]* value="([^"]*)"', self.body)
        if found is None:
            raise UnexpectedAnswer(f"no field {name} in\n{self.body}")
        return found[1]


class Browser:
    """One profile at one server."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._cookies: dict[str, str] = {}
        self._token = ""
        self._asked_at = 0.0

    def sign_in(self, login: str) -> "Browser":
        """Sign in as one of the demo cast."""
        self.get("/login")
        self.post("/login", {"login": login, "password": PASSWORD})
        # The session is a new one, and so are its tokens.
        self.get("/me")
        return self

    def get(self, path: str, *, htmx: bool = False, seen: str = "") -> Answer:
        """A page; `seen` is the tag of what this browser has of it."""
        return self._asked("GET", path, htmx=htmx, seen=seen)

    def post(self, path: str, fields: Fields, *, htmx: bool = False) -> Answer:
        """Send a form, with the token of the last page that had one."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
        body = urlencode([*pairs, ("csrf_token", self._token)])
        return self._asked("POST", path, body.encode(), FORM, htmx=htmx)

    def upload(self, path: str, fields: Mapping[str, str], *, file: tuple[str, bytes]) -> Answer:
        """Send a form with a file, (name, content), in its field `file`."""
        limit, (name, content) = uuid4().hex, file
        parts = [
            f'--{limit}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in {**fields, "csrf_token": self._token}.items()
        ]
        head = f'--{limit}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = ("".join(parts) + head).encode() + content + f"\r\n--{limit}--\r\n".encode()
        return self._asked("POST", path, body, f"multipart/form-data; boundary={limit}")

    def leave(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def _renew(self) -> None:
        """Leave a connection that the server may have closed by now."""
        now = time.monotonic()
        if now - self._asked_at > PATIENCE:
            self.leave()
        self._asked_at = now

    def _asked(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, htmx: bool = False, seen: str = ""
    ) -> Answer:
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": "; ".join(map("=".join, self._cookies.items()))}
        headers |= {"HX-Request": "true"} if htmx else {}
        headers |= {"Content-Type": kind} if kind else {}
        headers |= {"If-None-Match": seen} if seen else {}
        self._renew()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read().decode(errors="replace"))
        for line in response.headers.get_all("Set-Cookie", ()):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if found := TOKEN.search(answer.body):
            self._token = found[1]
        if answer.status >= 400:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status}\n{answer.body[:2000]}")
        return answer
