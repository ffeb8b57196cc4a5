from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import Optional

from portal.consents.models import Purpose
from portal.orgs.models import Organisation
from portal.rosters.columns import FIELDS, HEADERS, IGNORE, SEVERAL, Field
from portal.rosters.models import Roster, RosterRow
from portal.rosters.teams import TeamBook
from portal.web.forms import Choice, Line, OnceKey, PortalForm, at_most, number_in, required
from portal.web.libs import _, _l
from portal.web.preferences import language
from portal.words import Words

ACCEPTED_KINDS = ".xlsx,.xls,.csv,.txt"
PICTURES = "image/jpeg,image/png,image/webp"
WHOLE_ALLIANCE = 0
LONGEST_CELL = 500

FIELD_NAMES: dict[Field, Words] = {
    "number": _l("志愿者编号"),
    "name": _l("姓名"),
    "gender": _l("性别"),
    "born_on": _l("出生日期"),
    "id_kind": _l("证件类型"),
    "id_number": _l("证件号码"),
    "area": _l("居住区域"),
    "contact": _l("联系方式"),
    "skills": _l("专业技能"),
    "services": _l("服务类别"),
    "teams": _l("所属服务队"),
    "address": _l("住址"),
    "health": _l("健康情况"),
    "ethnic": _l("民族"),
    "party": _l("政治面貌"),
    "guardian_name": _l("监护人"),
    "guardian_mobile": _l("监护人手机"),
    "guardian_relation": _l("与监护人的关系"),
}

_PURPOSES = {
    Purpose.IDENTITY: "takes_identity",
    Purpose.HEALTH: "takes_health",
    Purpose.ETHNIC: "takes_ethnic",
    Purpose.PARTY: "takes_party",
}


class UploadForm(PortalForm):
    """A roster, whose it is, and what its people have signed."""

    organisation = Choice(_l("谁的志愿者"), coerce=int)
    file = FileField(
        _l("名册文件"), [required(_l("请选择文件。"))], render_kw={"accept": ACCEPTED_KINDS, "autocomplete": "off"}
    )
    team = Choice(_l("没有写服务队的，都加进"), coerce=int, default=0)
    takes_identity = BooleanField(_l("证件类型和号码"))
    takes_health = BooleanField(_l("健康情况"))
    takes_ethnic = BooleanField(_l("民族"))
    takes_party = BooleanField(_l("政治面貌"))
    agreed = BooleanField(
        _l("名册里每个人都在纸上签过同意书，上面勾选的各项也都单独同意了"),
        [required(_l("没有本人签字的同意书，不能把个人信息登记进来。"))],
    )
    photo = FileField(_l("同意书登记表的照片"), render_kw={"accept": PICTURES})
    place = Line(_l("没有拍照的，写明同意书放在哪里"), [Optional(), at_most(200)])
    key = OnceKey()

    def offer(self, organisations: Iterable[Organisation], book: TeamBook, *, everywhere: bool) -> "UploadForm":
        """Fill in the choices."""
        whole = [(WHOLE_ALLIANCE, _("整个联盟，各队都有"))] if everywhere else []
        self.organisation.choices = [*whole, *((one.id, one.name) for one in organisations)]
        self.team.choices = [(0, _("不加进哪个队")), *sorted(book.names.items(), key=lambda pair: pair[1])]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """The papers are shown, or it is said where they lie."""
        is_valid = bool(super().validate(extra_validators))
        upload = self.photo.data
        if not (upload and upload.filename) and not self.place.data:
            self.photo.errors = [_("请拍一张同意书的照片，或者写明同意书放在哪里。")]
            is_valid = False
        return is_valid

    @property
    def takes(self) -> frozenset[Purpose]:
        return frozenset(purpose for purpose, name in _PURPOSES.items() if self[name].data)

    @property
    def organisation_id(self) -> int | None:
        return self.organisation.data or None

    @property
    def team_id(self) -> int | None:
        return self.team.data or None


