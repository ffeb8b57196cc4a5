"""The environment, read once into one frozen object. A wrong value stops the start with one clear line."""

import importlib.util
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from flask import current_app

BACKUP_PASSPHRASE = "PORTAL_BACKUP_PASSPHRASE"  # noqa: S105 # its name, not its value
"""Read by the commands that need it, and kept nowhere: a server has no use for it."""

SHORTEST_KEY = 16
"""Characters of the key that signs what is sent to a gateway."""

LONG_ENOUGH = 32
"""Characters of the portal's own keys."""

SEAL_KEYS = "PORTAL_SEAL_KEYS"


class SettingsError(Exception):
    """A setting is missing or wrong; the sentence names it."""


@dataclass(frozen=True)
class Settings:
    """What the portal is told from outside. Sizes in bytes, times in seconds."""

    env: str
    instance: Path
    database_url: str
    secret_key: str
    data_key: str
    base_url: str
    files: Path
    upload_limit: int = 20 * 1024 * 1024
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    log: str = "text"
    rates: str = "memory"
    redis_url: str = ""
    mail_url: str = ""
    sms_url: str = ""
    seal_keys: tuple[str, ...] = ()
    log_key: str = ""
    log_origin: str = ""
    witnesses: tuple[str, ...] = ()
    sign_key: Path | None = None

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises SettingsError with a sentence for whoever starts the portal."""
        env = environ.get("PORTAL_ENV", "development")
        if env not in ("development", "production"):
            raise SettingsError(f"PORTAL_ENV must be 'development' or 'production', not {env!r}.")
        instance = instance_folder(environ)
        key = _given_key if env == "production" else _kept_key
        return cls(
            env=env,
            instance=instance,
            database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
            secret_key=key(environ, "PORTAL_SECRET_KEY", instance),
            data_key=key(environ, "PORTAL_DATA_KEY", instance),
            seal_keys=_seal_keys(environ, instance),
            log_key=key(environ, "PORTAL_LOG_KEY", instance),
            log_origin=_log_origin(environ.get("PORTAL_LOG_ORIGIN", "")),
            witnesses=tuple(map(_witness, environ.get("PORTAL_WITNESSES", "").split())),
            sign_key=_sign_key(environ.get("PORTAL_SIGN_KEY", ""), instance, production=env == "production"),
            base_url=_base_url(environ.get("PORTAL_BASE_URL", ""), production=env == "production"),
            files=Path(environ.get("PORTAL_FILES", instance / "files")).resolve(),
            proxies=_count(environ, "PORTAL_PROXIES"),
            rates=_rates(environ),
            redis_url=environ.get("REDIS_URL", ""),
            log=_log(environ.get("PORTAL_LOG", ""), production=env == "production"),
            mail_url=_carrier(environ, "PORTAL_MAIL_URL", ("smtp", "smtps")),
            sms_url=_carrier(environ, "PORTAL_SMS_URL", ("https", "http")),
            hosts=tuple(host.strip() for host in environ.get("PORTAL_HOSTS", "").split(",") if host.strip()),
        )


def current_settings() -> Settings:
    """Those of the application whose context this is."""
    settings: Settings = current_app.extensions["portal_settings"]
    return settings


def instance_folder(environ: Mapping[str, str]) -> Path:
    """The folder for database, keys and uploads; made when it is not there."""
    instance = Path(environ.get("PORTAL_INSTANCE", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    return instance


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'portal.db'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    return url


def _base_url(url: str, *, production: bool) -> str:
    if not url:
        if production:
            raise SettingsError(
                "PORTAL_BASE_URL is missing: it is printed on receipts, for example https://portal.example."
            )
        return "http://127.0.0.1:8000"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError("PORTAL_BASE_URL must be a whole address such as https://portal.example.")
    return url.rstrip("/")


def _carrier(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    """Where letters go: a whole address, or `folder:` and an absolute path. Never quoted: it holds a password."""
    url = environ.get(name, "")
    if not url or url.startswith("folder:/"):
        return url
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise SettingsError(f"{name} must begin with {'://, '.join(schemes)}:// and name a host, or be folder:/path.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise SettingsError(f"{name} must begin with https:// unless it is on this machine.")
    if parts.scheme in ("http", "https") and len(parts.username or "") < SHORTEST_KEY:
        raise SettingsError(
            f"{name} must hold a key of at least {SHORTEST_KEY} characters before the host: https://KEY@host/path."
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _log_origin(name: str) -> str:
    """The public log's name, as verifiers write it: an address without scheme."""
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9./-]{2,99}", name):
        raise SettingsError("PORTAL_LOG_ORIGIN must be a name such as portal.example/log.")
    return name


