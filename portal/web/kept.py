"""Public pages are kept, and answered before Flask is entered, for as long as nothing public has changed.

A kept page depends on what `Asked` holds and on a `Stamp`: the number that every public change raises, and the day.
On a miss the request is cut down to just that before Flask sees it, so that the page cannot depend on anything else:
no session, no person, no parameter that the view does not read. The layer lies inside ProxyFix, so scheme and host are
those that may be believed; both are part of the key, and a host that is not ours never got a page to be kept.

Streams (the lists as data), pages with a cookie, and whatever is not a plain 200 are passed on and not kept.
"""

import io
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import werkzeug.urls  # noqa: F401 - registers the error handler by which Flask reads bytes that are no text
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_cookie

from portal import clock
from portal.db import db
from portal.public import Stamp, Versions
from portal.web import metrics
from portal.web.access import kept_names
from portal.web.kept_store import WORTH_PRESSING, Headers, Page, Sendable, Store, Turns
from portal.web.preferences import chosen

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READING = ("GET", "HEAD")
LONGEST_PATH = 512
PATHS_KNOWN = 4096
KNOWN, SHORT = 512, 256
"""So many queries and cookies of at most so many characters are remembered with what they mean; encodings likewise."""

COUNTED_AT_ONCE = 64
"""Counting each hit by itself would take a fifth of its time."""

LEFT_IN = frozenset({"HTTP_HOST", "HTTP_X_REQUEST_ID"})
"""Headers that Flask may still see on a miss: the host is part of the key, the request's name goes into logs only."""

NOT_KEPT = ("content-length", "vary", "x-request-id")
"""Headers of one answer that do not hold for the next one."""

_NO_CHOICE = chosen({})
_CHOICE = re.compile(r"(?:^|;)[ \t]*(lang|mode)(?:[ \t]*=[ \t]*([^ \t;]*))?[ \t]*(?=;|$)")
_GAP = re.compile(r"[ \t]{2,}")
_NEVER = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*", re.IGNORECASE)


Key = tuple[str, str, str, str, str, bool, str, str]
"""The parts of `Asked`, which would take longer to make."""


class Asked(NamedTuple):
    """All that a public page may depend on, beside the stamp. `query` holds only names that the view reads."""

    scheme: str
    host: str
    root: str
    path: str
    query: str
    is_fragment: bool
    language: str
    mode: str


