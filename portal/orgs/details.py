"""What stands in the registry about an organisation, checked: names, kind and code, where and when registered."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from portal import clock
from portal.identity import read_credit_code
from portal.orgs.models import Kind, Standing
from portal.problems import DomainError
from portal.words import _l

PREFIXES: dict[Kind, str] = {Kind.ASSOCIATION: "51", Kind.SERVICE: "52", Kind.FOUNDATION: "53", Kind.COMPANY: "9"}
"""How the credit code of a kind begins (GB 32100: 51–53 民政, 9 市场监管); other kinds may have any."""

NEEDS_CODE = (Kind.ASSOCIATION, Kind.SERVICE, Kind.FOUNDATION)
EARLIEST = date(1949, 10, 1)
LONGEST_NAME, LONGEST_LINE, LONGEST_ABOUT = 60, 120, 2_000
RESERVED = ("manage", "units", "duplicates", "merges", "papers", "logos", "new")
"""Words that addresses below /organisations/ use already."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_TAILS = re.compile(r"[()（）\[\]【】\s·・,，.。\-—_]+")


@dataclass(frozen=True)
class Details:
    """What the registry says. `slug` None: the portal chooses the public address."""

    name: str
    kind: Kind
    standing: Standing | None = None
    credit_code: str | None = None
    filing_no: str | None = None
    authority: str | None = None
    standing_on: date | None = None
    slug: str | None = None


@dataclass(frozen=True)
class PublicText:
    """What the public page shows beside the registry's own facts: the office's address and telephone, what it does."""

    address: str | None = None
    phone: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Contact:
    """Whom the alliance calls."""

    name: str | None = None
    phone: str | None = None

    def __bool__(self) -> bool:
        return bool(self.name or self.phone)


def checked(details: Details, *, is_complete: bool = True) -> Details:
    """The same in one form. `is_complete`: nothing that the kind needs may be missing. Raises DomainError."""
    name = checked_name(details.name)
    code = read_credit_code(details.credit_code) if details.credit_code else None
    _check_code(details.kind, code)
    if details.kind is Kind.COMMUNITY and details.standing is Standing.REGISTERED:
        raise DomainError(_l("备案社区社会组织只备案、不登记，请选「备案」。"), field="standing")
    if is_complete:
        _check_complete(details, code)
    _check_day(details.standing_on)
    standing = details.standing or (Standing.FILED if details.kind is Kind.COMMUNITY else None)
    slug = checked_slug(details.slug) if details.slug else None
    return replace(details, name=name, credit_code=code, standing=standing, slug=slug)


def checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not 2 <= len(plain) <= LONGEST_NAME:
        raise DomainError(_l("组织名称是 2 到 %(most)d 个字。", most=LONGEST_NAME), field="name")
    return plain


def checked_slug(slug: str) -> str:
    """Raises DomainError: the public address is small letters, digits and dashes, and not one of our own words."""
    plain = unicodedata.normalize("NFKC", slug).strip().lower()
    if not _SLUG.fullmatch(plain) or plain in RESERVED:
        raise DomainError(_l("网址里的名字只用小写字母、数字和短横，最多 40 个，例如 nuanxiang。"), field="slug")
    return plain


def normalised(name: str) -> str:
    """For comparing names: one width, no brackets, blanks or dots, small letters."""
    return _TAILS.sub("", unicodedata.normalize("NFKC", name)).lower()


def _check_code(kind: Kind, code: str | None) -> None:
    if code is None:
        return
    if kind is Kind.COMMUNITY:
        raise DomainError(_l("备案的社区社会组织没有统一社会信用代码，请填备案编号。"), field="credit_code")
    if not code.startswith(PREFIXES.get(kind, "")):
        raise DomainError(
            _l(
                "%(kind)s的统一社会信用代码以 %(prefix)s 开头，请核对类别和代码。",
                kind=kind.label,
                prefix=PREFIXES[kind],
            ),
            field="credit_code",
        )


def _check_complete(details: Details, code: str | None) -> None:
    if details.kind in NEEDS_CODE and code is None:
        raise DomainError(
            _l("%(kind)s有统一社会信用代码，请照登记证书填写。", kind=details.kind.label), field="credit_code"
        )
    if details.kind is Kind.COMMUNITY and not details.filing_no:
        raise DomainError(_l("备案的社区社会组织请填备案编号。"), field="filing_no")


def _check_day(day: date | None) -> None:
    if day is not None and not EARLIEST <= day <= clock.today():
        raise DomainError(_l("登记或备案的日期不能在今天之后，也不会早于 1949 年。"), field="standing_on")
