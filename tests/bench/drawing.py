"""What a confirmation costs beyond the library that draws it, and what a second process brings."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from portal import resources
from portal.documents import keyfile, process
from portal.documents.confirmation import TEMPLATE
from portal.documents.pool import Pool, Wanted
from portal.documents.wire import JSON, Enclosed
from tests.bench.cpu import Bill, metered
from tests.documents.sheets import sheet
from tests.live import ROOT

ROUNDS = 3
DOCUMENTS = 60
WARM = 8
AT = "2026-03-02T10:00:00+08:00"
PROOF: JSON = {"index": 123456, "size": 2345678, "offline": "https://portal.example/verify/offline", "signed": "demo"}
FILES = {
    "leaf.txt": '{"kind":"receipt"}' * 40,
    "openings.txt": '{"donor": {}}' * 40,
    "tlog-proof.txt": "c2sp.org/tlog-proof@v1\n" + "proof " * 250,
}
"""Of the size that they are in a log of two million leaves."""


@dataclass(frozen=True)
class Drawing:
    """CPU seconds of a document, by the library alone and by the portal; documents a second of one process and two."""

    library: float
    portal: float
    one: float
    two: float


def drawing() -> Drawing:
    """Medians of rounds that take turns."""
    with TemporaryDirectory() as folder:
        key = Path(folder) / "key.pem"
        keyfile.make_demo(key)
        rounds = [(_library(), *_pool(1, key), _pool(2, key)[1]) for _ in range(ROUNDS)]
    return Drawing(*map(median, zip(*rounds, strict=True)))


def _pool(processes: int, key: Path) -> tuple[float, float]:
    """CPU seconds a document, and documents a second."""
    bill = Bill()
    with Pool(processes) as pool:
        list(pool.drawn(TEMPLATE, _wanted(WARM * processes, key)))
        began = time.monotonic()
        with metered(bill, os.getpid()):
            list(pool.drawn(TEMPLATE, _wanted(DOCUMENTS * processes, key)))
        seconds = time.monotonic() - began
    return bill.seconds / (DOCUMENTS * processes), DOCUMENTS * processes / seconds


def _wanted(count: int, key: Path) -> Iterator[Wanted[int]]:
    """With proofs, signed."""
    for number in range(count):
        context = sheet(number=f"919-2026-{number:06d}").to_context() | {"proof": PROOF}
        yield Wanted(context, number, Enclosed(FILES, AT, str(key)))


def _library() -> float:
    """In a process with the fonts of the rendering processes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.drawing"],
        env=process.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _alone() -> float:
    """CPU seconds of WeasyPrint for the same page again and again; its style sheet and fonts are read once."""
    import weasyprint

    from portal.documents.renderer import NothingToFetch, Press

    press = Press(resources().templates / "pdf")
    html = press.html(TEMPLATE, sheet().to_context() | {"proof": PROOF})
    style = press._style(TEMPLATE)
    for number in range(WARM + DOCUMENTS):
        if number == WARM:
            began = time.process_time()
        page = weasyprint.HTML(string=html, url_fetcher=NothingToFetch())
        page.render(font_config=press._fonts, stylesheets=[style], pdf_tags=True).write_pdf(pdf_tags=True)
    return (time.process_time() - began) / DOCUMENTS


if __name__ == "__main__":
    sys.stdout.write(str(_alone()))
