"""What a search for people costs among many: `python -m tests.bench.searching --people 1000000 --engine postgresql`.

Makes so many generated people in a database of its own, then looks for some as a leader of two thousand of them and as
a community worker, who knows everybody. Printed are milliseconds by the clock, and of this process's CPU, medians.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.bulk import alone, insert_rows
from portal.clock import now, today
from portal.db import analyze, db
from portal.demo.names import crowd
from portal.finding.asking import read
from portal.finding.models import Kind
from portal.finding.queries import A_PAGE, Cut, found
from portal.finding.work import read_some
from portal.orgs.actions import add_organisation, add_team
from portal.orgs.models import Membership
from portal.people.actions import add_person, grant
from portal.people.bulk_actions import add_people
from portal.people.models import ALLIANCE, Person, Role
from tests import postgres
from tests.applications import application, migrate
from tests.engines import Engine, empty

MEMBERS = 2_000
SEARCHES = {
    "a frequent surname": "王",
    "a frequent name": "陈晓",
    "a frequent character inside": "明",
    "a rare character": "㵘",
    "a whole name": "欧阳晓晨",
    "two initials": "zx",
    "three initials": "zxm",
    "whole pinyin": "wangxiaoming",
    "frequent pinyin": "wang",
    "a rare pair of frequent initials": "wengwan",
    "mixed": "zhangxm",
    "characters and initials": "王xm",
    "nonsense": "qzvrxwkj",
}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=21_000)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--times", type=int, default=9)
    options = asked.parse_args()
    with _database(options.engine) as (engine, folder):
        app = application(engine, folder)
        migrate(app)
        with app.app_context():
            leader, worker = _filled(options.people)
            _measure("leader of 2,000", leader, options.times)
            _measure("worker, everybody", worker, options.times)


@contextmanager
def _database(name: str) -> Iterator[tuple[Engine, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.start() if name == "postgresql" else None
        try:
            yield empty(name, Path(folder), "searching"), Path(folder)
        finally:
            if server:
                server.stop()


def _filled(people: int) -> tuple[Person, Person]:
    """The people, the leader of the first two thousand, and a worker."""
    began = time.monotonic()
    at = now()
    team = add_team(add_organisation("查找测试组织", slug="o", by=None, at=at), "查找测试队", slug="t", by=None, at=at)
    leader = add_person("测试队长", by=None, at=at, is_volunteer=True)
    worker = add_person("测试社工", by=None, at=at, is_volunteer=True)
    grant(leader, Role.TEAM_LEADER, on=team.scopes[0], by=None, at=at, reason="测试")
    grant(worker, Role.WORKER, on=ALLIANCE, by=None, at=at, reason="测试")
    ids, team_id = (leader.id, worker.id), team.id
    db.session.commit()
    with alone():
        chance, left = random.Random(919), people
        while left:
            some = add_people(crowd(min(left, 50_000), chance=chance), by=None, at=at)
            if left == people:
                rows = [(one.id, team_id, today(), None, None) for one in some[:MEMBERS]]
                insert_rows(Membership, ("person_id", "team_id", "joined_on", "left_on", "until"), rows)
            db.session.commit()
            left -= len(some)
        print(f"{people:,} people entered after {time.monotonic() - began:.0f} s")
        while read_some():
            db.session.commit()
        analyze()
        print(f"their names read after {time.monotonic() - began:.0f} s")
    return db.session.get_one(Person, ids[0]), db.session.get_one(Person, ids[1])


def _measure(who: str, viewer: Person, times: int) -> None:
    for name, q in SEARCHES.items():
        clock, cpu, hits = [], [], 0
        for _ in range(times):
            wall, own = time.perf_counter(), time.process_time()
            hits = len(found(read(q), Kind.PERSON, viewer, Cut(0, A_PAGE)).hits)
            clock.append(time.perf_counter() - wall)
            cpu.append(time.process_time() - own)
            db.session.rollback()
        middle, own = statistics.median(clock) * 1_000, statistics.median(cpu) * 1_000
        print(f"{who:18} {name:34} {q:14} {hits:3} hits  {middle:8.1f} ms  {own:8.1f} ms CPU")


if __name__ == "__main__":
    main()
