"""Looking at kept pages: what a visitor sees, and whether Flask was asked at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request, request_started
from werkzeug.test import TestResponse

from portal import clock
from tests.conftest import new_client
from tests.volunteers import MONDAY

HTMX = {"HX-Request": "true"}


@contextmanager
def flask_requests(app: Flask) -> Iterator[list[str]]:
    """What Flask had to answer inside."""
    seen: list[str] = []

    def note(_: object, **__: object) -> None:
        seen.append(request.full_path)

    with request_started.connected_to(note, app):
        yield seen


def view(app: Flask, address: str, **headers: str) -> TestResponse:
    """What a new visitor sees."""
    with clock.frozen(MONDAY):
        return new_client(app).get(address, headers=headers)


def headers(answer: TestResponse) -> list[tuple[str, str]]:
    """Those that are not this request's alone."""
    return [header for header in answer.headers if header[0] != "X-Request-Id"]


def as_kept(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that may stand in the place of a kept one."""
    view.kept_names, view.is_public = frozenset(), True  # type: ignore[attr-defined]
    return view
