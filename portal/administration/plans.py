"""What the first day is to make: the alliance, its funds with their host charities, numbers that go on from paper.

Filled in on pages or read from a file; kept as a draft until somebody finishes it. Nothing of it is secret.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, NamedTuple, Self

from portal.funds.actions import require_fund
from portal.ledger import credit_codes
from portal.problems import DomainError
from portal.series import LAST_ON_PAPER
from portal.words import _l

LONGEST_NAME = 60
LONGEST_PURPOSE = 200
MOST_FUNDS = 20
EARLIEST_YEAR = 1949


@dataclass(frozen=True, slots=True, kw_only=True)
class FundPlan:
    """A fund that is to be. `last_receipt`: the number of this year's last confirmation on paper, 0 for none."""

    name: str
    slug: str
    purpose: str
    founded_year: int
    council_size: int
    host_name: str
    host_short_name: str
    credit_code: str
    last_receipt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that the first day is to make, but the administrator."""

    alliance_name: str = ""
    last_volunteer: int = 0
    funds: tuple[FundPlan, ...] = ()

    @classmethod
    def of(cls, draft: Mapping[str, Any]) -> Self:
        """As it lies in the table."""
        funds = tuple(FundPlan(**fund) for fund in draft.get("funds", ()))
        return cls(**{**draft, "funds": funds})

    def draft(self) -> dict[str, Any]:
        return asdict(self)

    def with_alliance(self, name: str, last_volunteer: int) -> Self:
        """Raises DomainError (alliance_name, last_volunteer)."""
        _require_text("alliance_name", name, LONGEST_NAME)
        _require_number("last_volunteer", last_volunteer)
        return replace(self, alliance_name=name, last_volunteer=last_volunteer)

    def with_fund(self, fund: FundPlan, *, today: date) -> Self:
        """With one fund more. Raises DomainError (the field that is wrong, or that another fund has already)."""
        if len(self.funds) >= MOST_FUNDS:
            raise DomainError(_l("一次最多设立 %(count)d 个基金。", count=MOST_FUNDS))
        fund = replace(fund, credit_code=credit_codes.read(fund.credit_code))
        _require_fund(fund, today=today)
        for other in self.funds:
            _require_other(fund, other)
        return replace(self, funds=(*self.funds, fund))

    def without_fund(self, slug: str) -> Self:
        """Twice is as good as once."""
        return replace(self, funds=tuple(fund for fund in self.funds if fund.slug != slug))

    def checked(self, *, today: date) -> Self:
        """The same, looked at once more from the beginning. Raises DomainError."""
        if not self.funds:
            raise DomainError(_l("至少要设立一个基金。"))
        whole = replace(self, funds=()).with_alliance(self.alliance_name, self.last_volunteer)
        for fund in self.funds:
            whole = whole.with_fund(fund, today=today)
        return whole


def _require_fund(fund: FundPlan, *, today: date) -> None:
    for field in ("name", "host_name", "host_short_name"):
        _require_text(field, getattr(fund, field), LONGEST_NAME)
    _require_text("purpose", fund.purpose, LONGEST_PURPOSE)
    require_fund(fund.slug, council_size=fund.council_size, today=today)
    if not EARLIEST_YEAR <= fund.founded_year <= today.year:
        raise DomainError(
            _l("设立年份要在 %(first)s 到 %(last)s 之间。", first=EARLIEST_YEAR, last=today.year), field="founded_year"
        )
    _require_number("last_receipt", fund.last_receipt)


def _require_other(fund: FundPlan, other: FundPlan) -> None:
    """No two funds have one name or one slug; one charity has one name and one credit code."""
    if fund.slug.casefold() == other.slug.casefold():
        raise DomainError(_l("已经有基金用了这个网址名。"), field="slug")
    if fund.name == other.name:
        raise DomainError(_l("已经有一个基金叫这个名字。"), field="name")
    hosts = (fund.host_name, fund.host_short_name, fund.credit_code)
    others = (other.host_name, other.host_short_name, other.credit_code)
    if hosts != others and (fund.host_name == other.host_name or fund.credit_code == other.credit_code):
        raise DomainError(
            _l("「%(fund)s」写的是同一个慈善组织，名称、简称和代码要一样。", fund=other.name), field="host_name"
        )


def _require_text(field: str, text: Any, most: int) -> None:
    if not isinstance(text, str) or not text.strip():
        raise DomainError(_l("请填写这一项。"), field=field)
    if len(text) > most:
        raise DomainError(_l("最多 %(max)d 个字。", max=most), field=field)


def _require_number(field: str, number: Any) -> None:
    """A number that may have been given out on paper."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= LAST_ON_PAPER:
        raise DomainError(_l("编号要在 0 到 %(most)d 之间。", most=LAST_ON_PAPER), field=field)


# ── the administrator ───────────────────────────────────────────────────────────────────────────────
class Administrator(NamedTuple):
    """Who will look after the portal. The password is kept nowhere but hashed, with the person."""

    name: str
    login: str
    password: str


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def require_login(login: str) -> None:
    """Raises DomainError (login): plain letters, since others have to read them out on the telephone."""
    if not _LOGIN.fullmatch(login.strip().lower()):
        raise DomainError(_l("登录名用 3 到 40 个小写字母、数字、点或短横线。"), field="login")
