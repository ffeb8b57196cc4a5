"""The README is true: its commands run, its settings are the ones that are read, its targets exist."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import commands
from tests.administration.first_day import PASSWORD
from tests.cli.test_set_up import TOML
from tests.live import ROOT, serving, settings
from tests.rosters.generated import csv_of, lines

README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^\| `(portal [^`]+)` \|", README, re.MULTILINE)
LIST = "到账日期,捐赠人,捐赠金额（元）\n2026-03-02,甲乙示例公司,100.00\n2026-03-03,林示例,0.01\n"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "instance"
    folder.mkdir()
    return folder


def run(instance: Path, portal: str, *words: str) -> "subprocess.CompletedProcess[str]":
    assert portal == "portal"
    return commands.run(*words, env=settings(instance) | {"PORTAL_BACKUP_PASSPHRASE": "a passphrase of the tests"})


# A dozen processes, one after the other.
@pytest.mark.timeout(400)
def test_the_commands_of_the_table_run_one_after_the_other(instance: Path, tmp_path: Path) -> None:
    file, backup, keys = tmp_path / "list.csv", tmp_path / "portal.backup", tmp_path / "keys"
    file.write_text(LIST)
    first = tmp_path / "first"
    first.write_text(PASSWORD)
    first.with_suffix(".toml").write_text(TOML)
    roster = tmp_path / "roster.csv"
    roster.write_bytes(csv_of(lines(2)))
    files = {"set-up": first, "backup": backup, "restore": backup, "keys": keys, "import volunteers": roster}
    runs = [
        "portal migrate",
        "portal set-up-token",
        "portal set-up FILE.toml --password-file FILE",
        "portal demo --seed 919",
        "portal check",
        "portal backup FILE",
        "portal restore FILE",
        "portal keys export FILE",
        "portal keys show",
        "portal log verify",
        "portal log checkpoint",
        "portal log keygen",
        "portal import donations FILE --fund 919 --as cashier",
        "portal confirm 3 --as accountant",
        "portal import volunteers FILE --as worker --consents PLACE",
        "portal export volunteers --format xlsx --out FILE.xlsx --purpose insurance --as worker",
        "portal export ledger --format beancount --out FILE.beancount",
        "portal export donations --format csv --out FILE.csv",
        "portal receipts render --fund 919 --year 2025 --out FILE.zip",
        "portal verify FILE.pdf",
        "portal user create 王小雨 --volunteer --as admin",
        "portal grant volunteer cashier --on fund:919 --reason 接任 --as admin",
        "portal user list",
        "portal jobs work --once",
        "portal jobs list",
    ]
    assert [command for command in COMMANDS if not command.startswith("portal serve")] == runs
    imported = 0
    for command in runs:
        place = tmp_path / "elsewhere" if "restore" in command else instance
        place = tmp_path / "founded" if "set-up FILE" in command else place
        words = command.split()
        named = command.replace("FILE", str(files.get(" ".join(words[1:3]), files.get(words[1], file))))
        done = run(place, *named.replace("confirm 3", f"confirm {imported}").split())
        assert done.returncode == 0, f"{command}: {done.stderr}"
        if "receipts render" in command:
            draw_one(instance, Path(f"{file}.pdf"))
        if "import volunteers" in command:
            assert json.loads(done.stdout.splitlines()[-1])["new"] == 2
        elif "import" in command:
            answer = json.loads(done.stdout.splitlines()[-1])
            assert answer["status"] == "waiting"
            assert (answer["accepted"], answer["total_fen"]) == (2, 10_001)
            imported = answer["import"]
    assert json.loads(run(instance, "portal", "check", "--json").stdout)


def draw_one(instance: Path, target: Path) -> None:
    """One confirmation of the instance, as its donor gets it."""
    program = (
        "from pathlib import Path; from sqlalchemy import select\n"
        "from portal.cli.application import application; from portal.db import db\n"
        "from portal.receipts.models import Receipt; from portal.receipts.pages import document_of\n"
        "with application().app_context():\n"
        "    receipt = db.session.scalars(select(Receipt).limit(1)).one()\n"
        f"    Path({str(target)!r}).write_bytes(document_of(receipt, base_url='https://portal.example').pdf())\n"
    )
    commands.run(env=settings(instance), program=program).check_returncode()


def test_the_server_of_the_table_serves(demo_data: Path, tmp_path: Path) -> None:
    assert any(command.startswith("portal serve") for command in COMMANDS)
    with serving(demo_data, tmp_path / "instance") as live:
        assert live.process.poll() is None


def test_wrong_usage_and_refusals_have_their_exit_codes(instance: Path, demo_data: Path) -> None:
    assert run(demo_data, "portal", "no-such-command").returncode == 2
    refused = run(demo_data, "portal", "demo")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert "Traceback" not in refused.stderr
    wrong = commands.run("check", env={**settings(demo_data), "DATABASE_URL": "mysql://x"})
    assert (wrong.returncode, "DATABASE_URL" in wrong.stderr) == (1, True)


def test_every_setting_is_in_the_table() -> None:
    read = set(re.findall(r'"((?:PORTAL|DATABASE)_[A-Z_]+)"', (ROOT / "portal" / "settings.py").read_text()))
    told = set(re.findall(r"`((?:PORTAL|DATABASE)_[A-Z_]+)`", README))
    assert read == told


def test_the_targets_that_make_help_lists_are_there() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ))
    targets = set(re.findall(r"^make (\w+)", said.stdout, re.MULTILINE))
    assert {"run", "test", "setup", "lint", "screenshots"} <= targets
    for target in re.findall(r"`make (\w+)`", README):
        assert target in targets


def test_every_room_of_the_tree_is_named() -> None:
    rooms = {path.name for path in (ROOT / "portal").iterdir() if (path / "__init__.py").exists()}
    assert rooms - set(re.findall(r"`(\w+)`", README)) == set()


def test_pictures_that_the_readme_shows_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).exists(), picture
