"""Where the tests keep their files: in memory where there is enough of it, for a disk makes each commit wait.

What a test claims of files holds on any file system; that a commit outlives a power cut is not for a test to say.
"""

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "portal-tests-"
"""Before the id of the process that owns a folder."""

ENOUGH = 4 * 1024**3
"""Bytes free; a whole run fills a tenth of it."""


def folder(base: Path) -> Path:
    """A new folder of this process's own; what killed runs have left is removed."""
    _sweep(base)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))


def for_files() -> Path | None:
    """A folder in memory, from now on the place of temporary files of this process and those that it starts.

    None, and nothing is changed, where there is too little memory.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < ENOUGH:
        return None
    made = folder(memory)
    os.environ["TMPDIR"] = tempfile.tempdir = str(made)
    return made


def _sweep(base: Path) -> None:
    for left in base.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)
