"""One rendering process for the tests that only want a document."""

from collections.abc import Callable, Iterator

import pytest

from portal.documents.client import Renderer
from portal.documents.confirmation import TEMPLATE, ConfirmationSheet

Draw = Callable[[ConfirmationSheet], bytes]


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


@pytest.fixture(scope="session")
def draw(renderer: Renderer) -> Draw:
    """The confirmation as a PDF."""
    return lambda sheet: renderer.render(TEMPLATE, sheet.to_context())
