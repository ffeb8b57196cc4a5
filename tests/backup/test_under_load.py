"""A backup is taken while people work: nobody is kept waiting, and what comes back is one consistent moment."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from portal.db import db
from portal.hours.models import Claim
from portal.receipts.models import Receipt
from tests.applications import migrate
from tests.backup.load import under_load
from tests.backup.portals import Portal

LONGEST = 20.0
"""Seconds that one write may take on a machine that is busy with tests; a locked database would take 30."""


def found(portal: Portal) -> tuple[set[str], set[str], set[str]]:
    with portal.app.app_context():
        numbers = {str(number) for number in db.session.scalars(select(Receipt.number))}
        people = {str(person_id) for person_id in db.session.scalars(select(Claim.person_id))}
        return numbers, people, {Path(name).name for name in portal.uploads()}


def test_writers_go_on_and_every_write_before_the_backup_is_in_it(
    another: Callable[[str], Portal], tmp_path: Path
) -> None:
    working, elsewhere = another("working"), another("elsewhere")
    migrate(working.app)
    met: list[int] = []
    with under_load(working.app) as load:
        load.wait_for_more(5)
        before = load.acknowledged()

        def progress(done: int, total: int) -> None:
            if not met:
                # The snapshot is held here: whoever needs the writers' lock waits for ever.
                met.append(done)
                load.wait_for_more(5)

        working.backup(tmp_path / "b", progress=progress)
        load.wait_for_more(1)
    assert met
    assert max(load.waits) < LONGEST
    elsewhere.restore(tmp_path / "b")
    elsewhere.check()
    for was_acknowledged, is_there, later in zip(before, found(elsewhere), load.acknowledged(), strict=True):
        assert was_acknowledged <= is_there
        assert is_there < later
    was = working.uploads()
    assert all(was[name] == content for name, content in elsewhere.uploads().items())


def test_another_process_backs_up_while_this_one_writes(another: Callable[[str], Portal], tmp_path: Path) -> None:
    working, elsewhere = another("working"), another("elsewhere")
    migrate(working.app)
    with under_load(working.app) as load:
        load.wait_for_more(5)
        before = load.acknowledged()
        done = working.run("backup", str(tmp_path / "b"))
        assert done.returncode == 0, done.stderr
    assert max(load.waits) < LONGEST
    restored = elsewhere.run("restore", str(tmp_path / "b"))
    assert restored.returncode == 0, restored.stderr
    assert "核对无误" in restored.stdout
    assert all(acknowledged <= there for acknowledged, there in zip(before, found(elsewhere), strict=True))
