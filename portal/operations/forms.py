from portal.web.forms import Lines, PortalForm, at_most, required
from portal.web.libs import _l


class DropForm(PortalForm):
    """Why a job is given up."""

    reason = Lines(_l("不再做的原因"), [required(_l("请写明原因，以后查得到。")), at_most(500)])
