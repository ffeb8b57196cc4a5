"""What somebody gives to prove that it is she, each with its price for guessing.

Guesses are counted by account and address together: a stranger who guesses elsewhere does not lock the person out.
"""

from datetime import datetime

from portal.accounts import factors
from portal.accounts.queries import spelling, who_is_called
from portal.audit import record_apart
from portal.db import db, let_go
from portal.people.models import Person
from portal.people.passwords import is_right
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.web.addresses import visitors_network
from portal.web.throttle import Guesses
from portal.words import _l

ATTEMPTS_AN_ACCOUNT = 10
ATTEMPTS_AN_ADDRESS = 50
CODES_AN_ACCOUNT = 30
"""Wrong codes from everywhere together. Three of a million codes are right at a moment: a guesser who has the password
already and as many addresses as she likes gets in with one chance in a hundred a day. Recovery codes have no such
limit, for nobody guesses 59 bits: with one of them the person always gets in, whoever guesses."""


class WrongLogin(DomainError):
    """Unknown name or wrong password: the same sentence for both."""


def person_who_knows(login: str, password: str, *, at: datetime) -> Person:
    """The person of this name and password. Raises WrongLogin, TooManyAttempts.

    A password is hashed whether or not somebody has this name, so both take the same time.
    """
    address, called = visitors_network(), digest_of(spelling(login), purpose="login tried")
    account, anyone = f"login:{called}@{address}", f"login-from:{address}"
    guesses = Guesses({account: ATTEMPTS_AN_ACCOUNT, anyone: ATTEMPTS_AN_ADDRESS})
    guesses.check(at=at)
    known = _apart(who_is_called(login))
    stored = known.password_hash if known and known.is_active else None
    # Hashing takes long: nobody waits for this transaction meanwhile.
    let_go()
    if is_right(stored, password) and known and (person := _still(known)):
        return person
    guesses.count(at=at)
    record_apart("accounts.login_refused", known, by=None, at=at)
    raise WrongLogin(_l("登录名或密码不对，请再试一次。"), field="password")


def _apart(known: Person | None) -> Person | None:
    """As it was read: what the database is asked after the hashing must not depend on whether somebody is known."""
    if known is not None:
        db.session.expunge(known)
    return known


def _still(known: Person) -> Person | None:
    """The same person, unless her account was closed or her password changed during the hashing."""
    person = db.session.get(Person, known.id)
    return person if person and person.is_active and person.password_hash == known.password_hash else None


def require_password(person: Person, password: str, *, field: str, at: datetime) -> str:
    """The stored hash of the password that she gave rightly. Raises WrongLogin, TooManyAttempts."""
    stored = person.password_hash
    guesses = Guesses({f"password:{person.id}": ATTEMPTS_AN_ACCOUNT})
    guesses.check(at=at)
    let_go()
    if stored is None or not is_right(stored, password) or person.password_hash != stored:
        guesses.count(at=at)
        raise WrongLogin(_l("现在的密码不对，请再试一次。"), field=field)
    return stored


def require_code(person: Person, typed: str | None, *, at: datetime) -> None:
    """Take a code of her telephone. Raises WrongCode, TooManyAttempts, DomainError (not six digits)."""
    guesses = _guesses("code", person, everywhere={f"code:{person.id}": CODES_AN_ACCOUNT})
    code = factors.digits_of(typed)
    guesses.check(at=at)
    if not factors.take_code(person, code, at=at):
        _refuse_code(person, guesses, at=at)
        raise factors.WrongCode(_l("验证码不对，或者已经用过。等手机换出下一个再试。"), field="code")


def require_recovery_code(person: Person, typed: str | None, *, at: datetime) -> None:
    """Take one of her recovery codes. Raises WrongCode, TooManyAttempts."""
    guesses = _guesses("recovery", person, everywhere={})
    guesses.check(at=at)
    if not factors.take_recovery_code(person, typed, at=at):
        _refuse_code(person, guesses, at=at)
        raise factors.WrongCode(_l("恢复码不对，或者已经用过。每个恢复码只能用一次。"), field="recovery")


def _refuse_code(person: Person, guesses: Guesses, *, at: datetime) -> None:
    guesses.count(at=at)
    record_apart("accounts.code_refused", person, by=None, at=at)


def _guesses(what: str, person: Person, *, everywhere: dict[str, int]) -> Guesses:
    address = visitors_network()
    here = {f"{what}:{person.id}@{address}": ATTEMPTS_AN_ACCOUNT, f"{what}-from:{address}": ATTEMPTS_AN_ADDRESS}
    return Guesses(here | everywhere)
