"""What people are told about teams: on the bell, and by mail as they have chosen."""

from datetime import datetime
from typing import Any

from portal.clock import today
from portal.notices import Kind, Way, kind, tell
from portal.orgs.models import Team
from portal.people.models import Role, Scope
from portal.people.queries import holders_of
from portal.words import _l

ASKED = kind(
    "teams.asked",
    words=_l("有人申请入队"),
    detail=_l("%(name)s申请加入「%(team)s」，请答复。"),
    roles=(Role.TEAM_LEADER, Role.ORGANISATION_ADMIN),
)
ANSWERED = kind(
    "teams.answered",
    words=_l("入队申请有了答复"),
    detail=_l("您加入「%(team)s」的申请：%(answer)s。%(reason)s"),
    mail=Way.NOW,
)
JOINED = kind("teams.joined", words=_l("加入服务队"), detail=_l("%(name)s把您登记为「%(team)s」的队员。"))
REMOVED = kind(
    "teams.removed",
    words=_l("不再是队员"),
    detail=_l("您不再是「%(team)s」的队员。原因：%(reason)s"),
    mail=Way.NOW,
)
MESSAGE = kind("teams.message", words=_l("服务队消息"), detail=_l("「%(team)s」：%(subject)s"), mail=Way.NOW)
LOAN_ASKED = kind(
    "teams.loan_asked",
    words=_l("借调请您答复"),
    detail=_l("请您答复：%(name)s从 %(day)s 到 %(last)s 借调到「%(team)s」。"),
    mail=Way.NOW,
)
LOAN_AGREED = kind(
    "teams.loan_agreed",
    words=_l("借调定了"),
    detail=_l("借调定了：%(name)s从 %(day)s 到 %(last)s 在「%(team)s」服务。"),
    mail=Way.NOW,
)
LOAN_OFF = kind(
    "teams.loan_off",
    words=_l("借调没有成"),
    detail=_l("%(name)s到「%(team)s」的借调没有成。原因：%(reason)s"),
    mail=Way.NOW,
)
LOAN_ENDED = kind(
    "teams.loan_ended",
    words=_l("借调结束"),
    detail=_l("%(name)s在「%(team)s」的借调结束了。%(reason)s"),
    mail=Way.NOW,
)


def leaders(team: Team) -> list[int]:
    """The ids of those who lead the team; of its organisation's admins when nobody does."""
    by_role = (holders_of(Role.TEAM_LEADER, on=team.scopes[0], day=today()), admins(team.organisation_id))
    return by_role[0] or by_role[1]


def admins(organisation_id: int) -> list[int]:
    """The ids of those who run the organisation."""
    return holders_of(Role.ORGANISATION_ADMIN, on=Scope("organisation", organisation_id), day=today())


def tell_of_team(people: list[int], what: Kind, team: Team, *, at: datetime, url: str = "", **values: Any) -> None:
    """Tell people something about one team; it leads to the team's page unless `url` says otherwise."""
    tell(people, what, at=at, url=url or f"/teams/{team.slug}", team=team.name, **values)
