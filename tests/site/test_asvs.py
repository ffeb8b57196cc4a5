"""Each line of deploy/ASVS.md names a test that is there."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
TABLE = (TESTS.parent / "deploy" / "ASVS.md").read_text()
LINES = re.findall(r"^\| (\d[\d., ]*) \| (.+) \| `([\w/]+\.py)::(\w+)` \|$", TABLE, re.MULTILINE)


def test_every_line_about_a_requirement_has_a_test() -> None:
    met = TABLE.partition("## Not met")[0]
    assert len(re.findall(r"^\| \d", met, re.MULTILINE)) == len(LINES) > 60
    assert {numbers.split(".")[0] for numbers, *_ in LINES} == {"2", "3", "5", "6", "7", "8", "13", "16"}


@pytest.mark.parametrize(("file", "name"), sorted({(file, name) for _, _, file, name in LINES}))
def test_the_test_is_there(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (TESTS / file).read_text(), re.MULTILINE)


def test_no_number_stands_twice() -> None:
    met = [number for numbers, *_ in LINES for number in numbers.split(", ")]
    assert len(met) == len(set(met))
