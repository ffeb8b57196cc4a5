"""Programs that some tests need and a machine may lack."""

import os
import shutil

import pytest

REQUIRE_ALL = "PORTAL_REQUIRE_ALL"
"""When set, a missing program is a failure and not a reason to leave tests out."""


def left_out(what: str) -> None:
    """Say that a program is missing; where everything is required, that is a failure."""
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{what} is not installed, and {REQUIRE_ALL} is set", pytrace=False)
    pytest.skip(f"not run: {what} is not installed (make test says how to install it)")


def program(*names: str, called: str) -> str:
    """The path of the first program found; otherwise the test is left out."""
    for name in names:
        if path := shutil.which(name):
            return path
    left_out(called)
    raise AssertionError
