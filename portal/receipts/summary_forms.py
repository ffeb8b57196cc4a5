from wtforms import SelectMultipleField
from wtforms.validators import Optional

from portal.receipts.particulars import LONGEST
from portal.web.forms import Day, Line, PortalForm, at_most, number_in
from portal.web.libs import _l

MOST_SENT = 501
"""Ticks that a form can send: one more than a summary takes."""


class Ticks(SelectMultipleField):
    """Which rows are ticked: their ids. Whether they are hers to tick, the route asks."""

    validate_choice = False

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [text for text in valuelist[:MOST_SENT] if number_in(text) is not None]

    def pre_validate(self, form: object) -> None:
        """Any number may be sent."""


class PeriodForm(PortalForm):
    """Which days; without them, all that is ticked. `receipt` are ids."""

    start = Day(_l("从哪天"), [Optional()])
    end = Day(_l("到哪天"), [Optional()])
    receipt = Ticks(_l("要汇总的确认单"), choices=[])

    @property
    def ids(self) -> set[int]:
        return {int(text) for text in self.receipt.data or []}


class CompanyForm(PeriodForm):
    """The recorded name of a company, letter for letter."""

    name = Line(_l("单位名称"), [at_most(LONGEST)])
