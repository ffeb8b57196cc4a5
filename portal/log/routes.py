"""The log as everyone may read it (C2SP tlog-tiles), and a page that says what it is. No account, no cookies."""

import gzip
import hashlib

from flask import Blueprint, Response, abort, current_app, request

from portal.log import canonical
from portal.log.leaves import BESIDE, MOST_BYTES
from portal.log.pages import about_log
from portal.log.proofs import checkpoint_of
from portal.log.queries import declared_keys, fact_at, signed_head, written
from portal.log.tiles import Place, hashes_at, is_there, read_level, read_place
from portal.settings import current_settings
from portal.web.access import kept, public
from portal.web.errors import answer
from portal.web.kept import takes_gzip
from portal.web.libs import _
from portal.web.pages import page
from portal.web.rates import MINUTES, Rate, rated

bp = Blueprint("log", __name__)

READS = Rate("log", an_address=30_000, an_account=30_000, within=10 * MINUTES)
"""Whoever rebuilds ten years of the log asks for a few thousand tiles and as many bundles."""

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=60"
NOW = "no-cache"
BYTES = "application/octet-stream"
LARGEST_INDEX = 2**53


@bp.get("/log")
@kept()
def index() -> Response:
    return page("log/index.html", about=about_log(), base_url=current_settings().base_url)


@bp.get("/log/checkpoint")
@kept()
def checkpoint() -> Response:
    """The signed note, and what witnesses signed of it."""
    head = signed_head()
    if head is None:
        abort(404)
    return _text(checkpoint_of(head))


@bp.get("/log/key")
@kept()
def key() -> Response:
    """Every verifier key that was ever declared, newest first, a line each."""
    return _text("".join(f"{one.vkey}\n" for one in declared_keys()))


@bp.get("/log/tile/<level>/<path:place>")
@public
@rated(READS)
def tile(level: str, place: str) -> Response:
    at, wanted = read_level(level), read_place(place)
    if at is None or wanted is None or not is_there(at, wanted, _size()):
        abort(404)
    return _bytes(hashes_at(at, wanted), wanted)


@bp.get("/log/tile/entries/<path:place>")
@public
@rated(READS)
def entries(place: str) -> Response:
    """The leaves of a tile, each with its length before it in two bytes."""
    wanted = read_place(place)
    if wanted is None or not is_there(0, wanted, _size()):
        abort(404)
    try:
        texts = [leaf.text for leaf in written(wanted.start, wanted.end)]
    except (ValueError, TypeError):
        texts = []
    whole = [text for text in texts if text is not None and len(text) <= MOST_BYTES]
    if len(whole) < wanted.width:
        return _broken()
    return _bytes(b"".join(len(text).to_bytes(2, "big") + text for text in whole), wanted, presses=True)


@bp.get("/log/trace/<index>")
@public
@rated(READS)
def trace(index: str) -> Response:
    """The rows of which the leaf at this place holds the hash, as the text that was hashed."""
    is_plain = index.isascii() and index.isdigit() and str(int(index[:20])) == index
    fact = fact_at(int(index)) if is_plain and int(index) < LARGEST_INDEX else None
    if fact is None or (rows := BESIDE.get(fact[0])) is None or not (found := rows(fact[1])):
        abort(404)
    response = Response(canonical.dumps(found), content_type="application/json")
    return _cached(response, FOR_EVER)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _size() -> int:
    head = signed_head()
    return head.size if head else 0


def _text(text: str) -> Response:
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = NOW
    return response


def _bytes(body: bytes, place: Place, *, presses: bool = False) -> Response:
    response = Response(body, content_type=BYTES)
    if presses:
        response.headers["Vary"] = "Accept-Encoding"
        if takes_gzip(request.headers.get("Accept-Encoding", "")):
            response.set_data(gzip.compress(body, 5, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return _cached(response, FOR_EVER if place.is_whole else FOR_A_WHILE)


def _cached(response: Response, how: str) -> Response:
    response.headers["Cache-Control"] = how
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _broken() -> Response:
    """A fact that stands in the log has no row any more: said, not hidden."""
    current_app.logger.error("the log has a leaf of which the fact is gone: run portal log verify")
    return answer(503, _("这一段公开日志现在拿不出来：有记录对不上。请稍后再试，或者告诉我们。"))
