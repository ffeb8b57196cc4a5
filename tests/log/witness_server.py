"""A witness on this machine: it signs what goes on from what it saw last (C2SP tlog-witness), or misbehaves."""

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portal.log.cosigning import cosign
from portal.log.keys import COSIGNATURE, BadNote, Checkpoint, key_hash, open_note, signer
from portal.log.tree import verify_consistency

AT = 1_795_000_000
Answer = tuple[int, str]


@dataclass
class WitnessServer:
    """What it knows of one log. `answer` may be replaced by a worse one."""

    name: str = "witness.test/w1"
    secret: str = "secret of a witness of the tests"
    vkeys: tuple[str, ...] = ()
    seen: Checkpoint | None = None
    asked: list[str] = field(default_factory=list)
    answer: Callable[[str], Answer] | None = None
    port: int = 0

    @property
    def vkey(self) -> str:
        public = signer(self.secret).public_key().public_bytes_raw()
        hash = key_hash(self.name, public, COSIGNATURE).hex()
        return f"{self.name}+{hash}+{base64.b64encode(COSIGNATURE + public).decode()}"

    @property
    def setting(self) -> str:
        return f"{self.vkey}@http://127.0.0.1:{self.port}/prefix"

    def reply(self, body: str) -> Answer:
        self.asked.append(body)
        return self.answer(body) if self.answer else self.honest(body)

    def honest(self, body: str) -> Answer:
        """As the specification asks, in its order."""
        head, _, note = body.partition("\n\n")
        old, *proof = head.split("\n")
        try:
            new = open_note(note, *self.vkeys)
        except BadNote:
            return 403, ""
        known, size = self.seen.size if self.seen else 0, int(old.removeprefix("old "))
        if size > new.size:
            return 400, ""
        if size != known or (self.seen and size == new.size and self.seen.root != new.root):
            return 409, f"{known}\n"
        if self.seen and not verify_consistency(size, new.size, self.seen.root, new.root, decoded(proof)):
            return 422, ""
        if not self.seen and proof:
            return 422, ""
        self.seen = new
        return 200, cosign(note, self.name, signer(self.secret), at=AT) + "\n"


def decoded(lines: list[str]) -> list[bytes]:
    return [base64.b64decode(line, validate=True) for line in lines]


@contextmanager
def serving(witness: WitnessServer) -> Iterator[WitnessServer]:
    """It listens on this machine until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.path == "/prefix/add-checkpoint"
            status, said = witness.reply(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    witness.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(pause: float) -> Iterator[int]:
    """A port where a byte comes now and then, and never an end."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(pause):
                    connection.sendall(b"a")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        over.set()
        thread.join(5)
