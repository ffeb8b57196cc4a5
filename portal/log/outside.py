"""The highest checkpoint, kept in a file outside the database: a database of yesterday must not go on as if today's."""

import fcntl
from pathlib import Path

from portal.log.keys import BadNote, Checkpoint, read
from portal.settings import current_settings

FILE = "log-checkpoint.txt"


def kept() -> Checkpoint | None:
    """What the file says; None where there is none yet. Raises BadNote for a file that says nothing."""
    try:
        return read(_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadNote("no text") from error


def keep(note: str, *, instead: bool = False) -> None:
    """Keep the note if it is of a larger size; `instead` of whatever is there, where a new log was declared."""
    file, new = _file(), read(note)
    with file.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not instead and (old := _old()) and old.origin == new.origin and old.size >= new.size:
            return
        fresh = file.with_suffix(".new")
        fresh.write_text(note, encoding="utf-8")
        fresh.replace(file)


def written(text: str | None) -> str | None:
    """Put a text in the note's place, or nothing; gives what was there."""
    file = _file()
    before = file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(text, encoding="utf-8")
    return before


def _old() -> Checkpoint | None:
    try:
        return kept()
    except BadNote:
        return None


def _file() -> Path:
    return current_settings().instance / FILE
