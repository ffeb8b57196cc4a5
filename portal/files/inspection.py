"""What an upload must get past before any parser sees it: its size, what it really is, and what it inflates to.

The kind of a file is told by its first bytes, never by its name: banks give tab-separated text the ending `.xls`.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar, Literal

from portal.problems import DomainError
from portal.words import Words, _l

Kind = Literal["xlsx", "xls", "text"]

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_NO_TABLES = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")
_DOCUMENTS = ("WordDocument", "PowerPoint Document", "VisioDocument", "__properties_version1.0")
_PIECE = 1 << 20
_SIP = 1 << 16
_DIRECTORY_ENTRY = b"PK\x01\x02"

LONG = 256 << 10
"""Bytes of text or of an old workbook from which reading takes seconds rather than moments: 5,000 rows and more."""
LONG_INFLATED = 2 << 20
"""The same for what the parts of a new workbook unpack to."""


@dataclass(frozen=True)
class Limits:
    """How much one uploaded table may weigh. Bytes, parts of an archive, rows that hold something, columns, seconds."""

    size: int = 20 << 20
    inflated: int = 400 << 20
    ratio: int = 200
    ratio_from: int = 20 << 20
    entries: int = 2_000
    rows: int = 200_000
    columns: int = 200
    memory: int = 1 << 30
    seconds: float = 60


LIMITS = Limits()


class FileRefused(DomainError):
    """The file cannot be read as a table; the sentence names the file and what to do."""

    about: ClassVar[Words]

    def __init__(self, filename: str) -> None:
        super().__init__(Words(self.about.text, {"file": shown_name(filename)}), field="file")
        self.filename = filename


class EmptyFile(FileRefused):
    """Not one byte."""

    about = _l("「%(file)s」是空文件，请重新导出后再上传。")


class EmptyWorkbook(FileRefused):
    """A table without one filled cell."""

    about = _l("「%(file)s」里没有任何内容。")


class NotATable(FileRefused):
    """A document, a picture, an archive or a program."""

    about = _l("「%(file)s」不是表格文件，请上传 .xlsx、.xls 或 .csv。")


class OtherTableFormat(FileRefused):
    """A table, but in a format the portal does not open: .ods, .xlsb, a web page, XML 2003."""

    about = _l("「%(file)s」是别种格式的表格，请用表格软件另存为 .xlsx 后再上传。")


class PasswordProtected(FileRefused):
    """Encrypted by Excel, by WPS or as a zip archive."""

    about = _l("「%(file)s」有打开密码，请去掉密码后再上传。")


class DamagedFile(FileRefused):
    """It says it is a table, and cannot be read to its end."""

    about = _l("「%(file)s」已损坏或没有传完整，请重新导出后再上传。")


class FileTooLarge(FileRefused):
    """More bytes than `Limits.size`."""

    about = _l("「%(file)s」太大，请拆成几个文件后再上传。")


class InflatesTooMuch(FileRefused):
    """Small on disk, huge when unpacked: by intent or by accident, it would fill the machine's memory."""

    about = _l("「%(file)s」展开后过大，无法安全打开。")


class TooManyRows(FileRefused):
    """More filled rows than `Limits.rows`."""

    about = _l("「%(file)s」的行数太多，请拆成几个文件后再上传。")


class TooManyColumns(FileRefused):
    """Filled cells further right than `Limits.columns`."""

    about = _l("「%(file)s」的列数太多，请删去表格右侧多余的内容。")


class TooSlow(FileRefused):
    """Not read within `Limits.seconds`."""

    about = _l("「%(file)s」读取超时，请拆成几个文件后再上传。")


class NoSuchSheet(FileRefused):
    """The workbook has no sheet of the name asked for."""

    about = _l("「%(file)s」里没有这个工作表。")


