"""Proofs that a fact stands in the log: made here, and checked without this portal (C2SP tlog-proof).

c2sp.org/tlog-proof@v1
index 7
<hashes from the leaf's sibling up to the root's child, base64, a line each>

<the signed checkpoint>
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from portal.log import canonical
from portal.log.commitments import opens
from portal.log.cosigning import is_cosigned
from portal.log.keys import BadNote, Checkpoint, open_note
from portal.log.queries import Signed, Written, cosignatures_at, signed_head, written_of
from portal.log.tiles import reader
from portal.log.tree import HASH, hashes_of, inclusion_parts, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


class BadProof(ValueError):
    """The text is no proof, or it does not lead from this leaf to the signed checkpoint."""


@dataclass(frozen=True)
class Proof:
    """That `leaf` stands at `index` in the log of `size`.

    `checkpoint` is the signed note with the co-signatures that are known. `openings` holds the private fields of which
    the salt is still there: {"donor": {"salt": hex, "value": …}}. Give them only to whom the fact belongs.
    """

    index: int
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    leaf: bytes
    openings: dict[str, dict[str, Any]]

    def tlog_proof(self) -> str:
        """The proof as C2SP tlog-proof v1."""
        return "\n".join([HEADER, f"index {self.index}", *map(_base64, self.hashes), "", self.checkpoint])


@dataclass(frozen=True)
class Checked:
    """What a proof proves: the leaf's place and what it says, in which log."""

    index: int
    checkpoint: Checkpoint
    says: dict[str, Any]


def proof_of(kind: str, ref: int) -> Proof | None:
    """The proof for a fact, in the newest committed log; None when the fact has no leaf.

    Raises BadProof when the fact's rows no longer say what its leaf says.
    """
    head, leaf = signed_head(), written_of(kind, ref)
    if head is None or leaf is None or leaf.idx >= head.size:
        return None
    if leaf.text is None or leaf.body is None or leaf_hash(leaf.text) != leaf.hash:
        raise BadProof(f"{kind} {ref} was changed after it came into the log")
    parts = inclusion_parts(leaf.idx, head.size)
    hashes = hashes_of(parts, reader(parts, head.size))
    return Proof(leaf.idx, head.size, hashes, checkpoint_of(head), leaf.text, _openings(leaf))


def checkpoint_of(head: Signed) -> str:
    """The signed note, and below it what witnesses signed of it."""
    known = cosignatures_at(head.size)
    return head.note + "".join(f"{line}\n" for vkey, line, _ in known if is_cosigned(head.note, line, vkey))


def check_proof(text: str, leaf: bytes, *vkeys: str) -> Checked:
    """What a proof proves about a leaf, to whoever trusts these verifier keys. Asks nobody. Raises BadProof."""
    index, hashes, note = _read(text)
    try:
        checkpoint, says = open_note(note, *vkeys), canonical.loads(leaf)
    except (BadNote, canonical.NotCanonical) as error:
        raise BadProof(str(error)) from error
    if not verify_inclusion(index, checkpoint.size, leaf_hash(leaf), hashes, checkpoint.root):
        raise BadProof("the leaf does not stand in the log of this checkpoint")
    if not isinstance(says, dict):
        raise BadProof("the leaf says nothing")
    return Checked(index, checkpoint, says)


def check_opening(says: dict[str, Any], field: str, opening: dict[str, Any]) -> bool:
    """Whether salt and value are those that the leaf's commitment was made of."""
    try:
        commitment, salt = bytes.fromhex(says[field]), bytes.fromhex(opening["salt"])
        return opens(commitment, salt, field, opening["value"])
    except (KeyError, TypeError, ValueError):
        return False


def _openings(leaf: Written) -> dict[str, dict[str, Any]]:
    private = leaf.body.private if leaf.body else {}
    shown = ((field, one.salt) for field, one in leaf.hidden.items() if field in private)
    return {field: {"salt": salt.hex(), "value": private[field]} for field, salt in shown if salt is not None}


def _read(text: str) -> tuple[int, list[bytes], str]:
    """Index, hashes and note of a proof's text."""
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != HEADER or not gap:
        raise BadProof("no proof of the kind that is known here")
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if index is None or len(lines) - 2 > MOST_HASHES:
        raise BadProof("no index, or too many hashes")
    return int(index[1]), [_hash(line) for line in lines[2:]], note


def _hash(line: str) -> bytes:
    try:
        hash = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadProof("no hash") from error
    if len(hash) != HASH or _base64(hash) != line:
        raise BadProof("no hash")
    return hash


def _base64(hash: bytes) -> str:
    return base64.b64encode(hash).decode()
