import pytest

from tests.ledger.books import Books, opened


@pytest.fixture
def books(session: object) -> Books:
    """Open books, with all pools empty."""
    return opened()
