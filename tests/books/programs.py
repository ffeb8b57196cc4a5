"""Programs that check the files, and what they read in them."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core.data import Directive, Transaction

from portal.books.files import Kind, parts_of
from portal.books.queries import Bounds
from tests.required import program


def file_of(folder: Path, kind: Kind, bounds: Bounds | None = None) -> Path:
    """The ledger as the portal writes it now."""
    file = folder / f"ledger.{kind}"
    file.write_bytes(b"".join(parts_of(kind, bounds)))
    return file


def bean_check(file: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(file)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def hledger(file: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    path = program("hledger", called="hledger")
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    words = (path, *words, "-f", str(file))
    return subprocess.run(words, capture_output=True, text=True, env=environment, check=False)


def accepted(folder: Path, bounds: Bounds | None = None) -> tuple[Path, Path]:
    """Both programs find nothing wrong with their files."""
    bean, journal = (file_of(folder, kind, bounds) for kind in (Kind.BEANCOUNT, Kind.HLEDGER))
    checked = bean_check(bean)
    assert (checked.returncode, checked.stderr[:2000]) == (0, "")
    checked = hledger(journal, "check", "-s")
    assert (checked.returncode, checked.stderr[:2000]) == (0, "")
    return bean, journal


def read(file: Path) -> list[Directive]:
    """What beancount makes of the file, which must be without fault to it."""
    directives, errors, _ = loader.load_file(str(file))
    assert errors == []
    return directives


def transactions(directives: list[Directive]) -> Iterator[Transaction]:
    return (one for one in directives if isinstance(one, Transaction))


def sums(directives: list[Directive]) -> Counter[str]:
    """分 by account, debit less credit, as beancount's reader adds them up."""
    found: Counter[str] = Counter()
    for one in transactions(directives):
        for posting in one.postings:
            assert posting.units is not None
            assert isinstance(posting.units.number, Decimal)
            found[posting.account] += int(posting.units.number * 100)
    return found
