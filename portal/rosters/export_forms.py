from collections.abc import Sequence
from dataclasses import replace

from wtforms import BooleanField

from portal.exports.purposes import REPORT, PurposeForm
from portal.rosters.exporting import Bounds
from portal.web.forms import Choice
from portal.web.libs import _, _l

FORMATS = {"xlsx": _l("Excel（.xlsx）"), "csv": _l("CSV")}


class ExportForm(PurposeForm):
    """Whose volunteers, in which format, how much of them, and what for."""

    of = Choice(_l("谁的志愿者"))
    format = Choice(_l("格式"), choices=list(FORMATS.items()), default="xlsx")
    in_full = BooleanField(_l("要完整的证件号码、出生日期和联系方式"))

    def offer(self, all_bounds: Sequence[Bounds]) -> "ExportForm":
        """Fill in the choices."""
        self._bounds = {one.key: one for one in all_bounds}
        self.of.choices = [(key, one.name or _("整个联盟")) for key, one in self._bounds.items()]
        return self

    @property
    def bounds(self) -> Bounds:
        return replace(self._bounds[self.of.data], reported=self.purpose_kind.data == REPORT)
