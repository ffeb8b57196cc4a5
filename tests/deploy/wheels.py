"""The wheel, built from a clean copy of the sources, installed apart, and run from an empty folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live import ROOT, Live, free_port, running, settings

INSTALLED = ("static/vendor", "portal/translations")
"""What set-up adds to the sources: front-end files, and compiled words."""


def sources(folder: Path) -> Path:
    """The files that git knows or would take, and what set-up has installed; nothing else of this checkout."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    installed = [path for part in INSTALLED for path in (ROOT / part).rglob("*") if path.is_file()]
    for name in {*filter(None, listed), *(str(path.relative_to(ROOT)) for path in installed)}:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def built(source: Path, out: Path) -> tuple[Path, Path]:
    """An sdist of these sources, and a wheel made from the sdist alone."""
    python("-m", "build", "--no-isolation", "--outdir", str(out), str(source), cwd=source)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


def installed(wheel: Path, target: Path) -> Path:
    python("-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=target.parent)
    return target


def python(*words: str, cwd: Path, **more: str) -> str:
    """What a Python process prints; raises AssertionError with what it said. Other packages are this test run's."""
    environment = settings(cwd / "instance") | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"} | more
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@contextmanager
def served(wheel: Path, empty: Path) -> Iterator[Live]:
    """A server that knows the installed wheel only, in a folder where nothing of the checkout is."""
    port = free_port()
    place = ["env", "--chdir", str(empty), f"PYTHONPATH={wheel}"]
    command = [*place, sys.executable, "-m", "portal", "serve", "--port", str(port), "--workers", "1"]
    with running(command, empty / "instance", port) as live:
        yield live


def _git(*words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