def _sign_key(name: str, instance: Path, *, production: bool) -> Path | None:
    """The file with which documents are signed. Development makes a demo key there when the first one is drawn."""
    if not name:
        return None if production else instance / "demo-sign-key.pem"
    if not Path(name).is_file():
        raise SettingsError(f"PORTAL_SIGN_KEY must name a PEM file with a key and its certificate; {name} is none.")
    return Path(name).resolve()


def _witness(text: str) -> str:
    """`verifier key@address`; the key itself is looked at where it is used."""
    vkey, _, url = text.partition("@")
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not re.fullmatch(r"[^+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*", vkey) or not (is_safe and parts.hostname):
        raise SettingsError("Each of PORTAL_WITNESSES must be NAME+HASH+KEY@https://host/prefix.")
    return text


def _log(kind: str, *, production: bool) -> str:
    if kind not in ("", "json", "text"):
        raise SettingsError(f"PORTAL_LOG must be 'json' or 'text', not {kind!r}.")
    return kind or ("json" if production else "text")


def _rates(environ: Mapping[str, str]) -> str:
    kind = environ.get("PORTAL_RATES", "") or "memory"
    if kind not in ("memory", "database", "redis"):
        raise SettingsError(f"PORTAL_RATES must be 'memory', 'database' or 'redis', not {kind!r}.")
    if kind == "redis" and not environ.get("REDIS_URL", "").startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("PORTAL_RATES=redis needs REDIS_URL, such as redis://127.0.0.1:6379/0.")
    if kind == "redis" and importlib.util.find_spec("redis") is None:
        raise SettingsError("PORTAL_RATES=redis needs the package: pip install 'portal[redis]'.")
    return kind


def _count(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise SettingsError(f"{name} must be a small whole number, not {text!r}.")
    return int(text)


def _given_key(environ: Mapping[str, str], name: str, _: Path) -> str:
    value = environ.get(name, "")
    if len(value) < LONG_ENOUGH:
        raise SettingsError(
            f"{name} is missing or shorter than {LONG_ENOUGH} characters; production does not invent keys."
        )
    return value


def _seal_keys(environ: Mapping[str, str], instance: Path) -> tuple[str, ...]:
    """The keys that seal columns, the one that writes first; in development also from beside the database."""
    text = environ.get(SEAL_KEYS, "")
    file = instance / f"{SEAL_KEYS.lower()}.txt"
    if not text and environ.get("PORTAL_ENV") != "production" and file.exists():
        text = file.read_text()
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if any(len(key) < LONG_ENOUGH for key in keys):
        raise SettingsError(f"Each key of {SEAL_KEYS} must have at least {LONG_ENOUGH} characters.")
    return keys


def _kept_key(environ: Mapping[str, str], name: str, instance: Path) -> str:
    """Development makes a missing key once and keeps it beside the database."""
    if value := environ.get(name):
        return value
    file = instance / f"{name.lower()}.txt"
    _written_once(file, lambda: secrets.token_urlsafe(48))
    return file.read_text().strip()


def _written_once(file: Path, make: Callable[[], str]) -> None:
    try:
        with file.open("x") as new:
            new.write(make())
    except FileExistsError:
        return
    file.chmod(0o600)
