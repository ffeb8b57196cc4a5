"""A mail server small enough to read: it takes what it is given, or refuses in the way a test asks for."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class Mailserver(socketserver.ThreadingTCPServer):
    """`answers` says what it answers to a command instead of 250; `taken` are the messages it took."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []
        self.lines: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.taken]


class _Conversation(socketserver.StreamRequestHandler):
    server: Mailserver

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.server.lines.append(line)
            command = line.split()[0].upper()
            said = self.server.answers.get(command, "354 go on" if command == "DATA" else "250 fine")
            self._say(said)
            if said.startswith("354"):
                self.server.taken.append(self._message())
                self._say("250 taken")
            if command == "QUIT":
                return

    def _message(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@contextmanager
def running() -> Iterator[Mailserver]:
    """A server until the end of the block."""
    with Mailserver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=5)
