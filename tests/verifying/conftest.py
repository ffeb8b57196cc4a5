"""One rendering process and two key files for all tests of verifiers."""

from collections.abc import Iterator

import pytest

from portal.documents.client import Renderer
from tests.verifying.sheets import Maker, keys_in


@pytest.fixture(scope="session")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    own, stranger = keys_in(tmp_path_factory.mktemp("keys"))
    with Renderer() as renderer:
        yield Maker(renderer, own, stranger)


@pytest.fixture(scope="session")
def genuine(maker: Maker) -> bytes:
    """A confirmation as the portal gives it out."""
    return maker.pdf()
