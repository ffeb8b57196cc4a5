"""The fixed cast: ten people, each with the role that their login says."""

from datetime import datetime

from portal.db import db
from portal.funds.models import Fund
from portal.orgs.actions import join
from portal.orgs.models import Team
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Person, Role, Scope

PASSWORD = "aixin-919-demo"  # noqa: S105 - said openly: demo data never meets production
NAMES = {
    "volunteer": "周小满",
    "leader": "何远帆",
    "lead": "林一禾",
    "cashier": "沈知秋",
    "accountant": "罗予安",
    "council": "许望舒",
    "supervisor": "顾清和",
    "worker": "夏立春",
    "donor": "苏若水",
    "admin": "秦长风",
}
WORDS = {
    "volunteer": "志愿者：看活动、记时长",
    "leader": "队长：起草活动",
    "lead": "组织管理员：审核活动和时长",
    "cashier": "出纳：导入捐赠名单",
    "accountant": "会计：确认入账",
    "council": "管委会委员",
    "supervisor": "监督员：看全部，不改动",
    "worker": "社工",
    "donor": "捐赠人：看自己的确认单",
    "admin": "系统管理员",
}


def add_cast(*, at: datetime) -> dict[str, Person]:
    """The people, without roles: those need organisations and funds first."""
    volunteers = ("volunteer", "leader", "lead")
    return {
        login: add_person(name, login=login, password=PASSWORD, is_volunteer=login in volunteers, by=None, at=at)
        for login, name in NAMES.items()
    }


def give_roles(cast: dict[str, Person], *, team: Team, funds: list[Fund], at: datetime) -> None:
    """What each of the cast may do: the administrator gives it, as in life."""
    organisation = Scope("organisation", team.organisation_id)
    whole: dict[str, list[tuple[Role, Scope]]] = {
        "volunteer": [(Role.VOLUNTEER, ALLIANCE)],
        "leader": [(Role.VOLUNTEER, ALLIANCE), (Role.TEAM_LEADER, Scope("team", team.id))],
        "lead": [(Role.VOLUNTEER, ALLIANCE), (Role.ORGANISATION_ADMIN, organisation)],
        "cashier": [(Role.CASHIER, fund.scope) for fund in funds],
        "accountant": [(Role.ACCOUNTANT, fund.scope) for fund in funds],
        "council": [(Role.COUNCIL, fund.scope) for fund in funds],
        "supervisor": [(Role.SUPERVISOR, ALLIANCE)],
        "worker": [(Role.WORKER, ALLIANCE)],
    }
    grant(cast["admin"], Role.ADMIN, by=None, at=at, reason="演示：门户设立")
    for login, roles in whole.items():
        for role, scope in roles:
            grant(cast[login], role, on=scope, by=cast["admin"], at=at, reason="演示数据")
    for login in ("volunteer", "leader", "lead"):
        join(cast[login], team, by=cast["admin"], at=at)
    db.session.flush()
