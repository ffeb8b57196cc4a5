"""Text messages go to a gateway, signed, to it alone; and the demo mailbox is a page of development only."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal import clock
from portal.clock import CHINA
from portal.db import db
from portal.jobs.models import Job
from portal.jobs.worker import work
from portal.post import Channel, Letter, post
from portal.post.gateway import gateway_at, signature
from portal.post.mail import smtp_at
from portal.settings import Settings, SettingsError
from tests.applications import Client
from tests.pages import is_valid, words

AT = datetime(2026, 11, 22, 13, tzinfo=CHINA)
KEY = "a-key-of-the-gateway-0123"


class GatewayServer(ThreadingHTTPServer):
    """Answers with `status`; `taken` are the bodies it got with their signatures."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[str, dict[str, str], bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: GatewayServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture
def gateway(session: object, settings_of: Callable[..., None]) -> Iterator[GatewayServer]:
    with GatewayServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        settings_of(sms_url=f"http://{KEY}@127.0.0.1:{server.server_address[1]}/send?to=all")
        yield server
        server.shutdown()
        thread.join(timeout=5)


def message() -> Letter:
    letter = post(Channel.SMS, "13800001111", text="明天八点，南广场。", at=AT)
    db.session.commit()
    with clock.frozen(AT):
        work(once=True)
    db.session.refresh(letter)
    return letter


def test_a_message_is_signed_and_its_key_stays_at_home(gateway: GatewayServer) -> None:
    assert message().status == "sent"
    ((path, headers, body),) = gateway.taken
    assert path == "/send?to=all"
    assert headers["X-Portal-Signature"] == f"sha256={signature(KEY, body)}"
    assert KEY not in str(headers)
    assert json.loads(body)["text"] == "明天八点，南广场。"
    assert json.loads(body)["id"] == headers["Idempotency-Key"]


@pytest.mark.parametrize("status", [302, 307, 400, 500])
def test_a_gateway_that_refuses_or_sends_on_is_asked_again_later(gateway: GatewayServer, status: int) -> None:
    gateway.status = status
    assert message().status == "waiting"
    assert db.session.query(Job).one().last_error == "post_not_answering"
    assert [path for path, *_ in gateway.taken] == ["/send?to=all"]


def test_the_settings_say_where_letters_go() -> None:
    mail = smtp_at("smtp://post%40aixin.test:p%40ss@mail.example", base_url="https://portal.example")
    assert (mail.user, mail.password, mail.port, mail.needs_starttls) == ("post@aixin.test", "p@ss", 587, True)
    assert mail.sender == ("post@aixin.test", "portal.example")
    closed = smtp_at("smtps://mail.example?from=a@b.example", base_url="https://portal.example")
    assert (closed.port, closed.is_tls, closed.needs_starttls, closed.sender.address) == (
        465,
        True,
        False,
        "a@b.example",
    )
    assert gateway_at(f"https://{KEY}@sms.example/send").url == "https://sms.example/send"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("PORTAL_MAIL_URL", "mail.example"),
        ("PORTAL_MAIL_URL", "http://mail.example"),
        ("PORTAL_MAIL_URL", "folder:relative"),
        ("PORTAL_SMS_URL", f"http://{KEY}@sms.example/send"),
        ("PORTAL_SMS_URL", "https://sms.example/send"),
        ("PORTAL_SMS_URL", "https://short@sms.example/send"),
    ],
)
def test_a_wrong_address_stops_the_start_and_is_not_quoted(name: str, url: str, tmp_path: object) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), name: url})
    assert url not in str(refusal.value)


# ── the demo mailbox ────────────────────────────────────────────────────────────────────────────────
def test_in_development_anybody_finds_a_code_in_the_demo_mailbox(session: object, client: Client) -> None:
    assert is_valid(client.get("/mailbox"))
    post(Channel.MAIL, "lin@example.org", subject="验证码", text="284913 <b>", at=AT, expires_at=AT)
    message()
    answer = client.get("/mailbox")
    assert is_valid(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "l***@example.org" in words(answer)
    assert "138****1111" in words(answer)
    assert "284913 <b>" in words(answer)
    assert "lin@" not in answer.text
    assert "/mailbox" in client.get("/login").text


def test_in_production_there_is_no_mailbox_not_even_for_the_administrator(
    client: Client, people: object, settings_of: Callable[..., None]
) -> None:
    from portal.people.models import ALLIANCE, Role
    from tests.factories import person

    admin = person("钟管理", grants=[(Role.ADMIN, ALLIANCE)])
    settings_of(env="production")
    assert client.get("/mailbox").status_code == 404
    assert client.sign_in(admin).get("/mailbox").status_code == 404


def test_the_administrator_is_told_that_nothing_can_be_sent(
    client: Client, people: object, settings_of: Callable[..., None]
) -> None:
    from portal.people.models import ALLIANCE, Role
    from tests.factories import person

    client.sign_in(person("钟管理", grants=[(Role.ADMIN, ALLIANCE)]))
    assert "还没有设置发送" not in client.get("/jobs").text
    settings_of(env="production", sms_url="folder:/tmp/sms")
    post(Channel.MAIL, "lin@example.org", subject="通知", text="正文", at=AT)
    answer = client.get("/jobs")
    assert is_valid(answer)
    assert "还没有设置发送：邮件。 1 封信在等。" in words(answer)
