"""A genuine confirmation, made without a database: a small log, its checkpoint, a proof, a signature."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.documents import keyfile
from portal.documents.client import Renderer
from portal.documents.confirmation import TEMPLATE
from portal.documents.wire import Enclosed
from portal.log import keys
from portal.log.commitments import commit
from portal.log.keys import Checkpoint
from portal.log.leaves import text_of
from portal.log.proofs import Proof
from portal.log.tree import leaf_hash, root
from tests.documents.sheets import USUAL

SECRET = "log-key-of-a-log-for-verifiers-0123"
ORIGIN = "portal.example/log"
VKEY = keys.vkey_of(SECRET, ORIGIN)
OTHERS = [b'{"kind":"entry","n":%d,"v":1}' % n for n in range(10)]
INDEX = 5
AT = datetime(2026, 3, 2, 2, tzinfo=UTC).isoformat()
PRIVATE: dict[str, Any] = {"donor": USUAL.donor, "words": [USUAL.project, USUAL.memo], "people": ["林晓棠", "赵思齐"]}
SALTS = {field: bytes([at]) * 32 for at, field in enumerate(PRIVATE, 1)}
PUBLIC: dict[str, Any] = {
    "number": USUAL.number,
    "fund": "919",
    "fund_name": USUAL.fund,
    "authorised_by": USUAL.organisation,
    "issued_on": "2026-03-02",
    "received_on": "2026-03-01",
    "fen": USUAL.amount,
    "method": "bank",
    "state_receipt": "listed",
    "entry": [2026, 7],
}


def path_to(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The audit path as RFC 6962 defines it, word for word: slow, and not the portal's own."""
    if len(hashes) == 1:
        return []
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    if index < half:
        return [*path_to(index, hashes[:half]), root(hashes[half:])]
    return [*path_to(index - half, hashes[half:]), root(hashes[:half])]


def proof(*, public: dict[str, Any] | None = None, secret: str = SECRET, size: int = 11) -> Proof:
    """A proof for the confirmation's leaf among `size` leaves."""
    hidden = {field: commit(SALTS[field], field, value) for field, value in PRIVATE.items()}
    leaf = text_of("receipt", PUBLIC | (public or {}), hidden)
    hashes = [leaf_hash(one) for one in [*OTHERS[:INDEX], leaf, *OTHERS[INDEX:]]][:size]
    note = keys.sign(Checkpoint(ORIGIN, size, root(hashes)), secret)
    openings = {field: {"salt": SALTS[field].hex(), "value": value} for field, value in PRIVATE.items()}
    return Proof(INDEX, size, tuple(path_to(INDEX, hashes)), note, leaf, openings)


def attachments(of: Proof) -> dict[str, str]:
    openings = json.dumps(of.openings, ensure_ascii=False, sort_keys=True, indent=1)
    return {"leaf.txt": of.leaf.decode(), "openings.txt": openings, "tlog-proof.txt": of.tlog_proof()}


@dataclass(frozen=True)
class Maker:
    """Makes confirmations, with a key that is the portal's and with one that is not."""

    renderer: Renderer
    key: Path
    strangers: Path

    def pdf(
        self, files: dict[str, str] | None = None, *, key: Path | None = None, signed: bool = True, **changes: Any
    ) -> bytes:
        """A sheet with these files; `changes` are made to what is printed only."""
        enclosed = Enclosed(
            attachments(proof()) if files is None else files, AT, str(key or self.key) if signed else ""
        )
        context = replace(USUAL, **changes).to_context()
        words: Any = {"index": INDEX, "size": 11, "offline": "https://portal.example/verify/offline", "signed": "demo"}
        return self.renderer.render(TEMPLATE, context | {"proof": words}, enclosed=enclosed)


def keys_in(folder: Path) -> tuple[Path, Path]:
    """The portal's key file and a stranger's."""
    made = folder / "own.pem", folder / "stranger.pem"
    for path in made:
        keyfile.make_demo(path)
    return made
