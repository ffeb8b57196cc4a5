"""What tests of badges do: hand one out, show it at a desk."""

from portal.badges.actions import issue_badges, set_pin
from portal.badges.cards import text_of
from portal.badges.models import Badge
from portal.db import db
from portal.people.models import Person
from portal.people.passwords import hashed
from tests.applications import Client
from tests.volunteers import MONDAY, Cast

PIN = "8305"
PIN_HASH = hashed(PIN)


def badge_of(person: Person, people: Cast, *, pin: bool = True) -> Badge:
    """A card that her leader has handed out, ready for use."""
    [badge] = issue_badges([person], people.team, by=people.leader, at=MONDAY)
    if pin:
        set_pin(badge, PIN_HASH, by=people.leader, at=MONDAY)
    db.session.flush()
    return badge


def show(desk: Client, badge: Badge, *, pin: str = PIN, card: str | None = None) -> int:
    """Scan the card, or type `card`, and the PIN; 303 when she is in."""
    return desk.post("/badges/desk", data={"card": card or text_of(badge), "pin": pin}).status_code


def kiosk(client: Client, people: Cast) -> Client:
    """The leader's browser, given over to the team."""
    client.sign_in(people.leader)
    assert client.post(f"/badges/teams/{people.team.slug}/kiosk").headers["Location"] == "/badges/desk"
    return client
