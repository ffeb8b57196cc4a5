"""A roster of 21,000 volunteers, read and entered by command."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ground import Ground
from tests.rosters.generated import csv_of, lines

ROWS = 21_000


@dataclass(frozen=True)
class Entered:
    """Seconds by the clock: a preview alone, and what entering everybody takes besides."""

    rows: int
    read: float
    booked: float


def entered(ground: Ground, folder: Path) -> Entered:
    """Preview the roster, then bring it in."""
    file = folder / "roster.csv"
    file.write_bytes(csv_of(lines(ROWS), code="gb18030"))
    command = ("import", "volunteers", str(file), "--as", "worker", "--take", "identity", "--consents", "bench")
    began = time.monotonic()
    ground.portal(*command, "--dry-run")
    read = time.monotonic() - began
    began = time.monotonic()
    told = json.loads(ground.portal(*command).splitlines()[-1])
    took = time.monotonic() - began
    assert told["status"] == "booked"
    return Entered(told["new"], read, max(took - read, 0.0))
