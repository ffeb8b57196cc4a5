"""A letter as a mail, and the server that takes it."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from portal.jobs.problems import Away
from portal.post.carriers import NOT_ANSWERING, NOT_LET_IN, NOT_SAFE, Deliver, Parcel, Refused
from portal.settings import is_loopback

SENDER = "爱心联盟"
PATIENCE = 10.0
"""Seconds for each answer of the server: ten of them end before a letter counts as let go of."""

# A header of an address longer than a line must not be encoded to fold it; Python would, at 78 characters.
_LONG_LINES = SMTP.clone(max_line_length=990)


class Sender(NamedTuple):
    """Who writes: the address in From, and the host that letters' numbers belong to."""

    address: str
    host: str


def as_mail(parcel: Parcel, sender: Sender) -> bytes:
    """The whole message in the form that goes over the wire."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(SENDER, addr_spec=sender.address)
    message["To"] = Address(addr_spec=parcel.to)
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.at)
    message["Message-ID"] = f"<{parcel.number}@{sender.host}>"
    # RFC 3834: nobody's absence notice need answer.
    message["Auto-Submitted"] = "auto-generated"
    if parcel.unsubscribe:
        message["List-Unsubscribe"] = f"<{parcel.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(parcel.text, cte="base64")
    written = BytesIO()
    BytesGenerator(written, policy=_LONG_LINES).flatten(message)
    return written.getvalue()


@dataclass(frozen=True)
class Smtp:
    """A mail server. Its password goes over an encrypted line or stays on this machine."""

    host: str
    port: int
    user: str
    password: str
    sender: Sender
    is_tls: bool
    needs_starttls: bool

    @contextmanager
    def open(self) -> Iterator[Deliver]:
        """One connection for the letters of a job, begun with the first of them."""
        line: list[smtplib.SMTP] = []

        def deliver(parcel: Parcel) -> None:
            if not line:
                line.append(self._connected())
            _hand_over(line[0], parcel, self.sender)

        try:
            yield deliver
        finally:
            for server in line:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()

    def _connected(self) -> smtplib.SMTP:
        try:
            server = self._greeted()
            if self.user:
                server.login(self.user, self.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as refusal:
            raise Away(NOT_LET_IN) from refusal
        except (smtplib.SMTPException, OSError) as error:
            raise Away(NOT_ANSWERING) from error
        return server

    def _greeted(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.is_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        if self.needs_starttls:
            try:
                server.starttls(context=context)
            except (smtplib.SMTPException, ssl.SSLError) as refusal:
                server.close()
                raise Away(NOT_SAFE) from refusal
        return server


def smtp_at(url: str, *, base_url: str) -> Smtp:
    """The server that PORTAL_MAIL_URL names; `?from=` is the address in From, where the user name is none."""
    parts = urlsplit(url)
    host, user = parts.hostname or "", unquote(parts.username or "")
    return Smtp(
        host=host,
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        user=user,
        password=unquote(parts.password or ""),
        sender=sender_of(url, base_url=base_url),
        is_tls=parts.scheme == "smtps",
        needs_starttls=parts.scheme == "smtp" and not is_loopback(host),
    )


def sender_of(url: str, *, base_url: str) -> Sender:
    """Who writes: as the setting says, else the user of the mail server, else `portal` at the portal's own host."""
    parts, own = urlsplit(url), urlsplit(base_url).hostname or "localhost"
    given, user = parse_qs(parts.query).get("from", [""])[0], unquote(parts.username or "")
    return Sender(given or (user if "@" in user else f"portal@{own}"), own)


def number_of(letter_id: int, secret: str) -> str:
    """The same at each try, so that a server may know a letter again; it does not tell how many letters there are."""
    return hashlib.sha256(f"letter {letter_id} {secret}".encode()).hexdigest()[:32]


def _hand_over(server: smtplib.SMTP, parcel: Parcel, sender: Sender) -> None:
    """Raises Refused when there is no such mailbox, Away for everything that may pass."""
    try:
        server.sendmail(sender.address, [parcel.to], as_mail(parcel, sender))
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        raise (Refused() if all(500 <= code < 600 for code in codes) else Away(NOT_ANSWERING)) from refusal
    except (smtplib.SMTPException, OSError) as error:
        raise Away(NOT_ANSWERING) from error
