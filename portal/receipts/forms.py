import re
import unicodedata

from wtforms import BooleanField

from portal.receipts import numbers
from portal.web.forms import Line, PortalForm, as_typed, at_most, refuse, required
from portal.web.libs import _l

LONGEST_NAME = 40
_CONTACT = re.compile(r"(\d[\s\-.·]*){7,}|https?:|www\.|@|\.(com|cn|net|org|top|vip|xyz)\b", re.IGNORECASE)


def _is_number(_: PortalForm, field: Line) -> None:
    if numbers.read(field.data or "") is None:
        if numbers.read_summary(field.data or "") is not None:
            refuse(_l("这是汇总的编号。请填汇总里列出的某一张确认单的编号。"))
        refuse(_l("编号写成 919-2026-000123 这样：基金、年份、六位数字。"))


def _is_any_number(form: PortalForm, field: Line) -> None:
    if numbers.read_summary(field.data or "") is None:
        _is_number(form, field)


def _is_no_contact(_: PortalForm, field: Line) -> None:
    if _CONTACT.search(unicodedata.normalize("NFKC", field.data or "")):
        refuse(_l("公示名称人人可见，请不要写电话、证件号码或网址。"))


class OneNumberForm(PortalForm):
    """The number of a single confirmation."""

    number = Line(
        _l("确认单编号"),
        [required(_l("请填写确认单编号。")), at_most(60), _is_number],
        render_kw=as_typed(),
    )

    @property
    def canonical(self) -> str:
        """The number of a valid form as it is written on the confirmation."""
        return str(numbers.read(self.number.data or ""))


class NumberForm(PortalForm):
    """The number of a confirmation or of a summary."""

    number = Line(
        _l("确认单编号"),
        [required(_l("请填写确认单编号。")), at_most(60), _is_any_number],
        render_kw=as_typed(),
    )

    @property
    def canonical(self) -> str:
        """The number of a valid form as it is written on paper."""
        text = self.number.data or ""
        return str(numbers.read(text) or numbers.read_summary(text))


class CodeForm(PortalForm):
    code = Line(
        _l("查询码"),
        [required(_l("请填写查询码。")), at_most(60)],
        # Not a password: the donor copies it from paper and must see it. Browsers shall not keep it.
        render_kw=as_typed(capitals=True),
    )


class OpenForm(OneNumberForm, CodeForm):
    """Number and code together; `keep` puts the confirmation among those of whoever is signed in."""

    keep = BooleanField()


class PublicNameForm(PortalForm):
    public_name = Line(
        _l("公示名称"),
        [required(_l("请填写公示名称，或者继续不公示。")), at_most(LONGEST_NAME), _is_no_contact],
        render_kw={"autocomplete": "off"},
    )
