"""A plan of the first day read from a TOML file. Nothing in it is missing, unknown or of the wrong kind."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from portal.administration.plans import Administrator, FundPlan, Plan
from portal.problems import DomainError
from portal.words import _l

PARTS = {"alliance": {"name", "last_volunteer"}, "administrator": {"name", "login"}}
FUND = set(FundPlan.__dataclass_fields__)
OPTIONAL = {"last_volunteer", "last_receipt"}
NUMBERS = OPTIONAL | {"founded_year", "council_size"}


def read_file(file: Path) -> dict[str, Any]:
    """The file's tables. Raises DomainError."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise DomainError(_l("这不是能读的 TOML 文件：%(wrong)s", wrong=wrong)) from wrong
    _require_names("TOML", told, {*PARTS, "funds"})
    for part, names in PARTS.items():
        _require_table(f"[{part}]", told[part], names)
    if not isinstance(told["funds"], list):
        raise DomainError(_l("基金要写成 [[funds]]，一个基金一段。"))
    for fund in told["funds"]:
        _require_table("[[funds]]", fund, FUND)
    return told


def plan_of(told: dict[str, Any], *, today: date) -> Plan:
    """What the tables say, looked at. Raises DomainError."""
    alliance = told["alliance"]
    plan = Plan().with_alliance(alliance["name"], alliance.get("last_volunteer", 0))
    for number, fund in enumerate(told["funds"], 1):
        try:
            plan = plan.with_fund(FundPlan(**fund), today=today)
        except DomainError as problem:
            field, sentence = problem.field or "", problem.sentence
            raise DomainError(
                _l("第 %(number)d 个基金的 %(field)s：%(problem)s", number=number, field=field, problem=sentence)
            ) from problem
    return plan


def administrator_of(told: dict[str, Any], password: str) -> Administrator:
    """The administrator, whose password stands in no file that others read."""
    return Administrator(told["administrator"]["name"], told["administrator"]["login"], password)


def _require_table(where: str, there: Any, names: set[str]) -> None:
    if not isinstance(there, dict):
        raise DomainError(_l("%(where)s 要是一段。", where=where))
    _require_names(where, there, names)
    for name, value in there.items():
        if name in NUMBERS and (not isinstance(value, int) or isinstance(value, bool)):
            raise DomainError(_l("%(where)s 里的 %(name)s 要是整数。", where=where, name=name))
        if name not in NUMBERS and not isinstance(value, str):
            raise DomainError(_l("%(where)s 里的 %(name)s 要是引号里的文字。", where=where, name=name))


def _require_names(where: str, there: dict[str, Any], names: set[str]) -> None:
    if missing := sorted(names - OPTIONAL - there.keys()):
        raise DomainError(_l("%(where)s 里缺 %(names)s。", where=where, names="、".join(missing)))
    if unknown := sorted(there.keys() - names):
        raise DomainError(_l("%(where)s 里不认识 %(names)s。", where=where, names="、".join(unknown)))
