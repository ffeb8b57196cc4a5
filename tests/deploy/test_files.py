"""deploy/ is true: units that systemd understands, settings that the portal reads, a proxy that takes whole bodies."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.settings import Settings
from portal.web.metrics import FOLDER
from tests.live import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))
NGINX = (DEPLOY / "nginx.conf").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
README = (DEPLOY / "README.md").read_text()
KNOWN = set(re.findall(r'"((?:PORTAL|DATABASE)_[A-Z_]+)"', (ROOT / "portal" / "settings.py").read_text())) | {FOLDER}


def values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)


def test_every_setting_named_there_is_one_that_is_read() -> None:
    for path in DEPLOY.iterdir():
        told = set(re.findall(r"\b((?:PORTAL|DATABASE)_[A-Z_]+)\b", path.read_text()))
        assert told - KNOWN == set(), path.name


def test_the_settings_file_starts_production(tmp_path: Path) -> None:
    lines = [line for line in (DEPLOY / "portal.env").read_text().splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    keys = {"PORTAL_SECRET_KEY": "s" * 40, "PORTAL_DATA_KEY": "d" * 40, "PORTAL_LOG_KEY": "l" * 40}
    settings = Settings.from_environment(
        given | keys | {"PORTAL_ENV": "production", "PORTAL_INSTANCE": str(tmp_path / "instance")}
    )
    assert (settings.is_production, settings.proxies, settings.hosts) == (True, 1, ("portal.example",))


# ── systemd ─────────────────────────────────────────────────────────────────────────────────────────
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        assert UNITS
        return
    for unit in UNITS:
        # The portal is not installed where tests run.
        text = unit.read_text().replace("/opt/portal/venv/bin/portal", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    # Other units of this machine may have faults of their own.
    assert [line for line in done.stderr.splitlines() if "portal" in line] == []


@pytest.mark.parametrize("unit", [path for path in UNITS if path.suffix == ".service"], ids=lambda unit: str(unit.name))
def test_services_may_do_no_more_than_they_must(unit: Path) -> None:
    wanted = {
        "User": "portal",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
        "StateDirectory": "portal",
        "StateDirectoryMode": "0700",
    }
    assert {name: values(unit, name) for name in wanted} == {name: [value] for name, value in wanted.items()}


def test_no_passphrase_stands_on_a_command_line() -> None:
    unit = DEPLOY / "portal-backup.service"
    (command,) = values(unit, "ExecStart")
    assert '--passphrase-file "$$CREDENTIALS_DIRECTORY/passphrase"' in command
    assert values(unit, "LoadCredential") == ["passphrase:/etc/portal/backup.passphrase"]


def test_the_backup_writes_only_where_it_may() -> None:
    unit = DEPLOY / "portal-backup.service"
    (command,), (folder,) = values(unit, "ExecStart"), values(unit, "ReadWritePaths")
    assert f'"{folder}/portal-$$(date +%%F).backup"' in command
    assert f"find {folder} -maxdepth 1" in values(unit, "ExecStartPost")[0]


def test_commands_in_the_files_are_the_portals() -> None:
    from portal.cli import main

    said = "\n".join(path.read_text() for path in DEPLOY.iterdir())
    named = set(re.findall(r"\bportal (migrate|serve|backup|restore|check|demo|keys)\b", said))
    assert named <= set(main.commands)
    assert named >= {"migrate", "serve", "backup", "restore", "check", "keys"}


# ── nginx ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_proxy_says_what_the_portal_believes() -> None:
    told = dict(re.findall(r"proxy_set_header (\S+)\s+(\S+);", NGINX))
    # Replaced, never added to: with one proxy believed, the last word must be nginx's own.
    assert told["X-Forwarded-For"] == "$remote_addr"
    assert told["X-Forwarded-Proto"] == "$scheme"
    assert told["X-Forwarded-Host"] == told["Host"] == "$host"


def test_the_proxy_takes_bodies_in_whole_and_as_large_as_the_portal() -> None:
    assert "proxy_request_buffering on;" in NGINX
    limit = re.findall(r"client_max_body_size\s+(\d+)m;", NGINX)
    assert [int(size) * 1024 * 1024 for size in limit] == [Settings.upload_limit + 1024 * 1024]


def test_the_world_sees_no_metrics() -> None:
    assert re.search(r"location = /metrics\s*\{ return 404; \}", NGINX)


def test_nginx_understands_its_file() -> None:
    depth = 0
    for line in re.sub(r"#.*|\"[^\"]*\"", "", NGINX).splitlines():
        depth += line.count("{") - line.count("}")
        assert depth >= 0
        assert not line.strip() or line.rstrip()[-1] in "{};", line
    assert depth == 0


# ── Docker ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_image_runs_as_nobody_special_and_says_how_it_fares() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert users == ["portal"]
    assert "--uid 10001" in last
    assert "/healthz" in re.findall(r"HEALTHCHECK.*?\n\s+CMD (.*)", DOCKERFILE)[0]
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:3.11-slim", "python:3.11-slim"]


def test_the_image_checks_what_it_installs_and_holds_no_secret() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"(SECRET|DATA)_KEY|PASSPHRASE", DOCKERFILE)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "instance", "*.env", "*.backup"} <= set(ignored)


def test_what_the_image_copies_is_not_ignored() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split())
    for name in ("tools", "pyproject.toml", "requirements.lock", "package-lock.json", "portal", "templates", "static"):
        assert (ROOT / name).exists()
        assert name not in ignored


def test_the_health_check_is_a_program() -> None:
    (command,) = re.findall(r'HEALTHCHECK.*?\n\s+CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    compile(command, "health", "exec")


# ── words ───────────────────────────────────────────────────────────────────────────────────────────
def test_every_file_is_named_in_the_readme() -> None:
    for path in DEPLOY.iterdir():
        if path.name != "README.md":
            assert path.name in README or f"*{path.suffix}" in README, path.name