class KeptPages:
    """The layer around Flask's WSGI application."""

    def __init__(self, app: Flask, versions: Versions, store: Store | None = None) -> None:
        self.store = Store() if store is None else store
        self._inner: WSGIApplication = app.wsgi_app
        self._versions = versions
        self._turns = Turns()
        self._hits = count(1)
        self._names_of = lru_cache(PATHS_KNOWN)(lambda path: _names_of(app, path))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if len(cookies := environ.get("HTTP_COOKIE", "")) > SHORT:
            # Whoever reads cookies, Flask too, takes time by the square of a gap: half a megabyte of spaces is an hour.
            environ["HTTP_COOKIE"] = _GAP.sub(" ", cookies)
        key = self._key(environ)
        if key is None:
            return self._inner(environ, start_response)
        version = self._versions.now()
        if version is None:
            return _Answer(self._inner, cut_down(environ, Asked(*key))).pass_on(environ, start_response)
        stamp = version, clock.today()
        page = self.store.get(key, stamp)
        if page is None:
            metrics.kept("miss")
            return self._first_view(environ, key, stamp, start_response)
        if next(self._hits) % COUNTED_AT_ONCE == 0:
            metrics.kept("hit", COUNTED_AT_ONCE)
        return self._send(key, page, environ, start_response)

    def forget(self) -> None:
        """Keep nothing of what was."""
        self.store.clear()

    def _key(self, environ: "WSGIEnvironment") -> Key | None:
        """What is asked, when it is a page that may be kept."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in READING or len(path) > LONGEST_PATH:
            return None
        names = self._names_of(path)
        return None if names is None else key_of(environ, path, names)

    def _first_view(
        self, environ: "WSGIEnvironment", key: Key, stamp: Stamp, start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Let Flask make the page; the stamp was read before, so the page is never older than it says."""
        with self._turns.at(key) as is_second:
            page = self.store.get(key, stamp) if is_second else None
            if page is None:
                answer = _Answer(self._inner, cut_down(environ, Asked(*key)))
                page = answer.page(stamp, largest=self.store.largest)
                if page is None:
                    return answer.pass_on(environ, start_response)
                self.store.put(key, page)
        return self._send(key, page, environ, start_response)

    def _send(
        self, key: Key, page: Page, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        encodings = environ.get("HTTP_ACCEPT_ENCODING")
        form = self._form(key, page, encodings) if encodings else page.plain
        tags = environ.get("HTTP_IF_NONE_MATCH")
        if tags and (tags == form.tag or is_known(tags, form.tag)):
            start_response("304 NOT MODIFIED", list(form.unchanged))
            return []
        start_response("200 OK", list(form.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]

    def _form(self, key: Key, page: Page, encodings: str) -> Sendable:
        if len(page.plain.body) < WORTH_PRESSING or len(encodings) > SHORT or not takes_gzip(encodings):
            return page.plain
        if page.pressed is None:
            page.press()
            self.store.put(key, page)
        return page.press()


class _Answer:
    """What Flask answers to one request."""

    def __init__(self, inner: "WSGIApplication", environ: "WSGIEnvironment") -> None:
        self._status = ""
        self._headers: Headers = []
        self._body = inner(environ, self._start)

    def _start(self, status: str, headers: Headers, _: Any = None, /) -> Callable[[bytes], object]:
        self._status, self._headers = status, headers
        return _write

    def page(self, stamp: Stamp, *, largest: int) -> Page | None:
        """The page to keep, or None when this answer is not to be kept; then its body is still unread."""
        if not self._is_to_keep(largest):
            return None
        try:
            body = b"".join(self._body)
        finally:
            self._close()
        headers = [header for header in self._headers if header[0].lower() not in NOT_KEPT]
        return Page(stamp, [*headers, ("Vary", ", ".join([*self._values("vary"), "Accept-Encoding"]))], body)

    def pass_on(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The answer as it came. What was asked by HEAD was rendered by GET: its body stays here."""
        start_response(self._status, self._headers)
        if environ["REQUEST_METHOD"] != "HEAD":
            return self._body
        self._close()
        return []

    def _close(self) -> None:
        if (close := getattr(self._body, "close", None)) is not None:
            close()

    def _is_to_keep(self, largest: int) -> bool:
        """A whole page of known length that says nothing of one reader alone."""
        length = "".join(self._values("content-length"))
        if not self._status.startswith("200 ") or not length.isdigit() or int(length) > largest:
            return False
        varies = ",".join(self._values("vary")).lower()
        control = ",".join(self._values("cache-control")).lower()
        is_personal = "cookie" in varies or "*" in varies or "no-store" in control or "private" in control
        return not is_personal and not self._values("set-cookie")

    def _values(self, name: str) -> list[str]:
        return [value for key, value in self._headers if key.lower() == name]


def init_app(app: Flask) -> None:
    """Lay the pages around Flask. Call it before proxies are trusted, which must stay outside."""
    with app.app_context():
        versions = Versions(db.engine)
    kept = KeptPages(app, versions)
    app.extensions["portal_versions"], app.extensions["portal_kept"] = versions, kept
    app.wsgi_app = kept  # type: ignore[method-assign]


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────
def key_of(environ: "WSGIEnvironment", path: str, names: frozenset[str]) -> Key | None:
    """The request as the views read it; None when it cannot be read."""
    query = environ.get("QUERY_STRING", "")
    try:
        read = canonical if len(query) > SHORT else _canonical
        wanted = read(query, names) if query else ""
    except UnicodeDecodeError:
        return None
    is_fragment = "HTTP_HX_REQUEST" in environ and asks_for_piece(environ)
    cookies = environ.get("HTTP_COOKIE")
    lang, mode = (choices if len(cookies) > SHORT else _choices)(cookies) if cookies else _NO_CHOICE
    host, root = environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "")
    return environ["wsgi.url_scheme"], host, root, path, wanted, is_fragment, lang, mode


def canonical(query: str, names: frozenset[str]) -> str:
    """The query with only these names, the first value of each, sorted, empty ones left out."""
    given = parse_qsl(query.encode("latin1").decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    first: dict[str, str] = {}
    for name, value in given:
        if name in names:
            first.setdefault(name, value)
    return urlencode(sorted((name, value) for name, value in first.items() if value))


def asks_for_piece(environ: "WSGIEnvironment") -> bool:
    """What `libs.is_fragment` says of the same request."""

    def says(header: str) -> bool:
        return bool(environ.get(header, "").lower() == "true")

    return says("HTTP_HX_REQUEST") and not says("HTTP_HX_BOOSTED") and not says("HTTP_HX_HISTORY_RESTORE_REQUEST")


def choices(cookies: str) -> tuple[str, str]:
    """Language and mode, as `preferences` reads them; a cookie that is no text chooses nothing."""
    if "lang" not in cookies and "mode" not in cookies:
        return _NO_CHOICE
    if '"' not in cookies:
        # The first of a name counts.
        return chosen(dict(reversed(_CHOICE.findall(cookies))))
    try:
        return chosen(parse_cookie(cookies))
    except UnicodeDecodeError:
        return _NO_CHOICE


_canonical, _choices = lru_cache(KNOWN)(canonical), lru_cache(KNOWN)(choices)


def cut_down(environ: "WSGIEnvironment", asked: Asked) -> "WSGIEnvironment":
    """The request with nothing in it but what the key holds."""
    bare = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in LEFT_IN}
    bare |= {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": asked.query,
        "HTTP_COOKIE": f"lang={asked.language}; mode={asked.mode}",
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": "",
        "wsgi.input": io.BytesIO(),
    }
    if asked.is_fragment:
        bare["HTTP_HX_REQUEST"] = "true"
    return bare


def _names_of(app: Flask, path: str) -> frozenset[str] | None:
    """The parameters that the page at this path reads, if it is a page that may be kept."""
    try:
        text = path.encode("latin1").decode(errors="replace")
        endpoint, _ = app.url_map.bind("").match(text, method="GET")
    except (HTTPException, UnicodeError):
        return None
    return kept_names(app.view_functions.get(endpoint))


# ── how it is sent ──────────────────────────────────────────────────────────────────────────────────
def is_known(tags: str, tag: str) -> bool:
    """Whether If-None-Match names the tag (in its quotes), strongly or weakly, or says `*`."""
    return tags.strip() == "*" or any(one.strip().removeprefix("W/") == tag for one in tags.split(","))


@lru_cache(64)
def takes_gzip(encodings: str) -> bool:
    """Whether Accept-Encoding names gzip, and not to refuse it."""
    for part in encodings.split(","):
        coding, _, weight = part.partition(";")
        if coding.strip().lower() == "gzip":
            return not _NEVER.fullmatch(weight)
    return False


def _write(_: bytes) -> None:
    raise NotImplementedError("Flask returns its body")
