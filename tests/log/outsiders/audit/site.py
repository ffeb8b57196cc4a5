"""A portal's public addresses."""

import gzip
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from .report import Broken


class Site:
    """The portal at an address, over one connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=120)
        self._path = parts.path.rstrip("/")

    def get(self, address: str) -> bytes:
        """What lies there. Waits when told to. Raises Broken."""
        status, body, wait = self._ask(address)
        while status == 429:
            time.sleep(min(wait, 600))
            status, body, wait = self._ask(address)
        if status != 200:
            raise Broken(f"{address} answers {status}")
        return body

    def json(self, address: str) -> Any:
        return json.loads(self.get(address))

    def _ask(self, address: str) -> tuple[int, bytes, int]:
        try:
            answer, body = self._fetch(address)
        except (OSError, http.client.HTTPException):
            # A server may hang up on whoever was silent for a while.
            self._connection.close()
            try:
                answer, body = self._fetch(address)
            except (OSError, http.client.HTTPException) as error:
                raise Broken(f"{address}: {error}") from error
        pressed = answer.headers.get("Content-Encoding") == "gzip"
        wait = answer.headers.get("Retry-After", "1")
        return answer.status, gzip.decompress(body) if pressed else body, int(wait) if wait.isdigit() else 1

    def _fetch(self, address: str) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request("GET", self._path + address, headers={"Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        return answer, answer.read()
