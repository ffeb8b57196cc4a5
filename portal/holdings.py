"""What the portal holds of a person: each room says it of its own tables, beside them.

    holds("contacts_contact", _l("手机和邮箱"), Group.CONTACT, own=("person_id",), then=Then.DELETED,
          why=_l("联系您、登录和找回密码"))

Every column that names a person is declared: as her own (`own`: the row is about her), as a deed (`deeds`: she did
something to a row that is not about her, or somebody did it for her), or as machinery (counts that say nothing). By
this her copy is made, the page of her data is written, and her deletion is carried out. A test looks for what is
missing (个人信息保护法 §44–47).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.words import Words, _l


class Group(StrEnum):
    """Under which heading it stands, in this order."""

    WHO = "who"
    CONTACT = "contact"
    FILE = "file"
    CONSENT = "consent"
    SERVICE = "service"
    TEAMS = "teams"
    GIFTS = "gifts"
    NEWS = "news"
    ACCOUNT = "account"
    WORK = "work"

    @property
    def label(self) -> Words:
        return GROUP_NAMES[self]


GROUP_NAMES: dict[Group, Words] = {
    Group.WHO: _l("您是谁"),
    Group.CONTACT: _l("怎么联系您"),
    Group.FILE: _l("志愿者档案"),
    Group.CONSENT: _l("您的同意"),
    Group.SERVICE: _l("服务时长"),
    Group.TEAMS: _l("队伍"),
    Group.GIFTS: _l("捐赠"),
    Group.NEWS: _l("通知和信"),
    Group.ACCOUNT: _l("账号与安全"),
    Group.WORK: _l("经手的事"),
}


class Then(StrEnum):
    """What becomes of her own rows when she has her data deleted."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    STAYS = "stays"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One table. `own`, `deeds` and `machinery` are its columns that name a person.

    `through`: a column of this table and the table it points to, whose own rows make these hers. `hidden` columns
    leave the portal in no copy (digests, hashes); `emptied` are emptied by her deletion. `rule` is the key of the rule
    that says how long rows stay that may not go at once; without one they stay as long as the records themselves.
    `is_named`: the law wants her name beside it for that long; `goes`: then the rows go too, not her name alone.
    `labels` are what columns are called in her copy, where the common names do not fit, and `values` what short words
    in them mean.
    """

    table: str
    words: Words
    group: Group
    own: tuple[str, ...] = ()
    deeds: tuple[str, ...] = ()
    machinery: tuple[str, ...] = ()
    through: tuple[str, str] | None = None
    then: Then = Then.STAYS
    why: Words
    rule: str = ""
    hidden: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    is_named: bool = False
    goes: bool = False
    labels: Mapping[str, Words] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All that name a person."""
        return (*self.own, *self.deeds, *self.machinery)

    @property
    def is_hers(self) -> bool:
        return bool(self.own or self.through)


HOLDINGS: dict[str, Holding] = {}

Ending = Callable[[Any, Any, datetime], None]
ENDINGS: list[Ending] = []
"""What rooms do when somebody has her data deleted, in the same transaction: (person, by whom, when)."""

SERVICE_RECORDS = "retention.service_years"
VOUCHERS = "retention.voucher_years"
PROOFS = "retention.proof_years"
SIGN_INS = "accounts.forget_sign_ins_days"
"""Keys of the rules by which things stay."""


def holds(table: str, words: Words, group: Group, **more: Any) -> Holding:
    """Declare a table. See Holding for what else is said."""
    HOLDINGS[table] = Holding(table=table, words=words, group=group, **more)
    return HOLDINGS[table]


def when_forgotten(ending: Ending) -> Ending:
    """Mark what a room does when somebody has her data deleted: badges are revoked, requests taken back."""
    ENDINGS.append(ending)
    return ending
