"""The device at which badges are shown: a kiosk, or the browser of somebody who runs the member's team."""

from datetime import datetime
from typing import NamedTuple

from flask import request, session

from portal.accounts.session import SIGN_IN
from portal.audit import record_apart
from portal.badges.bounds import KIOSK
from portal.badges.cards import Card, token_of
from portal.badges.models import Badge, Kiosk
from portal.badges.policy import can_hand_out_anywhere
from portal.badges.queries import badge_by_number, hands_out_to, kiosk_by_token, teams_of
from portal.chance import digest_of_token
from portal.db import let_go
from portal.people.models import Person
from portal.people.passwords import is_right
from portal.problems import DomainError, NotAllowed
from portal.web.libs import _l, current_user
from portal.web.throttle import Guesses

TRIES_A_BADGE = 5
TRIES_A_DEVICE = 30


class WrongBadge(DomainError):
    """Unknown card, lost card, another team's, no PIN yet or a wrong one: the same sentence for all."""


class Desk(NamedTuple):
    """Exactly one of the two."""

    kiosk: Kiosk | None
    host: Person | None

    def serves(self, badge: Badge) -> bool:
        """Whether the badge's owner belongs to a team that this device is there for."""
        if self.kiosk is not None:
            return self.kiosk.team_id in {team.id for team in teams_of(badge.person_id)}
        return self.host is not None and hands_out_to(self.host, badge.person_id)


def desk_here(*, at: datetime) -> Desk | None:
    """This browser as a desk; None when nobody is signed in and it is no kiosk. Raises NotAllowed."""
    if kiosk := kiosk_by_token(session.get(KIOSK), at=at):
        return Desk(kiosk, None)
    if not current_user.is_authenticated:
        return None
    host: Person = current_user._get_current_object()
    if not can_hand_out_anywhere(host):
        raise NotAllowed
    return Desk(None, host)


def badge_shown(desk: Desk, card: Card, pin: str, *, at: datetime) -> Badge:
    """The badge that the card and PIN prove. Raises WrongBadge, TooManyAttempts: it slows down, and never for ever."""
    device = digest_of_token(session.get(KIOSK) or session.get(SIGN_IN) or "")[:16]
    guesses = Guesses({f"badge:{card.number}@{device}": TRIES_A_BADGE, f"badges@{device}": TRIES_A_DEVICE})
    guesses.check(at=at)
    known = badge_by_number(card.number)
    good = known if known and _is_card(known, card) and desk.serves(known) else None
    stored, number = good.pin_hash if good else None, known.id if known else None
    # Hashing takes long: nobody waits for this transaction meanwhile.
    let_go()
    if is_right(stored, pin) and (badge := badge_by_number(card.number)):
        return badge
    guesses.count(at=at)
    record_apart("badges.pin_refused", known, by=desk.host, at=at, badge=number)
    raise WrongBadge(_l("卡号或密码不对，请再试一次。证丢过、换过的，请用新证。"), field="pin")


def _is_card(badge: Badge, card: Card) -> bool:
    return card.token is None or card.token == token_of(badge)


def browser_here() -> str:
    return request.user_agent.string
