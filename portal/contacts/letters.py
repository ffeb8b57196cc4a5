"""Letters to a person's own contacts: codes, and news of what changed in her account."""

from datetime import datetime

from portal.contacts.models import Contact, Kind
from portal.contacts.queries import contacts_of
from portal.people.models import Person
from portal.post import Channel, post
from portal.words import _

CHANNELS = {Kind.MOBILE: Channel.SMS, Kind.EMAIL: Channel.MAIL}


def send_code(contact: Contact, code: str, purpose: str, *, at: datetime, expires_at: datetime) -> None:
    """`purpose` is what the code is for, in words."""
    text = code_words(code, purpose, at=at, expires_at=expires_at)
    _send(contact, _("爱心联盟验证码"), text, at=at, expires_at=expires_at)


def code_words(code: str, purpose: str, *, at: datetime, expires_at: datetime) -> str:
    """What the letter says that carries a code."""
    minutes = int((expires_at - at).total_seconds() // 60)
    said = _("验证码 %(code)s，用来%(purpose)s，%(minutes)d 分钟内有效。", code=code, purpose=purpose, minutes=minutes)
    warning = _("不是您本人在操作，请不要理会，也不要告诉任何人；我们不会向您要验证码。")
    return _("【爱心联盟】%(what)s", what=said + warning)


def tell(person_id: int, what: str, *, at: datetime) -> None:
    """News to all contacts that are known to be this person's; `what` is a whole sentence."""
    text = _("【爱心联盟】%(what)s", what=what + _("如果不是您本人做的，请马上告诉队长或系统管理员。"))
    for contact in contacts_of(person_id):
        if contact.verified_at is not None:
            _send(contact, _("您的账号有变动"), text, at=at)


def _send(contact: Contact, subject: str, text: str, *, at: datetime, expires_at: datetime | None = None) -> None:
    channel = CHANNELS[Kind(contact.kind)]
    subject = subject if channel is Channel.MAIL else ""
    post(
        channel,
        contact.value,
        subject=subject,
        text=text,
        at=at,
        person_id=contact.person_id,
        expires_at=expires_at,
    )


def named(person: Person) -> str:
    """How a letter names her: by number, for a mobile may be shared."""
    return person.volunteer_no or person.login or person.name
