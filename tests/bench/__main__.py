"""`python -m tests.bench`: what each operation costs, as a multiple of a bare Flask page under the same server.

CPU is user and system time of the server's processes and the database's, read from /proc: other work on the machine
hardly changes it, while time by the clock swings by half. Hello and portal take turns, three rounds, medians.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import data, servers
from tests.bench.drawing import drawing
from tests.bench.ground import Ground, made
from tests.bench.imports import imported
from tests.bench.operations import Bench
from tests.bench.rosters import entered
from tests.bench.rows import LEAST, ROWS, Row
from tests.live import ROOT

ROUNDS = 3
WARMINGS = 4
"""Short rounds before, each on new connections: the other worker must not be cold when one of them comes to it."""

RESULTS = ROOT / "build" / "bench"
HELLOS = 10
"""A bare page is quick: so many times as often as a page."""

DURING_IMPORT = 400
"""Activities for the volunteer who logs her hours meanwhile."""

Result = dict[str, Any]


def main() -> None:
    chosen = _chosen()
    RESULTS.mkdir(parents=True, exist_ok=True)
    for engine in chosen.engine or ("sqlite", "postgresql"):
        with TemporaryDirectory() as folder, made(engine, chosen.scale, Path(folder), chosen.data) as ground:
            result = measure(ground, Path(folder), chosen)
        (RESULTS / f"{engine}-{chosen.scale}.json").write_text(json.dumps(result, ensure_ascii=False, indent=2))
        _say(table(result))


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--data", type=Path, help="an instance of that scale to copy, on SQLite, instead of a new one")
    parser.add_argument("--times", type=int, default=60, help="repetitions of a page in each round")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--requests", type=int, default=10_000, help="requests before memory is looked at")
    return parser.parse_args()


def measure(ground: Ground, folder: Path, chosen: argparse.Namespace) -> Result:
    """Everything on one engine, as plain data."""
    few = WARMINGS * LEAST + ROUNDS * max(chosen.times // 4, LEAST)
    prepared = data.prepare(ground.instance, database=ground.database, to_log=few + DURING_IMPORT)
    during_import = [prepared.to_log.pop() for _ in range(DURING_IMPORT)]
    with _served(ground, folder) as (hello, portal):
        bench = Bench(hello, portal, ground, prepared)
        wanted = [row for row in ROWS if chosen.only in row.name]
        for _ in range(WARMINGS):
            bench.connect_anew()
            _round(bench, wanted, LEAST)
        rounds = [_round(bench, wanted, chosen.times) for _ in range(ROUNDS)]
        memory = bench.memory(chosen.requests) if chosen.requests else 0
        listed = None if chosen.only else imported(ground, portal.url, during_import)
        roster = None if chosen.only else entered(ground, folder)
    drawn = None if chosen.only else drawing()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "engine": ground.engine,
        "scale": chosen.scale,
        "hello_ms": median(one["hello"] for one in rounds) * 1000,
        "rows": [_summed(row, rounds) for row in wanted],
        "worker_mb": memory / 1e6,
        "seconds": ground.took,
        "import": listed and vars(listed),
        "roster": roster and vars(roster),
        "drawing": drawn and vars(drawn),
    }


@contextmanager
def _served(ground: Ground, folder: Path) -> Iterator[tuple[Any, Any]]:
    with servers.hello(folder / "hello") as hello, servers.portal_on(ground) as portal:
        yield hello, portal


def _round(bench: Bench, rows: list[Row], times: int) -> dict[str, float]:
    costs = {"hello": bench.hello(times * HELLOS)}
    return costs | {row.name: row.measure(bench, row.times(times)) for row in rows}


def _summed(row: Row, rounds: list[dict[str, float]]) -> Result:
    multiple = median(one[row.name] / one["hello"] for one in rounds)
    cost = median(one[row.name] for one in rounds)
    return {"name": row.name, "times_hello": multiple, "reach": row.reach, "cpu_ms": cost * 1000}


def table(result: Result) -> str:
    """The result as Markdown."""
    head = f"{result['engine']}, {result['scale']} data, {result['at'][:10]}, {result['machine']}; "
    lines = [head + f"hello = {result['hello_ms']:.3f} ms CPU", "", "| operation | × hello | reach |", "|---|---|---|"]
    lines += [f"| {row['name']} | {row['times_hello']:.2f} | {_reach(row['reach'])} |" for row in result["rows"]]
    lines += [f"| memory of a web worker | {result['worker_mb']:.0f} MB | ≤ 100 MB |"]
    lines += [f"| time of `portal {name}` | {seconds:.0f} s | |" for name, seconds in result["seconds"].items()]
    if listed := result["import"]:
        words = f"{listed['rows']:,} gifts: read {listed['read']:.0f} s, booked {listed['booked']:.0f} s"
        lines += [f"| {words}; a volunteer waited at most {listed['slowest']:.2f} s | | < 60 s |"]
    if roster := result["roster"]:
        words = f"roster of {roster['rows']:,} rows: read {roster['read']:.0f} s, booked {roster['booked']:.0f} s"
        lines += [f"| {words} | | < 60 s |"]
    if drawn := result["drawing"]:
        lines += [f"| confirmation as PDF, × WeasyPrint alone | {drawn['portal'] / drawn['library']:.2f} | ≤ 1.4 |"]
        lines += [f"| two rendering processes, × one by the clock | {drawn['two'] / drawn['one']:.2f} | ≥ 1.8 |"]
    return "\n".join(lines)


def _reach(figure: float | None) -> str:
    return "" if figure is None else f"≤ {figure:g}"


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
