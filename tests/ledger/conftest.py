import pytest

from tests.ledger.books import Books, opened
from tests.scenes import Scenes


@pytest.fixture
def books(scenes: Scenes) -> Books:
    """Open books, with all pools empty."""
    return scenes("books", opened)
