"""A form for each chapter of an organisation's history."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_wtf.file import FileField
from wtforms import HiddenField

from portal.orgs.chapters import Chapter
from portal.orgs.forms import PICTURES, ReasonForm, choices_of
from portal.orgs.histories import BRANCH_NAMES, COVERAGE_NAMES, FILING_NAMES, STAGE_NAMES, Entry, Filing
from portal.web.forms import Choice, Day, Line, Lines, OnceKey, PortalForm, at_most, number_in, refuse, required
from portal.web.libs import _l

NOT_VALUES = ("photo", "key", "seen")


class Count(Line):
    """A whole number, in any width."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([unicodedata.normalize("NFKC", one) for one in valuelist])
        self.number = number_in(self.data)

    number: int | None = None

    def pre_validate(self, form: Any) -> None:
        if self.data and self.number is None:
            refuse(_l("请填数字。"))


class EntryForm(PortalForm):
    """A row of a history; `photo` is the paper behind it."""

    photo = FileField(_l("材料的照片或扫描件"), render_kw=PICTURES)
    key = OnceKey()
    seen = HiddenField()

    def values(self) -> dict[str, Any]:
        """The columns that the form fills in, empty ones as nothing."""
        return {name: self._value(field) for name, field in self._fields.items() if name not in NOT_VALUES}

    @staticmethod
    def _value(field: Any) -> Any:
        return field.number if isinstance(field, Count) else (field.data or None)

    def content_sent(self) -> dict[str, Any]:
        return {name: str(value) for name, value in self.data.items() if name not in ("key", "photo")}

    @property
    def named(self) -> list[Any]:
        """The fields to be shown, in their order; the paper comes last."""
        return [field for name, field in self._fields.items() if name not in NOT_VALUES]


class StageForm(EntryForm):
    stage = Choice(_l("阶段"), [required()], choices=choices_of(STAGE_NAMES))
    happened_on = Day(_l("日期"), [required(_l("请填写日期。"))])
    place = Line(_l("场地"), [at_most(80)])
    note = Lines(_l("导师的话"), [at_most(500)])


class BranchForm(EntryForm):
    coverage = Choice(_l("怎样覆盖"), [required()], choices=choices_of(COVERAGE_NAMES))
    kind = Choice(_l("党组织形式"), [required()], choices=choices_of(BRANCH_NAMES))
    name = Line(_l("党组织名称"), [required(_l("请填写党组织的名称。")), at_most(60)])
    members = Count(_l("党员人数"), [at_most(5)], render_kw={"inputmode": "numeric"})
    starts_on = Day(_l("从哪天起"), [required(_l("请填写日期。"))])
    ends_on = Day(_l("到哪天"))


class CrossPostForm(EntryForm):
    person = Line(_l("姓名"), [required(_l("请填写姓名。")), at_most(40)])
    post_there = Line(_l("在党组织的职务"), [required(_l("请填写职务。")), at_most(60)])
    post_here = Line(_l("在本组织的职务"), [required(_l("请填写职务。")), at_most(60)])
    starts_on = Day(_l("从哪天起"), [required(_l("请填写日期。"))])
    ends_on = Day(_l("到哪天"))


class TermForm(EntryForm):
    number = Count(_l("第几届"), [required(_l("请填写第几届。")), at_most(3)], render_kw={"inputmode": "numeric"})
    starts_on = Day(_l("任期从哪天起"), [required(_l("请填写日期。"))])
    ends_on = Day(_l("任期到哪天"), [required(_l("请填写任期到哪天。"))])
    head = Line(_l("负责人"), [at_most(40)])
    board_size = Count(_l("理事会人数"), [at_most(4)], render_kw={"inputmode": "numeric"})
    met_on = Day(_l("换届会议日期"))

    def validate_number(self, field: Any) -> None:
        if not field.number:
            refuse(_l("请填数字，从 1 数起。"))

    def validate_board_size(self, field: Any) -> None:
        if field.number == 0:
            refuse(_l("请填数字，从 1 数起。"))


class LegalChangeForm(EntryForm):
    old_name = Line(_l("原法定代表人"), [required(_l("请填写姓名。")), at_most(40)])
    new_name = Line(_l("新法定代表人"), [required(_l("请填写姓名。")), at_most(40)])
    changed_on = Day(_l("变更日期"), [required(_l("请填写日期。"))])
    state = Choice(_l("报批"), [required()], choices=choices_of(FILING_NAMES))
    filed_on = Day(_l("备案日期"))

    def validate_filed_on(self, field: Any) -> None:
        if (self.state.data == Filing.FILED) != (field.data is not None):
            refuse(_l("已备案的请填备案日期；待报批的先不填。"))


class VoidForm(ReasonForm):
    """Why a row should not be there."""


FORMS: Mapping[str, type[EntryForm]] = {
    "stages": StageForm,
    "branches": BranchForm,
    "posts": CrossPostForm,
    "terms": TermForm,
    "changes": LegalChangeForm,
}


def form_for(chapter: Chapter, entry: Entry | None = None) -> EntryForm:
    """An empty form, or one filled with a row that is to be corrected."""
    form = FORMS[chapter.key]
    return form(formdata=None, obj=entry) if entry else form(formdata=None)