def shown_name(filename: str) -> str:
    """The file's name as a sentence may show it: no folders, nothing invisible, at most 80 characters."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:80] or "?"


def first_look(content: bytes, filename: str, *, limits: Limits = LIMITS) -> None:
    """What its size and first bytes tell at once. Raises EmptyFile, FileTooLarge, NotATable."""
    if not content:
        raise EmptyFile(filename)
    if len(content) > limits.size:
        raise FileTooLarge(filename)
    if content.startswith(_NO_TABLES):
        raise NotATable(filename)


def is_long(content: bytes, *, limits: Limits = LIMITS) -> bool:
    """Whether reading the file would keep its reader waiting: by its size, or by what its archive says it unpacks to.

    An archive that says too much is refused at a glance; one that says too little is read within the limits of all.
    """
    if not content.startswith(b"PK"):
        return len(content) > LONG
    said = _said_to_inflate(content, limits)
    return (len(content) > LONG or said > LONG_INFLATED) and said <= _allowed(content, limits)


def kind_of(content: bytes, filename: str, *, limits: Limits = LIMITS) -> Kind:
    """What the bytes are. Raises a FileRefused for everything that is no readable table."""
    first_look(content, filename, limits=limits)
    if content.startswith(b"PK"):
        _check_archive(content, filename, limits)
        return "xlsx"
    if content.startswith(_OLE):
        _check_ole(content, filename)
        return "xls"
    return "text"


def _check_archive(content: bytes, filename: str, limits: Limits) -> None:
    # Counted in the bytes themselves: a directory of half a million entries takes seconds to read.
    if content.count(_DIRECTORY_ENTRY) > limits.entries:
        raise DamagedFile(filename)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DamagedFile(filename) from error
    _check_names({entry.filename.replace("\\", "/").lower() for entry in entries}, filename)
    if any(entry.flag_bits & 1 for entry in entries):
        raise PasswordProtected(filename)
    _check_inflation(content, entries, filename, limits)


def _check_names(names: set[str], filename: str) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names or {"content.xml", "mimetype"} <= names:
        raise OtherTableFormat(filename)
    raise NotATable(filename)


def _check_inflation(content: bytes, entries: list[zipfile.ZipInfo], filename: str, limits: Limits) -> None:
    """Believe neither the directory nor the data: a lying directory is found by inflating, piece by piece."""
    allowed = _allowed(content, limits)
    if sum(entry.file_size for entry in entries) > allowed:
        raise InflatesTooMuch(filename)
    total = 0
    for entry, raw in _parts(content, entries, filename):
        for size in _pieces(entry, raw, filename):
            total += size
            if total > allowed:
                raise InflatesTooMuch(filename)


def _allowed(content: bytes, limits: Limits) -> int:
    return min(limits.inflated, max(limits.ratio_from, len(content) * limits.ratio))


def _said_to_inflate(content: bytes, limits: Limits) -> int:
    """What the archive's directory says, in bytes; nothing where it cannot be read quickly."""
    if content.count(_DIRECTORY_ENTRY) > limits.entries:
        return 0
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0


def _parts(
    content: bytes, entries: list[zipfile.ZipInfo], filename: str
) -> Iterator[tuple[zipfile.ZipInfo, memoryview]]:
    """Each entry with its own bytes, whatever its header declares. No two entries may share a byte."""
    view, end = memoryview(content), 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        at = entry.header_offset
        head = view[at : at + 30]
        if at < end or len(head) < 30:
            raise DamagedFile(filename)
        start = at + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        end = start + entry.compress_size
        if end > len(view):
            raise DamagedFile(filename)
        yield entry, view[start:end]


def _pieces(entry: zipfile.ZipInfo, raw: memoryview, filename: str) -> Iterator[int]:
    """Sizes of what an entry's bytes inflate to, at most a megabyte at a time."""
    if entry.compress_type == zipfile.ZIP_STORED:
        yield len(raw)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(raw, filename)
    else:
        raise DamagedFile(filename)


def _inflated(raw: memoryview, filename: str) -> Iterator[int]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(raw), _SIP):
            sip: bytes | memoryview = raw[at : at + _SIP]
            while sip and not stream.eof:
                yield len(stream.decompress(sip, _PIECE))
                sip = stream.unconsumed_tail
            if stream.eof:
                return
    except zlib.error as error:
        raise DamagedFile(filename) from error


def _check_ole(content: bytes, filename: str) -> None:
    if _has_stream(content, "EncryptedPackage"):
        raise PasswordProtected(filename)
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        return
    raise (NotATable if any(_has_stream(content, name) for name in _DOCUMENTS) else DamagedFile)(filename)


def _has_stream(content: bytes, name: str) -> bool:
    """Whether the compound file's directory, whose entries are 128 bytes long and aligned, names this stream."""
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = content.find(wanted)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = content.find(wanted, at + 1)
    return False
