from portal.notices.kinds import kind
from portal.people.models import Role
from portal.web.libs import _l

RUNS_OUT = kind(
    "numbers.runs_out",
    words=_l("证书、保险快到期"),
    detail=_l("%(name)s的「%(paper)s」到 %(day)s 为止有效，请提醒续办。"),
    roles=(Role.TEAM_LEADER, Role.ORGANISATION_ADMIN),
)
