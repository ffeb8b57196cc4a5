"""Signed notes: what others keep, and check without asking us."""

import base64

import pytest

from portal.log.cosigning import cosign, cosigned_at, is_cosigned
from portal.log.keys import COSIGNATURE, BadNote, Checkpoint, key_hash, open_note, read, sign, signer, vkey_of
from portal.log.proofs import BadProof, Proof, check_proof
from portal.log.tree import EMPTY, leaf_hash

SECRET, OTHER = "s" * 40, "o" * 40
ORIGIN = "portal.example/log"
NOTE = sign(Checkpoint(ORIGIN, 7, leaf_hash(b"root")), SECRET)
VKEY = vkey_of(SECRET, ORIGIN)
LEAF = b'{"a":1}'
ONE = Checkpoint(ORIGIN, 1, leaf_hash(LEAF))
PROOF = Proof(0, 1, (), sign(ONE, SECRET), LEAF, {}).tlog_proof()


def test_a_note_is_opened_by_the_key_that_signed_it_and_by_no_other() -> None:
    assert open_note(NOTE, vkey_of(OTHER, ORIGIN), VKEY) == read(NOTE) == Checkpoint(ORIGIN, 7, leaf_hash(b"root"))
    for vkeys in ((), (vkey_of(OTHER, ORIGIN),), (vkey_of(SECRET, "portal.example/other"),)):
        with pytest.raises(BadNote):
            open_note(NOTE, *vkeys)


@pytest.mark.parametrize(
    "changed",
    [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace("\n7\n", "\n07\n"),
        NOTE.replace("\n7\n", "\n-7\n"),
        NOTE.replace("\n7\n", "\n７\n"),
        NOTE.replace("\n7\n", "\n" + "9" * 5000 + "\n"),
        NOTE.replace(ORIGIN, "portal.example/other", 1),
        NOTE.replace(ORIGIN, ""),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n\n", "\nmore\n\n"),
        NOTE.replace("\u2014", "-"),
        NOTE[:-10] + "AAAAAAA==\n",
        NOTE[:-3],
        "",
        "\n\n",
        "\x00" * 100,
    ],
)
def test_a_note_that_was_changed_is_not_opened(changed: str) -> None:
    assert changed != NOTE
    with pytest.raises(BadNote):
        open_note(changed, VKEY)


def test_a_key_signs_for_its_own_log_only() -> None:
    """The line's name and the checkpoint's origin must be one: no note of one log passes for another's."""
    text = Checkpoint("portal.example/other", 7, EMPTY).text
    signed = key_hash(ORIGIN, signer(SECRET).public_key().public_bytes_raw()) + signer(SECRET).sign(text.encode())
    with pytest.raises(BadNote):
        open_note(f"{text}\n\u2014 {ORIGIN} {base64.b64encode(signed).decode()}\n", VKEY)


@pytest.mark.parametrize(
    "vkey", ["", "a+b", f"{VKEY}A", VKEY.replace("+", "-"), VKEY[1:], f"+{VKEY}", "名+00000000+AQ=="]
)
def test_a_verifier_key_that_was_changed_is_none(vkey: str) -> None:
    with pytest.raises(BadNote):
        open_note(NOTE, vkey)


def test_the_verifier_key_is_the_one_that_the_format_asks_for() -> None:
    """C2SP signed-note: name, +, first four bytes of SHA-256(name, newline, type, key) in hex, +, base64(type, key)."""
    name, hash, key = VKEY.split("+", 2)
    raw = base64.b64decode(key)
    assert (name, len(hash), raw[:1], len(raw)) == (ORIGIN, 8, b"\x01", 33)
    assert key_hash(ORIGIN, raw[1:]).hex() == hash


# ── co-signatures ───────────────────────────────────────────────────────────────────────────────────
def test_a_co_signature_says_when_and_is_known_by_its_key() -> None:
    witness, vkey = signer("w" * 40), witness_key("witness.example", "w" * 40)
    line = cosign(NOTE, "witness.example", witness, at=1_679_315_147)
    assert cosigned_at(NOTE, line, vkey) == 1_679_315_147
    assert not is_cosigned(NOTE.replace("\n7\n", "\n8\n"), line, vkey)
    assert not is_cosigned(NOTE, line, witness_key("witness.example", "v" * 40))
    assert not is_cosigned(NOTE, line, witness_key("other.example", "w" * 40))
    assert not is_cosigned(NOTE, line, VKEY)
    assert not is_cosigned(NOTE, line[:-4], vkey)
    assert open_note(f"{NOTE}{line}\n", VKEY) == read(NOTE)


def witness_key(name: str, secret: str) -> str:
    public = signer(secret).public_key().public_bytes_raw()
    return f"{name}+{key_hash(name, public, COSIGNATURE).hex()}+{base64.b64encode(COSIGNATURE + public).decode()}"


# ── proofs ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_proof_is_checked_without_the_portal() -> None:
    checked = check_proof(PROOF, LEAF, VKEY)
    assert (checked.index, checked.checkpoint, checked.says) == (0, ONE, {"a": 1})
    assert check_proof(PROOF.replace("index", "extra AAAA\nindex"), LEAF, VKEY) == checked


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        (PROOF, b'{"a":2}'),
        (PROOF, b'{"a": 1}'),
        (PROOF, b'{"a":1,"a":1}'),
        (PROOF, b"[]"),
        (PROOF.replace("index 0", "index 1"), LEAF),
        (PROOF.replace("index 0", "index 00"), LEAF),
        (PROOF.replace("index 0", "index ０"), LEAF),
        (PROOF.replace("index 0", "index -1"), LEAF),
        (PROOF.replace("index 0", "index"), LEAF),
        (PROOF.replace("index 0\n", ""), LEAF),
        (PROOF.replace("index 0", "index " + "9" * 30), LEAF),
        (PROOF.replace("index 0\n", f"index 0\n{base64.b64encode(EMPTY).decode()}\n"), LEAF),
        (PROOF.replace("index 0\n", "index 0\nAAAA\n"), LEAF),
        (PROOF.replace("index 0\n", "index 0\n" + f"{base64.b64encode(EMPTY).decode()}\n" * 64), LEAF),
        (PROOF.replace("@v1", "@v2"), LEAF),
        (PROOF.replace("\n1\n", "\n2\n"), LEAF),
        (PROOF.partition("\n\n")[0], LEAF),
        ("", LEAF),
    ],
)
def test_a_proof_of_something_else_proves_nothing(text: str, leaf: bytes) -> None:
    with pytest.raises(BadProof):
        check_proof(text, leaf, VKEY)


def test_a_leaf_that_is_no_object_says_nothing_even_when_it_is_proven() -> None:
    proof = Proof(0, 1, (), sign(Checkpoint(ORIGIN, 1, leaf_hash(b"[]")), SECRET), b"[]", {})
    with pytest.raises(BadProof, match="says nothing"):
        check_proof(proof.tlog_proof(), proof.leaf, VKEY)
