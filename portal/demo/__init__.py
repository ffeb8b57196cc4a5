"""Demo data, made by calling the real actions with invented people: no writer of its own.

Three funds and their host charity, member units of the alliance, organisations with teams, personal files,
applications, activities, hours in every state, lists of gifts from upload to confirmation, spending. The same seed
makes the same data, as of today.
"""

import random
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from portal import clock, indexes, migrating
from portal.bulk import alone
from portal.db import analyze, db
from portal.demo.alliance import UNITS, add_member_units
from portal.demo.cast import NAMES, PASSWORD, WORDS, add_cast, give_roles
from portal.demo.gifts import Money
from portal.demo.houses import describe_houses
from portal.demo.money import add_funds, add_money
from portal.demo.newcomers import add_applications
from portal.demo.personal import add_files
from portal.demo.progress import Say, phase
from portal.demo.scales import FULL, SCALES, SMALL, Scale
from portal.demo.service import add_organisations, add_service, team_called
from portal.demo.teams import ask_a_neighbour, describe_teams
from portal.demo.years import add_years
from portal.people.models import Person
from portal.problems import DomainError
from portal.settings import current_settings

__all__ = ["FULL", "SCALES", "SMALL", "Scale", "make"]


def make(*, seed: int, reset: bool, if_empty: bool, say: Say, scale: Scale | None = SMALL) -> None:
    """Migrate, then fill the database. Raises DomainError in production and when there is data already."""
    settings = current_settings()
    if settings.is_production:
        raise DomainError("演示数据只用于试用环境（PORTAL_ENV=production 时不写入）。")
    if reset:
        _empty()
    migrating.upgrade()
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        if not if_empty:
            raise DomainError("数据库里已有数据。要重新开始，请加 --reset（现有数据会全部删除）。")
        say("数据库里已有数据，保持原样。")
    else:
        db.session.rollback()
        with alone():
            _fill(random.Random(seed), scale, say)  # noqa: S311 - invented data, nothing secret
        analyze()
    _introduce(say)


def _empty() -> None:
    """Throw everything away, what a killed demo has left as well."""
    if migrating.is_current():
        indexes.put_back()
    db.session.rollback()
    migrating.downgrade("base")


def _fill(chance: random.Random, scale: Scale | None, say: Say) -> None:
    founded = clock.now() - (scale.age if scale else timedelta(days=330))
    with clock.frozen(founded):
        cast = add_cast(at=founded)
        organisations = add_organisations(chance, lead=cast["lead"], at=founded)
        funds = add_funds(at=founded)
        give_roles(cast, team=team_called("walk", organisations[0]), funds=funds, at=founded)
    db.session.commit()
    if scale:
        add_years(chance, scale, organisations, cast, founded=founded, say=say)
    add_service(chance, organisations, cast)
    add_files(chance, organisations, cast)
    add_applications(organisations[0], team_called("walk", organisations[0]))
    describe_houses(organisations, by=cast["admin"])
    describe_teams(organisations, by=cast["admin"])
    ask_a_neighbour(organisations, by=cast["lead"])
    add_member_units(chance, count=scale.units if scale else UNITS, by=cast["admin"])
    db.session.commit()
    if scale:
        money = Money(chance, scale, funds, cast, until=founded.date())
        with phase("捐赠与支出", scale.gifts, say=say) as step:
            add_money(chance, funds, cast, ahead=partial(money.tell, step=step))
    else:
        add_money(chance, funds, cast, ahead=lambda _: None)
    db.session.commit()


def _introduce(say: Say) -> None:
    say(f"演示账号（密码都是 {PASSWORD}）：")
    for login, name in NAMES.items():
        say(f"  {login:<11} {name}  {WORDS[login]}")
