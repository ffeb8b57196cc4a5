"""A person's browser that keeps trying: a broken connection or a busy portal is no answer."""

import http.client
import re
import threading
import time
from collections import Counter
from urllib.parse import urlencode, urlsplit

SECONDS_BEFORE_ANOTHER = 0.1
PATIENCE = 120.0
"""Seconds after which a person who gets no answer at all gives up: the portal did not come back."""

ANSWERED = (200, 303, 422)
NOT_NOW = (502, 503)


class NoAnswer(AssertionError):
    """The portal stayed away too long, or answered what it never should."""


class Visitor:
    """One browser. `answers` counts what came back: statuses, and 0 for a broken connection."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._cookie = ""
        self.token = ""
        self.answers: Counter[int] = Counter()

    def sign_in(self, login: str, password: str) -> "Visitor":
        """Sign in through the form; keeps the session's token for later forms."""
        self._learn_token(self.asked("GET", "/login"))
        form = {"login": login, "password": password, "csrf_token": self.token}
        self.asked("POST", "/login", form)
        self._learn_token(self.asked("GET", "/me"))
        return self

    def asked(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        """The answer's body, however often it takes. Raises NoAnswer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            status, body = self.once(method, path, form)
            if status in ANSWERED:
                return body
            if status and status not in NOT_NOW:
                raise NoAnswer(f"{method} {path}: {status}\n{body[:2000]}")
            time.sleep(SECONDS_BEFORE_ANOTHER)
        raise NoAnswer(f"{method} {path}: nothing for {PATIENCE} seconds")

    def once(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and body of one attempt; (0, "") when the connection broke."""
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": self._cookie}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.answers[0] += 1
            return 0, ""
        finally:
            connection.close()
        self.answers[response.status] += 1
        if cookie := response.getheader("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        return response.status, text

    def _learn_token(self, page: str) -> None:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if found:
            self.token = found[1]


def hours_form(visitor: Visitor, activity: int, day: str, *, key: str) -> dict[str, str]:
    """An hour and a half at an activity of that day."""
    return {
        "csrf_token": visitor.token,
        "key": key,
        "activity": str(activity),
        "day": day,
        "start": "09:00",
        "hours": "1",
        "minutes": "30",
        "place": "南广场",
    }


class Busy(threading.Thread):
    """A visitor who goes on until told to stop. What went wrong on the way is raised by `finish`."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(daemon=True)
        self.visitor = visitor
        self._wrong: BaseException | None = None
        self._enough = threading.Event()

    @property
    def is_enough(self) -> bool:
        return self._enough.is_set()

    def go_on(self) -> bool:
        """Do the next thing; False when there is nothing more to do."""
        raise NotImplementedError

    def run(self) -> None:
        try:
            while not self.is_enough and self.go_on():
                pass
        except BaseException as wrong:
            self._wrong = wrong

    def finish(self) -> None:
        self._enough.set()
        self.join(PATIENCE)
        if self._wrong:
            raise self._wrong
