"""How far the making of demo data has come: a bar on a terminal, a line a phase anywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Say = Callable[[str], None]
Step = Callable[[int], None]
"""Called with how many more are done."""


@contextmanager
def phase(label: str, total: int, *, say: Say) -> Iterator[Step]:
    """A part of the work that makes `total` things."""
    began = time.monotonic()
    with click.progressbar(length=total, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update
    say(f"{label}：{total:,}（{time.monotonic() - began:.0f} 秒）")


def shares(total: int, weights: list[float]) -> list[int]:
    """The total in whole parts by weight: what is rounded away goes to the next part, so nothing is lost."""
    whole, given, so_far, parts = sum(weights), 0, 0.0, []
    for weight in weights:
        so_far += weight
        parts.append(round(total * so_far / whole) - given)
        given += parts[-1]
    return parts
