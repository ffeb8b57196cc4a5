from portal.finding.asking import LONGEST
from portal.web.forms import Line, PortalForm
from portal.web.libs import _l


class FindForm(PortalForm):
    """The one box. It posts, so that a number that somebody types stands in no address."""

    q = Line(_l("姓名、拼音、首字母、志愿者编号"), default="")

    @property
    def typed(self) -> str:
        """What was typed, as far as it is looked at."""
        return (self.q.data or "")[: LONGEST * 4]
