"""Whoever has the database and the key of the log writes its past anew, so that nothing in it contradicts it."""

from sqlalchemy import text

from portal import create_app
from portal.db import db
from portal.log import heads
from portal.log.models import TILE
from portal.log.queries import written
from portal.log.tree import grow, leaf_hash, root
from portal.rooms import tables

GUARDED = "('ledger_entry', 'log_leaf', 'log_tile', 'log_head')"


def rewrite(memo: str) -> None:
    """Another story in an old entry; leaves, tiles and signed head to it. On SQLite, by the environment's settings."""
    tables()
    with create_app().app_context():
        _guards_off()
        _run("UPDATE ledger_entry SET memo = :memo WHERE id = 5", memo=memo)
        head = heads.standing()
        assert head is not None
        hashes = [leaf_hash(one.text or b"") for one in written(0, head.size)]
        for at, one in enumerate(hashes):
            _run("UPDATE log_leaf SET hash = :hash WHERE idx = :at", hash=one, at=at)
        for n in range(head.size // TILE):
            _tile(n, hashes[n * TILE : (n + 1) * TILE])
        heads.move(head, *grow([], 0, hashes))
        db.session.commit()


def _tile(n: int, part: list[bytes]) -> None:
    tile = "UPDATE log_tile SET hashes = :hashes, root = :root WHERE level = 0 AND idx = :n"
    _run(tile, hashes=b"".join(part), root=root(part), n=n)


def _guards_off() -> None:
    triggers = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {GUARDED}"
    for name in db.session.scalars(text(triggers)).all():
        _run(f"DROP TRIGGER {name}")


def _run(statement: str, **values: object) -> None:
    db.session.connection().execute(text(statement), values)
