import pytest

from tests.books.nasty import written
from tests.ledger.books import Books, opened
from tests.scenes import Scenes


@pytest.fixture
def nasty(scenes: Scenes) -> Books:
    """Open books with everything in them that a file could stumble over."""
    return scenes("nasty", lambda: written(opened()))
