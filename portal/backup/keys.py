"""The portal's keys: never inside a backup, but in a sealed file of their own, under a passphrase of their own."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path

from portal.backup.problems import BackupProblem, said_plainly
from portal.backup.sealed import Kind, Sealer, opened
from portal.backup.whole import synced, written_whole
from portal.settings import SEAL_KEYS, Settings

KEYS = ("PORTAL_SECRET_KEY", "PORTAL_DATA_KEY")
LATER = ("PORTAL_LOG_KEY", SEAL_KEYS)
"""Keys that a file need not have: it may be older than they are."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.:,@")


def fingerprint(data_key: str) -> str:
    """By this two data keys are told apart, and nothing else is learnt of them: 128 bits in hex."""
    return hmac.digest(data_key.encode(), b"portal: fingerprint of the data key", hashlib.sha256).hex()[:32]


def export_keys(settings: Settings, target: Path, passphrase: str) -> None:
    """Write the keys to a sealed file. Raises BackupProblem."""
    values = dict(zip(KEYS, (settings.secret_key, settings.data_key), strict=True))
    values[LATER[0]] = settings.log_key
    if settings.seal_keys:
        values[SEAL_KEYS] = ",".join(settings.seal_keys)
    with written_whole(target) as out:
        sealer = Sealer(out, passphrase, kind=Kind.KEYS)
        sealer.write(json.dumps(values).encode())
        sealer.finish()


def read_keys(source: Path, passphrase: str) -> dict[str, str]:
    """The keys in a sealed file by their settings' names. Raises BackupProblem, NotWhole."""
    with said_plainly(source), source.open("rb") as sealed:
        values = json.loads(b"".join(opened(sealed, passphrase, kind=Kind.KEYS)))
    return {name: str(values[name]) for name in (*KEYS, *LATER) if name in KEYS or name in values}


def write_environment(values: Mapping[str, str], target: Path) -> None:
    """Write the keys as lines `NAME=value` for systemd or Docker. Raises BackupProblem when the file is there."""
    _write_new({target: "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())})


def write_into_instance(values: Mapping[str, str], instance: Path) -> None:
    """Put the keys where development keeps its own. Raises BackupProblem when keys are there."""
    _write_new({instance / f"{name.lower()}.txt": value for name, value in values.items()})


def _write_new(contents: Mapping[Path, str]) -> None:
    for target in contents:
        if target.exists():
            raise BackupProblem(f"{target} 已经存在。请先把它移开，以免丢失现有的密钥。")
    for target, content in contents.items():
        with said_plainly(target):
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w") as new:
                new.write(content)
                new.flush()
                os.fsync(new.fileno())
            synced(target.parent)


def _quoted(value: str) -> str:
    """Docker takes quotes for part of the value, so only what systemd would misread is quoted."""
    if set(value) <= _PLAIN:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
