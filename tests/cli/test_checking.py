"""`portal check` over many facts: each processor looks at some, and the answer is the same."""

import os
import subprocess
import sys
from pathlib import Path

from portal.db import db
from tests.applications import environment
from tests.engines import Engine
from tests.giving import Giving

CHECK = """
from portal.cli import checking, main
if __name__ == "__main__":
    checking.MANY = {many}
    main(["check"])
"""


def checked(engine: Engine, folder: Path, *, many: int) -> tuple[int, str]:
    words = [sys.executable, "-c", CHECK.format(many=many)]
    done = subprocess.run(words, env=os.environ | environment(engine, folder), capture_output=True, text=True)
    return done.returncode, done.stdout


def test_it_says_the_same_with_all_processors_as_with_one(engine: Engine, giving: Giving, tmp_path: Path) -> None:
    giving.gift()
    giving.gift()
    db.session.commit()
    alone = checked(engine, tmp_path, many=1_000_000)
    assert alone[0] == 0, alone[1]
    assert checked(engine, tmp_path, many=0) == alone
