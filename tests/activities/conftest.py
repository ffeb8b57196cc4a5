from collections.abc import Iterator

import pytest

from portal import clock
from tests import volunteers
from tests.volunteers import MONDAY, Cast


@pytest.fixture
def cast(session: object) -> Iterator[Cast]:
    """The cast, on a Monday morning."""
    with clock.frozen(MONDAY):
        yield volunteers.cast()
