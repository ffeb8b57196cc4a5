"""Who works on lists, and lists that count as long."""

import pytest

from portal.files import inspection
from portal.lists import reader


@pytest.fixture
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the shortest list is read by a job."""
    monkeypatch.setattr(inspection, "LONG", 10)


@pytest.fixture
def chunks_of_100(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks without a rest between them, so that a short list has many."""
    monkeypatch.setattr(reader, "CHUNK", 100)
    monkeypatch.setattr(reader, "BREATH", 0.0)
