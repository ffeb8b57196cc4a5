"""What bandit finds in the code, less what was looked at; and known holes in the packages, where an index answers.

`python -m tools.check_security` exits with 1 for a finding that nobody has looked at, for one that was and is gone,
or when a pinned package has a known hole. Nothing is skipped as a whole: each file is named with each kind of finding.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LISTS = ("requirements.lock", "requirements-test.lock")
PATIENCE = 120
"""Seconds for an index to answer."""

_SQL = "the text is put together from names in this code; values are bound"
_ASSERT = "it tells the type checker what the line before made sure of"
_PROGRAM = "a fixed program with a list of arguments, no shell"
_MARKUP = "the parts were rendered or escaped before"
_CHANCE = "a delay or invented data: nothing secret hangs on it"
_NAME = "a name, not a secret"

LOOKED_AT: dict[str, dict[str, str]] = {
    "portal/accounts/telling.py": {"B105": _NAME},
    "portal/activities/tallies.py": {"B608": _SQL},
    "portal/backup/postgresql.py": {"B101": _ASSERT, "B404": _PROGRAM, "B603": _PROGRAM, "B608": _SQL},
    "portal/backup/sqlite.py": {"B608": _SQL},
    "portal/books/feed.py": {"B405": "it writes XML and reads none"},
    "portal/cli/kept.py": {"B404": _PROGRAM, "B603": _PROGRAM},
    "portal/cli/people.py": {"B101": _ASSERT},
    "portal/db.py": {"B101": _ASSERT},
    "portal/demo/__init__.py": {"B311": _CHANCE},
    "portal/demo/cast.py": {"B105": "said openly: demo data never meets production"},
    "portal/documents/process.py": {"B404": _PROGRAM, "B603": _PROGRAM},
    "portal/documents/qr.py": {"B704": _MARKUP},
    "portal/files/sheets.py": {"B404": _PROGRAM, "B603": _PROGRAM},
    "portal/finding/guards.py": {"B608": _SQL},
    "portal/funds/tallies.py": {"B608": _SQL},
    "portal/guards.py": {"B608": _SQL},
    "portal/hours/guards.py": {"B608": _SQL},
    "portal/hours/tallies.py": {"B608": _SQL},
    "portal/indexes.py": {"B101": _ASSERT},
    "portal/jobs/actions.py": {"B311": _CHANCE},
    "portal/jobs/worker.py": {"B311": _CHANCE},
    "portal/joining/actions.py": {"B101": _ASSERT},
    "portal/joining/join_pages.py": {"B105": _NAME},
    "portal/ledger/checks.py": {"B608": _SQL},
    "portal/ledger/guards.py": {"B608": _SQL},
    "portal/ledger/trace_checks.py": {"B608": _SQL},
    "portal/lists/guards.py": {"B608": _SQL},
    "portal/log/heads.py": {"B101": _ASSERT},
    "portal/log/verifying.py": {"B101": _ASSERT},
    "portal/orgs/forms.py": {"B101": _ASSERT},
    "portal/orgs/guards.py": {"B608": _SQL},
    "portal/people/bulk_actions.py": {"B105": _NAME},
    "portal/people/guards.py": {"B608": _SQL},
    "portal/people/tallies.py": {"B608": _SQL},
    "portal/receipts/guards.py": {"B608": _SQL},
    "portal/resealing.py": {"B101": _ASSERT},
    "portal/resets/routes.py": {"B101": _ASSERT},
    "portal/roles/actions.py": {"B101": _ASSERT},
    "portal/roles/forms.py": {"B101": _ASSERT},
    "portal/rosters/guards.py": {"B608": _SQL},
    "portal/search.py": {"B608": _SQL},
    "portal/settings.py": {"B105": _NAME},
    "portal/spending/actions.py": {"B101": _ASSERT},
    "portal/spending/guards.py": {"B608": _SQL},
    "portal/teams/forms.py": {"B101": _ASSERT},
    "portal/teams/guards.py": {"B608": _SQL},
    "portal/verifying/page.py": {"B704": _MARKUP},
    "portal/web/pages.py": {"B704": _MARKUP},
    "portal/web/translated.py": {"B704": _MARKUP},
}
"""File → kind of finding → why it is none."""


def main() -> int:
    faults = [*code_faults(bandit()), *package_faults()]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


def bandit() -> list[dict[str, Any]]:
    """All that bandit finds in the portal's code."""
    done = _run("bandit", "--quiet", "--recursive", "--format", "json", "portal")
    answer: dict[str, Any] = json.loads(done.stdout)
    results: list[dict[str, Any]] = answer["results"]
    return [*results, *({"filename": one["filename"], "test_id": one["reason"]} for one in answer["errors"])]


def code_faults(results: list[dict[str, Any]]) -> Iterator[str]:
    found = {(one["filename"], one["test_id"]) for one in results}
    for one in results:
        if one["test_id"] not in LOOKED_AT.get(one["filename"], {}):
            words = one.get("issue_text", "could not be read")
            yield f"{one['filename']}:{one.get('line_number', 0)}: {one['test_id']} {words}"
    for file, kinds in LOOKED_AT.items():
        for kind in kinds:
            if (file, kind) not in found:
                yield f"tools/check_security.py: {file} has no {kind} any more"


def package_faults() -> Iterator[str]:
    """Known holes in what the lists pin. An index that does not answer is said so, and is no fault."""
    for name in LISTS:
        answer = audit(name)
        packages = answer["dependencies"] if answer else []
        asked = [one for one in packages if "skip_reason" not in one]
        if not asked:
            sys.stdout.write(f"{name}: no index answered: not audited\n")
            continue
        sys.stdout.write(f"{name}: {len(asked)} of {len(packages)} packages audited\n")
        for one in asked:
            for hole in one["vulns"]:
                yield f"{name}: {one['name']} {one['version']}: {hole['id']}, mended in {hole['fix_versions']}"


def audit(name: str) -> dict[str, Any] | None:
    """What pip-audit says of a list; None when it cannot even ask."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    try:
        done = _run("pip-audit", "--requirement", name, *options)
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return answer


def _run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / program), *arguments]
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
    )


if __name__ == "__main__":
    sys.exit(main())
