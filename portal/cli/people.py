"""People and their roles from the command line."""

import sys
from datetime import datetime

import click

from portal import clock
from portal.accounts.closing import close_account
from portal.accounts.factors import turn_off
from portal.cli.application import person_called, with_app
from portal.db import db, let_go
from portal.people.actions import add_person
from portal.people.models import Person, Role
from portal.people.passwords import require_good
from portal.people.queries import has_administrator
from portal.problems import DomainError, NotAllowed
from portal.roles import actions, policy
from portal.roles.queries import grant_by_id, people_found, person_exactly
from portal.roles.scopes import Place, names_of, place_called, place_of
from portal.web.tables import Listing

MOST = 10_000
ROLES = [role.value for role in Role]
DAY = click.DateTime(["%Y-%m-%d"])
AS = click.option("--as", "login", metavar="USER", help="The administrator; left out only while there is none.")
REASON = click.option("--reason", required=True, help="Why; it is kept for good.")


@click.group()
def user() -> None:
    """People: who signs in, who holds which role."""


@user.command()
@click.argument("name")
@click.option("--login", "wanted", help="By what she signs in; then a password is asked for.")
@click.option("--volunteer", "is_volunteer", is_flag=True, help="Give her a volunteer number.")
@click.option("--password-stdin", is_flag=True, help="Take the password from the first line of the input.")
@AS
@with_app
def create(name: str, wanted: str | None, is_volunteer: bool, password_stdin: bool, login: str | None) -> None:
    """Enter a person. Her number, login and volunteer number are printed."""
    by = _administrator(login)
    password = _password(password_stdin, own=(name, wanted)) if wanted else None
    let_go()
    made = add_person(name, login=wanted, password=password, is_volunteer=is_volunteer, by=by, at=clock.now())
    db.session.commit()
    click.echo(f"{made.id}\t{made.login or '-'}\t{made.volunteer_no or '-'}")


@click.command("grant")
@click.argument("who", metavar="LOGIN")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--on", "scope", default="alliance", show_default=True, help="fund:919, organisation:NAME, team:NAME.")
@click.option("--from", "start", type=DAY, help="The first day; unless told, today.")
@click.option("--until", type=DAY, help="The last day; unless told, until it is ended.")
@REASON
@AS
@with_app
def grant(
    who: str, role: str, scope: str, start: datetime | None, until: datetime | None, reason: str, login: str | None
) -> None:
    """Give LOGIN (or a volunteer number) a role. The grant's number is printed."""
    place, person = _place(scope), _person(who)
    by = _administrator(login)
    if by is None and role != Role.ADMIN:
        raise DomainError("第一个身份只能是系统管理员，其余的由系统管理员授予。")
    days = actions.Days(start.date() if start else clock.today(), until.date() if until else None)
    given = actions.give(person, Role(role), place, days, by=by, at=clock.now(), reason=reason)
    db.session.commit()
    click.echo(f"{given.id}\t{person.name}\t{given.label}\t{place.name}")


@user.command("end-grant")
@click.argument("grant_id", metavar="ID", type=int)
@click.option("--last-day", type=DAY, help="The last day it counts; unless told, it ends at once.")
@REASON
@click.option("--as", "login", required=True, metavar="USER", help="Who may end it.")
@with_app
def end_grant(grant_id: int, last_day: datetime | None, reason: str, login: str) -> None:
    """End a grant by its number."""
    by, given = person_called(login), grant_by_id(grant_id)
    if given is None:
        raise DomainError(f"没有第 {grant_id} 号授权。")
    place = place_of(given.scope) or Place(given.scope, "")
    if not policy.can_end(by, given, place):
        raise NotAllowed
    actions.end(given, by=by, at=clock.now(), reason=reason, last_day=last_day.date() if last_day else None)
    db.session.commit()
    click.echo(f"{given.id}\t{given.person.name}\t{given.label}\t{given.ends_on}")


@user.command("list")
@click.option("--role", type=click.Choice(ROLES), help="Only who holds it; unless told, all but plain volunteers.")
@with_app
def list_(role: str | None) -> None:
    """Who holds what, a line a grant: its number, login or volunteer number, name, role, scope, last day."""
    found = people_found(Listing(per_page=MOST, extra={"role": role} if role else {}), within=None)
    names = names_of(line.scope for _who, lines in found.people for line in lines)
    for who, lines in found.people:
        for line in lines:
            known = who.login or who.volunteer_no or "-"
            words = (str(line.id), known, who.name, str(line.label), names[line.scope], str(line.ends_on or "-"))
            click.echo("\t".join(words))


@user.command()
@click.argument("who", metavar="LOGIN")
@REASON
@click.option("--as", "login", required=True, metavar="USER", help="The administrator.")
@with_app
def close(who: str, reason: str, login: str) -> None:
    """Close an account: nobody signs in with it any more, and its roles end."""
    by, person = person_called(login), _person(who)
    if not policy.can_close(by, person):
        raise NotAllowed
    close_account(person, by=by, at=clock.now(), reason=reason)
    db.session.commit()
    click.echo(f"{person.id}\t{person.name}")


@user.command("forget-second-step")
@click.argument("who", metavar="LOGIN")
@REASON
@click.option("--as", "login", required=True, metavar="USER", help="The administrator; here also for herself.")
@with_app
def forget_second_step(who: str, reason: str, login: str) -> None:
    """For LOGIN who lost telephone and recovery codes: the password alone opens again, until another is set up."""
    by, person = _administrator(login), _person(who)
    assert by is not None
    turn_off(person, by=by, at=clock.now(), reason=reason)
    db.session.commit()
    click.echo(f"{person.id}\t{person.name}")


user.add_command(grant)


def _administrator(login: str | None) -> Person | None:
    """Who acts. Without anybody only while there is no administrator at all."""
    if login is None:
        if has_administrator():
            raise DomainError("已经有系统管理员了，请用 --as 说明由谁来办。")
        return None
    person = person_called(login)
    if not policy.gives_everywhere(person):
        raise NotAllowed
    return person


def _person(who: str) -> Person:
    person = person_exactly(who)
    if person is None:
        raise DomainError(f"没有登录名或志愿者编号为「{who}」的人。")
    return person


def _place(text: str) -> Place:
    place = place_called(text)
    if place is None:
        raise DomainError(f"没有「{text}」这个范围。")
    return place


def _password(from_stdin: bool, *, own: tuple[str | None, ...]) -> str:
    """Refused here already, before anybody types it twice in vain."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    require_good(password, own=own)
    return password
