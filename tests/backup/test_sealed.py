"""The encrypted file: whatever is cut, changed, moved or guessed is noticed."""

import hashlib
import random
from io import BytesIO

import pytest

from portal.backup import sealed
from portal.backup.members import MemberReader, MemberWriter
from portal.backup.problems import BackupProblem, NotWhole
from portal.backup.sealed import CHUNK, HEAD, TAG, Kind, Sealer, opened

PASSPHRASE = "correct horse battery"
DEAR = sealed.COST
SEALED = CHUNK + TAG
CONTENT = random.Random(7).randbytes(3 * CHUNK + 100)


def seal(content: bytes, passphrase: str = PASSPHRASE, *, kind: Kind = Kind.BACKUP) -> bytes:
    out = BytesIO()
    sealer = Sealer(out, passphrase, kind=kind)
    for start in range(0, len(content), 10_007):
        sealer.write(content[start : start + 10_007])
    sealer.finish()
    return out.getvalue()


def read(content: bytes, passphrase: str = PASSPHRASE, *, kind: Kind = Kind.BACKUP) -> bytes:
    return b"".join(opened(BytesIO(content), passphrase, kind=kind))


@pytest.fixture
def whole() -> bytes:
    return seal(CONTENT)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 100])
def test_what_is_sealed_opens(size: int) -> None:
    content = CONTENT[:size]
    made = seal(content)
    assert read(made) == content
    assert len(made) == HEAD + size + TAG * max(1, -(-size // CHUNK))


def test_a_file_cut_at_any_chunk_does_not_open(whole: bytes) -> None:
    for end in [0, 1, HEAD - 1, HEAD, *range(HEAD + SEALED, len(whole), SEALED)]:
        with pytest.raises(NotWhole):
            read(whole[:end])


def test_a_file_cut_anywhere_does_not_open(whole: bytes) -> None:
    chance = random.Random(1)
    for end in [chance.randrange(len(whole)) for _ in range(60)] + [len(whole) - 1]:
        with pytest.raises(NotWhole):
            read(whole[:end])


def test_one_flipped_bit_anywhere_is_noticed(whole: bytes) -> None:
    chance = random.Random(2)
    places = [*range(HEAD), *(chance.randrange(HEAD, len(whole)) for _ in range(60)), len(whole) - 1]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        with pytest.raises(BackupProblem):
            read(bytes(changed))


def test_bytes_at_the_end_are_noticed(whole: bytes) -> None:
    for more in (b"\0", whole[-SEALED:], whole):
        with pytest.raises(NotWhole):
            read(whole + more)


def test_chunks_stay_where_they_are(whole: bytes) -> None:
    head, chunks = whole[:HEAD], [whole[at : at + SEALED] for at in range(HEAD, len(whole), SEALED)]
    one, two, three, last = chunks
    for order in ([two, one, three, last], [one, one, two, three, last], [one, three, last], [last], [one, two, three]):
        with pytest.raises(NotWhole):
            read(head + b"".join(order))
    assert read(head + one + two + three + last) == CONTENT


def test_chunks_of_another_file_under_the_same_passphrase_do_not_fit(whole: bytes) -> None:
    other = seal(CONTENT)
    with pytest.raises(NotWhole):
        read(whole[: HEAD + SEALED] + other[HEAD + SEALED :])
    with pytest.raises(NotWhole):
        read(whole[:HEAD] + other[HEAD:])


def test_a_wrong_passphrase_is_told_from_damage(whole: bytes) -> None:
    with pytest.raises(BackupProblem, match="口令不对"):
        read(whole, PASSPHRASE + " ")


def test_a_passphrase_is_the_same_however_it_was_typed() -> None:
    assert read(seal(b"x", "caf\u00e9 au lait 七七"), "cafe\u0301 au lait 七七") == b"x"


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BackupProblem, match="至少 12"):
        seal(b"", "short")


def test_keys_and_backups_are_not_taken_for_one_another(whole: bytes) -> None:
    with pytest.raises(BackupProblem, match="不是密钥文件"):
        read(whole, kind=Kind.KEYS)
    with pytest.raises(BackupProblem, match="不是备份"):
        read(seal(b"", kind=Kind.KEYS))


def test_a_forged_header_cannot_ask_for_all_memory(whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashlib, "scrypt", lambda *_, **__: pytest.fail("the key was worked out"))
    for cost in (0, 9, 21, 255):
        with pytest.raises(NotWhole, match="格式"):
            read(whole[:10] + bytes([cost]) + whole[11:])


def test_guessing_is_dear() -> None:
    assert (sealed.SHORTEST, DEAR) == (12, 17)


# ── members ─────────────────────────────────────────────────────────────────────────────────────────
def test_members_come_back_with_their_names_and_sums() -> None:
    chunks: list[bytes] = []
    writer = MemberWriter(chunks.append)
    contents = {"empty": b"", "one": b"1", "名𠮷": CONTENT, "zeros": bytes(5_000_000)}
    for name, content in contents.items():
        writer.add(name, [content[:70_000], b"", content[70_000:]] if content else [])
    writer.finish()
    reader = MemberReader(iter(chunks))
    assert {name: b"".join(blocks) for name, blocks in reader} == contents
    assert reader.sums == writer.sums
    assert writer.sums["one"].sha256 == hashlib.sha256(b"1").hexdigest()


def test_members_that_stop_early_or_go_on_are_noticed() -> None:
    chunks: list[bytes] = []
    writer = MemberWriter(chunks.append)
    writer.add("one", [CONTENT])
    writer.finish()
    content = b"".join(chunks)
    for wrong in (b"", content[:-1], content[: len(content) // 2], content + b"more", content[:-6]):
        with pytest.raises(NotWhole):
            for _, blocks in MemberReader(iter([wrong])):
                list(blocks)
