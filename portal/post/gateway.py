"""A gateway for text messages: takes them as JSON over HTTPS, signed."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from portal.jobs.problems import Away
from portal.post.carriers import NOT_ANSWERING, NOT_LET_IN, Deliver, Parcel, as_json

SIGNATURE = "X-Portal-Signature"
PATIENCE = 10.0


class _NoRedirects(HTTPRedirectHandler):
    """What was signed for one address is not told to another."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Gateway:
    """Where text messages go, and the key that signs them."""

    url: str
    key: str = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[Deliver]:
        opener = build_opener(_NoRedirects, ProxyHandler({}))
        yield lambda parcel: self._deliver(opener, parcel)

    def _deliver(self, opener: OpenerDirector, parcel: Parcel) -> None:
        body = as_json(parcel)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": parcel.number,
            SIGNATURE: f"sha256={signature(self.key, body)}",
        }
        # The settings took only https, or this machine itself.
        request = Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            opener.open(request, timeout=PATIENCE).close()
        except HTTPError as refusal:
            refusal.close()
            raise Away(NOT_LET_IN if refusal.code in (401, 403) else NOT_ANSWERING) from None
        except (OSError, HTTPException) as error:
            raise Away(NOT_ANSWERING) from error


def gateway_at(url: str) -> Gateway:
    """The gateway that PORTAL_SMS_URL names; the key stands before its host and is never sent."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return Gateway(urlunsplit((parts.scheme, host, parts.path or "/", parts.query, "")), unquote(parts.username or ""))


def signature(key: str, body: bytes) -> str:
    """HMAC-SHA256 of the body: whoever has the key can tell that the portal wrote it, and wrote it so."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
