"""The base of all forms: text is tidied, problems find their field."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from markupsafe import escape
from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField, TextAreaField, TimeField, widgets
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # left out of its stubs
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError
from wtforms.widgets.core import clean_key  # type: ignore[attr-defined] # left out of its stubs

from portal.clock import CHINA
from portal.problems import DomainError
from portal.web.libs import FlaskForm, _, _l

DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
LONGEST_NUMBER = 18
"""Digits: so many fit into a column of either database."""

_INVISIBLE = dict.fromkeys(
    [*range(0x20), 0x7F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
)
_INVISIBLE_BUT_LINES = {code: None for code in _INVISIBLE if code != 0x0A}


def tidy(text: str | None) -> str | None:
    """One line without blanks around it, control characters or marks that turn the reading direction."""
    return None if text is None else unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()


def tidy_lines(text: str | None) -> str | None:
    """The same for a text of several lines."""
    if text is None:
        return None
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_INVISIBLE_BUT_LINES).strip()


class PortalForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A form of the portal. CSRFProtect checks the token for every request, so the form does not repeat it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False
        locales = False

    problem: str | None = None
    """A sentence that belongs to no single field; shown above the form."""

    def blame(self, problem: DomainError) -> None:
        """Put the sentence beside the field it is about, else above the form."""
        field = self._fields.get(problem.field) if problem.field else None
        if field is None:
            self.problem = str(problem.sentence)
        else:
            field.errors = [*field.errors, str(problem.sentence)]

    @property
    def wrong_fields(self) -> list[Any]:
        return [field for field in self if field.errors]


def required(sentence: Any = None) -> InputRequired:
    """Something must be there."""
    return InputRequired(sentence or _l("请填写这一项。"))


def at_most(count: int) -> Length:
    """No longer than `count` characters."""
    return Length(max=count, message=_l("最多 %(max)d 个字。"))


def as_typed(autocomplete: str = "off", *, capitals: bool = False) -> dict[str, str]:
    """For a login, a number, a code: telephones and browsers correct nothing of what is typed."""
    letters = "characters" if capitals else "none"
    return {"autocomplete": autocomplete, "autocapitalize": letters, "spellcheck": "false"}


def attributes(**given: Any) -> str:
    """What WTForms' `html_params` says, which takes a format string apart for each attribute: half a form's time."""
    named = ((clean_key(name), value) for name, value in sorted(given.items()) if value is not False)
    return " ".join(name if value is True else f'{name}="{_quoted(value)}"' for name, value in named)


def _quoted(value: Any) -> str:
    """Markup may hold quotation marks of its own."""
    return str(escape(value)).replace('"', "&quot;")


class _Attributes:
    html_params = staticmethod(attributes)


class TextInput(_Attributes, widgets.TextInput):
    """A line of text."""


class DateInput(_Attributes, widgets.DateInput):
    """A day."""


class TimeInput(_Attributes, widgets.TimeInput):
    """A time of day."""


class NumberInput(_Attributes, widgets.NumberInput):
    """A number."""


class Line(StringField):
    """One line of text, tidied."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = tidy(valuelist[0]) if valuelist else None
        # What is required is asked of the raw text: blanks alone are nothing.
        self.raw_data = [self.data] if self.data else []


class Lines(TextAreaField):
    """Several lines of text, tidied."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = tidy_lines(valuelist[0]) if valuelist else None
        self.raw_data = [self.data] if self.data else []


class Day(DateField):
    """A date in any of the ways people write it; a day that does not exist is said so."""

    widget = DateInput()

    def __init__(self, label: Any = None, validators: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), format=list(DATE_FORMATS), **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        self.raw_data = [text] if text else []
        self.data = read_day(text) if text else None


FIRST_YEAR, LAST_YEAR = 1900, 2100


def read_day(text: str) -> date:
    """The date that the text names. Raises ValueError with a sentence."""
    for pattern in DATE_FORMATS:
        try:
            day = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        # Nearer to the ends of the calendar, adding an hour or an offset leaves it.
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(_("没有「%(text)s」这一天，请写成 2026-03-02。", text=text[:20]))


class Clock(TimeField):
    """A time of day in any of the ways people write it: 8:30, 08：30, 8点30分."""

    widget = TimeInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        self.raw_data = [text] if text else []
        self.data = read_clock(text) if text else None


def read_clock(text: str) -> time:
    """The time of day that the text names, to the minute. Raises ValueError with a sentence."""
    found = re.fullmatch(r"(\d{1,2})[:.点时](?:(\d{1,2})分?)?(?::\d{2})?", text, re.ASCII)
    try:
        if found is None:
            raise ValueError
        return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        raise ValueError(_("没有「%(text)s」这个时间，请写成 08:30。", text=text[:20])) from None


def moment(day: Any, clock: Any) -> datetime:
    """The moment in Haining that two valid fields name."""
    return datetime.combine(day, clock, CHINA)


class Choice(SelectField):
    """One of a list. Whatever else is sent is refused with a sentence."""

    invalid_value_message: Any
    invalid_choice_message: Any

    def __init__(self, label: Any = None, validators: Iterable[Any] = (), **kwargs: Any) -> None:
        if isinstance(offered := kwargs.get("choices"), list | tuple):
            kwargs["choices"] = [SelectChoice(*one) if isinstance(one, tuple) else one for one in offered]
        super().__init__(label, list(validators), **kwargs)
        self.invalid_value_message = self.invalid_choice_message = _l("请从列表里选一项。")


class TypedCode(Line):
    """A code: blanks and dashes between its digits do not matter, nor does the width of the digits."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0][:100]) if valuelist else ""
        super().process_formdata(["".join(text.split()).replace("-", "")])


class SentCodeForm(PortalForm):
    """The code that was sent to a telephone or mailbox."""

    code = TypedCode(
        _l("6 位验证码"),
        [required(_l("请填写验证码。")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasswordForm(PortalForm):
    """Another password, twice, since nobody sees what she types."""

    new = PasswordField(
        _l("新密码"),
        [required(_l("请填写新密码。")), at_most(200)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再写一遍新密码"),
        [required(_l("请把新密码再写一遍。")), EqualTo("new", _l("两遍写的不一样，请再写一遍。"))],
        render_kw={"autocomplete": "new-password"},
    )


class OnceKey(HiddenField):
    """A key made with the form: sent twice, the same thing still happens only once."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = (tidy(valuelist[0]) or "")[:60] if valuelist else None


def number_in(text: Any) -> int | None:
    """The whole number that a page has sent in a hidden field or an address; None when it makes no sense."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_NUMBER else None


def refuse(sentence: Any) -> None:
    """Leave a field's validator with a sentence."""
    raise ValidationError(str(sentence))
