"""The rendering service: one queue for all who want documents, and an answer for everybody in it."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.documents import client, line, wire
from portal.documents.client import DocumentsBusy, DocumentUnavailable
from portal.documents.confirmation import TEMPLATE
from tests.documents.services import LONG, Beside, service
from tests.documents.sheets import sheet
from tests.documents.test_client import ends_soon
from tests.documents.test_confirmation import words

CONTEXT = sheet().to_context()
REQUEST = wire.request_bytes(wire.Request(TEMPLATE, CONTEXT, LONG))


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process will ask for documents."""
    address = tmp_path / "documents.sock"
    monkeypatch.setenv(line.VARIABLE, str(address))
    return address


@pytest.fixture
def one(address: Path) -> Iterator[Beside]:
    """A service with one rendering process and two places."""
    with service(address, renderers=1, places=2) as beside:
        yield beside


@pytest.fixture
def asking() -> Iterator[Callable[[], "Future[bytes]"]]:
    """Ask for a document in another thread."""
    with ThreadPoolExecutor(8) as threads:
        yield lambda: threads.submit(client.render, TEMPLATE, CONTEXT, timeout=LONG)


def connected(beside: Beside, request: bytes = REQUEST) -> socket.socket:
    """Somebody who asks and does not wait for the answer."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(LONG)
    connection.connect(beside.address)
    connection.sendall(request)
    return connection


def test_whoever_asks_gets_his_own_document(one: Beside) -> None:
    # Without a service, as in other tests, this process draws for itself.
    client._renderer.close()

    def draw(name: str) -> str:
        return words(client.render(TEMPLATE, sheet(donor=name).to_context(), timeout=LONG))

    with ThreadPoolExecutor(2) as threads:
        names = ["甲君", "乙君", "丙君", "丁君"]
        for name, text in zip(names, threads.map(draw, names), strict=True):
            assert f"捐赠人{name}" in text
    assert one.standing.drawn == 4
    assert client._renderer.pid is None, "nothing is drawn here"


def test_a_full_queue_says_so_at_once(one: Beside, asking: Callable[[], "Future[bytes]"]) -> None:
    with one.held():
        first = asking()
        one.wait_until(lambda standing: standing.drawing == 1)
        others = [asking(), asking()]
        one.wait_until(lambda standing: standing.waiting == 2)
        standing = client.standing()
        assert standing is not None
        assert standing.waiting == 2
        began = time.monotonic()
        with pytest.raises(DocumentsBusy) as refused:
            client.render(TEMPLATE, CONTEXT)
        assert time.monotonic() - began < 2
        assert str(refused.value.sentence) == "现在要生成的单据很多，请过几秒再试一次。"
    for drawing in (first, *others):
        assert drawing.result().startswith(b"%PDF-")
    assert one.standing[:3] == (0, 0, 3)


def test_who_has_waited_long_enough_is_told_to_come_again(address: Path) -> None:
    with service(address, renderers=1, places=2, patience=0.3) as beside, beside.held(), connected(beside):
        beside.wait_until(lambda standing: standing.drawing == 1)
        with pytest.raises(DocumentsBusy):
            client.render(TEMPLATE, CONTEXT, timeout=LONG)
        assert beside.standing.waiting == 0


def test_a_worker_that_died_no_longer_stands_in_the_queue(one: Beside) -> None:
    with one.held(), connected(one):
        one.wait_until(lambda standing: standing.drawing == 1)
        leaving = [connected(one), connected(one)]
        one.wait_until(lambda standing: standing.waiting == 2)
        for connection in leaving:
            connection.close()
        one.wait_until(lambda standing: standing.waiting == 0)
    assert client.render(TEMPLATE, CONTEXT, timeout=LONG).startswith(b"%PDF-")
    assert one.standing.drawn == 2, "nothing was drawn for those who had gone"


def test_a_rendering_process_killed_at_its_work_is_not_noticed(
    one: Beside, asking: Callable[[], "Future[bytes]"]
) -> None:
    client.render(TEMPLATE, CONTEXT, timeout=LONG)
    (killed,) = one.standing.processes
    os.kill(killed, signal.SIGSTOP)
    drawing = asking()
    one.wait_until(lambda standing: standing.drawing == 1)
    os.kill(killed, signal.SIGKILL)
    assert drawing.result().startswith(b"%PDF-")
    assert killed not in one.standing.processes


def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_drawn(one: Beside) -> None:
    (hanging,) = one.standing.processes
    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(DocumentUnavailable):
        client.render(TEMPLATE, CONTEXT, timeout=0.5)
    assert ends_soon(hanging)
    assert client.render(TEMPLATE, CONTEXT, timeout=LONG).startswith(b"%PDF-")


def test_a_document_that_cannot_be_drawn_costs_only_itself(one: Beside) -> None:
    before = one.standing.processes
    with pytest.raises(DocumentUnavailable) as refused:
        client.render("unheard_of", {}, timeout=LONG)
    assert not isinstance(refused.value, DocumentsBusy), "asking again would not help"
    assert client.render(TEMPLATE, CONTEXT, timeout=LONG).startswith(b"%PDF-")
    assert one.standing.processes == before


def test_a_rendering_process_is_replaced_after_its_number_of_documents(address: Path) -> None:
    with service(address, renderers=1, documents=2) as beside:
        (first,) = beside.standing.processes
        client.render(TEMPLATE, CONTEXT, timeout=LONG)
        client.render(TEMPLATE, CONTEXT, timeout=LONG)
        (second,) = beside.wait_until(lambda standing: standing.processes not in ([], [first])).processes
        assert ends_soon(first)
        assert client.render(TEMPLATE, CONTEXT, timeout=LONG).startswith(b"%PDF-")
        assert beside.standing.processes == [second]


def test_two_rendering_processes_draw_at_the_same_time(address: Path, asking: Callable[[], "Future[bytes]"]) -> None:
    with service(address, renderers=2) as beside:
        with beside.held():
            drawings = [asking() for _ in range(3)]
            beside.wait_until(lambda standing: standing[:2] == (1, 2))
        for drawing in drawings:
            assert drawing.result().startswith(b"%PDF-")


def test_without_a_service_one_is_told_to_come_again_soon(address: Path) -> None:
    began = time.monotonic()
    with pytest.raises(DocumentsBusy):
        client.render(TEMPLATE, CONTEXT)
    assert line.AWAY - 0.5 < time.monotonic() - began < line.AWAY + 2
    assert client.standing() is None


def test_a_silent_service_is_not_alive(one: Beside) -> None:
    assert client.standing() is not None
    os.kill(one.popen.pid, signal.SIGSTOP)
    assert client.standing() is None
    with pytest.raises(DocumentsBusy):
        client.render(TEMPLATE, CONTEXT, timeout=0.5)
    os.kill(one.popen.pid, signal.SIGCONT)
    one.wait_until(lambda standing: standing.waiting == standing.drawing == 0)
    assert client.standing() is not None


def test_where_no_service_is_named_each_draws_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(line.VARIABLE, raising=False)
    assert client.standing() is None
    assert client.render(TEMPLATE, CONTEXT, timeout=LONG).startswith(b"%PDF-")


@pytest.mark.parametrize("rubbish", [b"\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x02{}", b"\0\0\0\x04nonsense", b""])
def test_rubbish_harms_nobody_else(one: Beside, rubbish: bytes) -> None:
    connection = connected(one, rubbish)
    connection.shutdown(socket.SHUT_WR)
    assert connection.recv(100) == b""
    assert one.standing[:3] == (0, 0, 0)


def test_it_ends_with_the_server_it_serves(one: Beside) -> None:
    (process,) = one.standing.processes
    assert one.popen.stdin is not None
    one.popen.stdin.close()
    assert one.popen.wait(timeout=LONG) == 0
    assert ends_soon(process)


def test_killed_by_force_it_leaves_no_process_behind(one: Beside) -> None:
    (process,) = one.standing.processes
    one.popen.kill()
    assert ends_soon(process)


def test_asked_to_stop_it_does_so_in_the_midst_of_its_work(one: Beside) -> None:
    (process,) = one.standing.processes
    os.kill(process, signal.SIGSTOP)
    with connected(one):
        one.wait_until(lambda standing: standing.drawing == 1)
        one.popen.terminate()
        assert one.popen.wait(timeout=LONG) == 0
    assert ends_soon(process)


def test_only_its_own_account_may_ask(one: Beside) -> None:
    assert Path(one.address).stat().st_mode & 0o777 == 0o600


def test_neither_service_nor_processes_know_secrets(address: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATA_KEY", "a-key-that-must-not-travel")
    with service(address, renderers=1) as beside:
        for pid in (beside.popen.pid, *beside.standing.processes):
            assert b"must-not-travel" not in Path(f"/proc/{pid}/environ").read_bytes()
