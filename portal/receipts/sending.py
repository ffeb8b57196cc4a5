"""The look-up code once more, to a contact that the donor herself has proved: nobody else's, and nowhere on a page."""

from datetime import datetime, timedelta

from portal.audit import record
from portal.contacts.models import Contact, Kind
from portal.contacts.queries import contacts_of
from portal.people.models import Person
from portal.post import Channel, post
from portal.problems import DomainError
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from portal.web.throttle import Guesses
from portal.words import _, _l

GOOD_FOR = timedelta(days=1)
"""A letter that could not leave by then never does, and its text is emptied a day later."""

A_DAY = 3


class NoContact(DomainError):
    """She has proved neither a mobile nor an address."""

    def __init__(self) -> None:
        super().__init__(_l("您还没有验证过手机或邮箱，查询码没有地方可发。请先到「账号与安全」里验证一个。"))


def send_code_again(receipt: Receipt, *, to: Person, at: datetime) -> Contact:
    """Send the code to whoever keeps the confirmation; gives where to. Raises NoContact, TooManyAttempts."""
    contact = _own_contact(to)
    if contact is None:
        raise NoContact
    seldom = Guesses({f"receipt-code-to:{receipt.id}:{to.id}": A_DAY}, within=timedelta(days=1))
    seldom.check(at=at)
    seldom.count_here(at=at)
    is_mobile = contact.kind == Kind.MOBILE
    channel = Channel.SMS if is_mobile else Channel.MAIL
    subject = "" if is_mobile else _("您的确认单查询码")
    words = _(
        "您收存的捐赠确认单 %(number)s 的查询码是 %(code)s。凭它能看到姓名和金额，请不要转发。",
        number=receipt.number,
        code=code_of(receipt),
    )
    post(channel, contact.value, subject=subject, text=words, at=at, person_id=to.id, expires_at=at + GOOD_FOR)
    record("receipts.code.sent", receipt, by=to, at=at, number=receipt.number, channel=channel.value)
    return contact


def _own_contact(person: Person) -> Contact | None:
    """The mobile first: it is at hand."""
    proved = [one for one in contacts_of(person.id) if one.verified_at is not None]
    return min(proved, key=lambda one: one.kind != Kind.MOBILE, default=None)