class ColumnsForm(PortalForm):
    """What each column of a layout means: a choice a column."""

    name = Line(_l("记住这种版式，下次直接认得。起个名字"), [Optional(), at_most(60)])

    @classmethod
    def of(cls, roster: Roster, formdata: Any = None) -> "ColumnsForm":
        """The form for this roster's columns, as they were read unless something was sent."""
        titles = _titles(roster)
        fields = {f"c{n}": Choice(title, default=field or "") for n, (title, field) in enumerate(titles)}
        form: ColumnsForm = type("ColumnsOf", (cls,), fields)(formdata=formdata)
        for name in fields:
            form[name].choices = [("", _("没有用到")), *((field, str(FIELD_NAMES[field])) for field in FIELDS)]
        return form

    @property
    def columns(self) -> list[Any]:
        return [field for field in self if field.id.startswith("c") and field.id[1:].isdigit()]

    def validate(self, extra_validators: Any = None) -> bool:
        """One column holds one thing, and a name there must be."""
        is_valid = bool(super().validate(extra_validators))
        taken: dict[str, str] = {}
        for column in self.columns:
            field = column.data
            if field and field not in SEVERAL and field in taken:
                column.errors = [_("「%(title)s」已经用作这一项了。", title=taken[field])]
                is_valid = False
            taken.setdefault(field, column.label.text)
        if "name" not in taken and self.columns:
            self.columns[0].errors = [*self.columns[0].errors, _("请指明哪一列是姓名。")]
            is_valid = False
        return is_valid

    def column_map(self) -> dict[str, str]:
        """Title → field."""
        return {column.label.text: column.data or IGNORE for column in self.columns}


class MendForm(PortalForm):
    """The cells of one row, to be mended."""

    @classmethod
    def of(cls, roster: Roster, row: RosterRow, texts: tuple[str, ...], formdata: Any = None) -> "MendForm":
        """A line for each column that means something; the others stay as they are."""
        fields = {
            f"c{n}": Line(
                title, [Optional(), at_most(LONGEST_CELL)], default=texts[n], render_kw={"autocomplete": "off"}
            )
            for n, (title, field) in enumerate(_titles(roster))
            if field
        }
        form: MendForm = type("MendOf", (cls,), fields)(formdata=formdata)
        titles = [title for title, _field in _titles(roster)]
        for problem in row.problem_words if formdata is None else ():
            form.blame_cell(titles, problem)
        return form

    def blame_cell(self, titles: list[str], problem: Mapping[str, str]) -> None:
        """Put a row's problem beside its cell, else above the form."""
        sentence = problem[language()]
        name = f"c{titles.index(problem['column'])}" if problem["column"] in titles else ""
        if name in self._fields:
            self[name].errors = [*self[name].errors, sentence]
        else:
            self.problem = sentence

    def texts(self, before: tuple[str, ...]) -> tuple[str, ...]:
        """The row's texts as they now are."""
        return tuple(self[f"c{n}"].data or "" if f"c{n}" in self._fields else text for n, text in enumerate(before))


class DecisionsForm(PortalForm):
    """What was chosen of doubtful rows: `row-17` = new, out, this or p5."""

    def __init__(self, sent: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        chosen = ((number_in(name.removeprefix("row-")), text) for name, text in sent.items() if name[:4] == "row-")
        self.decisions = {row_no: text[:20] for row_no, text in chosen if row_no is not None and text}


def field_name(field: str | None) -> str:
    """What a column is called when its meaning is shown."""
    return str(FIELD_NAMES[field]) if field in FIELD_NAMES else ""


def own_headers() -> str:
    """The portal's own titles, as a file has them."""
    return "、".join(HEADERS.values())


def _titles(roster: Roster) -> list[tuple[str, Field | None]]:
    return [(one["title"], one["field"]) for one in roster.columns["titles"]]
