from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField

from portal.orgs.alliance import Belonging
from portal.orgs.details import LONGEST_ABOUT, LONGEST_LINE, LONGEST_NAME, Contact, Details, PublicText
from portal.orgs.lists import BAR
from portal.orgs.models import KIND_NAMES, STANDING_NAMES, Kind, Organisation, OrganisationContact, Standing
from portal.orgs.units import MemberUnit
from portal.web.forms import (
    Choice,
    Day,
    Line,
    Lines,
    OnceKey,
    PortalForm,
    as_typed,
    at_most,
    number_in,
    required,
)
from portal.web.libs import _l

PICTURES = {"accept": "image/jpeg,image/png,image/webp"}


def choices_of(names: dict[Any, Any], *, none: Any = None) -> list[tuple[str, Any]]:
    """Options of a list of words, `none` first when it may stay open."""
    options = [(one.value, words) for one, words in names.items()]
    return options if none is None else [("", none), *options]


def _word(kind: type[StrEnum], text: str | None) -> Any:
    return kind(text) if text in list(kind) else None


class SeenForm(PortalForm):
    """`seq` names the version that the writer saw."""

    seq = HiddenField()

    @property
    def seen(self) -> int:
        number = number_in(self.seq.data)
        return -1 if number is None else number


class DetailsForm(SeenForm):
    """What the registry says: alliance staff write it."""

    name = Line(_l("组织名称"), [required(_l("请填写登记证书上的名称。")), at_most(LONGEST_NAME)])
    kind = Choice(_l("类别"), [required()], choices=choices_of(KIND_NAMES))
    standing = Choice(_l("登记还是备案"), choices=choices_of(STANDING_NAMES, none=_l("还不清楚")))
    credit_code = Line(
        _l("统一社会信用代码"), [at_most(40)], render_kw={**as_typed(capitals=True), "inputmode": "text"}
    )
    filing_no = Line(_l("备案编号"), [at_most(40)], render_kw=as_typed())
    authority = Line(_l("登记或备案机关"), [at_most(LONGEST_LINE)])
    standing_on = Day(_l("登记或备案日期"))
    slug = Line(_l("网址里的名字"), [at_most(40)], render_kw=as_typed())

    def details(self) -> Details:
        """What a valid form says."""
        return Details(
            name=str(self.name.data),
            kind=Kind(self.kind.data),
            standing=_word(Standing, self.standing.data),
            credit_code=self.credit_code.data or None,
            filing_no=self.filing_no.data or None,
            authority=self.authority.data or None,
            standing_on=self.standing_on.data,
            slug=self.slug.data or None,
        )

    @classmethod
    def of(cls, organisation: Organisation) -> "DetailsForm":
        return cls(formdata=None, obj=organisation)


class TextForm(SeenForm):
    """What the public page says, the logo, and whom the alliance calls: its own administrator writes it."""

    about = Lines(_l("做什么"), [at_most(LONGEST_ABOUT)])
    address = Line(_l("办公地址"), [at_most(LONGEST_LINE)])
    phone = Line(_l("办公电话"), [at_most(40)], render_kw={"inputmode": "tel"})
    photo = FileField(_l("标志"), render_kw=PICTURES)
    without_logo = BooleanField(_l("不再用现在的标志"))
    contact_name = Line(_l("联系人"), [at_most(40)])
    contact_phone = Line(_l("联系人电话"), [at_most(40)], render_kw={"inputmode": "tel"})

    def text(self) -> PublicText:
        return PublicText(self.address.data or None, self.phone.data or None, self.about.data or None)

    def contact(self) -> Contact:
        return Contact(self.contact_name.data or None, self.contact_phone.data or None)

    @classmethod
    def of_both(cls, organisation: Organisation, contact: OrganisationContact | None) -> "TextForm":
        name, phone = (contact.name, contact.phone) if contact else (None, None)
        return cls(formdata=None, obj=organisation, contact_name=name, contact_phone=phone)


class RegisterForm(DetailsForm, TextForm):
    """All of it, for an organisation that is not there yet."""

    key = OnceKey()

    def content_sent(self) -> dict[str, Any]:
        """What tells this form from another one with the same key."""
        return {name: str(value) for name, value in self.data.items() if name not in ("key", "photo", "seq")}


class ReasonForm(PortalForm):
    reason = Lines(_l("原因"), [required(_l("请写明原因。")), at_most(200)])

    @property
    def words(self) -> str:
        return str(self.reason.data)


class CloseForm(ReasonForm):
    closed_on = Day(_l("注销日期"), [required(_l("请填写注销日期。"))])

    @property
    def day(self) -> date:
        assert self.closed_on.data is not None
        return self.closed_on.data


class UnitForm(PortalForm):
    """Since when an organisation is a member unit, who speaks for it, and what it promised."""

    joined_on = Day(_l("加入日期"), [required(_l("请填写加入日期。"))])
    representative = Line(_l("代表"), [at_most(40)])
    representative_phone = Line(_l("代表的电话"), [at_most(40)], render_kw={"inputmode": "tel"})
    commitment = Lines(_l("承诺"), [at_most(500)])

    def belonging(self) -> Belonging:
        assert self.joined_on.data is not None
        return Belonging(
            joined_on=self.joined_on.data,
            representative=self.representative.data or None,
            representative_phone=self.representative_phone.data or None,
            commitment=self.commitment.data or None,
        )

    @classmethod
    def of(cls, unit: MemberUnit | None, *, today: date) -> "UnitForm":
        return cls(formdata=None, obj=unit) if unit else cls(formdata=None, joined_on=today)


class LeaveForm(PortalForm):
    left_on = Day(_l("退出日期"), [required(_l("请填写退出日期。"))])


class PastedLines(Lines):
    """Lines as people copy them, also from a spreadsheet, which sets tabs between cells."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([one.replace("\t", BAR) for one in valuelist])


class ManyForm(PortalForm):
    """A list of units, pasted or as a table; `joined_on` counts for rows that name no day."""

    rows = PastedLines(_l("名单"), [at_most(60_000)])
    table = FileField(_l("或者上传表格"), render_kw={"accept": ".csv,.xlsx,.xls,.txt"})
    joined_on = Day(_l("加入日期"), [required(_l("请填写加入日期。"))])


class MergeForm(ReasonForm):
    """Into which organisation another goes."""

    other = Choice(_l("并入它的组织"), coerce=lambda text: number_in(text) or 0)

    def offer(self, organisations: Iterable[tuple[int, str]], *, but: int) -> "MergeForm":
        self.other.choices = [(0, _l("请选择")), *((one, name) for one, name in organisations if one != but)]
        return self
