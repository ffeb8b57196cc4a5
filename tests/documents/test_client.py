"""The worker's side: one rendering process, replaced when it must be, never in the way, never left behind."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.documents import client, wire
from portal.documents.client import DocumentUnavailable, Renderer
from portal.documents.confirmation import TEMPLATE
from portal.documents.process import Gone, Process
from tests.documents.sheets import sheet
from tests.documents.test_confirmation import words

CONTEXT = sheet().to_context()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def ends_soon(pid: int) -> bool:
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


def pid_of(renderer: Renderer) -> int:
    assert renderer.pid is not None
    return renderer.pid


def test_one_process_draws_one_document_after_the_other(renderer: Renderer) -> None:
    renderer.render(TEMPLATE, CONTEXT)
    first = pid_of(renderer)
    assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
    assert renderer.pid == first


def test_two_threads_each_get_their_own_document(renderer: Renderer) -> None:
    def draw(name: str) -> str:
        return words(renderer.render(TEMPLATE, sheet(donor=name).to_context()))

    names = ["甲君", "乙君", "丙君", "丁君", "戊君", "己君"]
    with ThreadPoolExecutor(2) as threads:
        for name, text in zip(names, threads.map(draw, names), strict=True):
            assert f"捐赠人{name}" in text


def test_a_killed_process_is_replaced_unnoticed() -> None:
    with Renderer() as renderer:
        renderer.render(TEMPLATE, CONTEXT)
        killed = pid_of(renderer)
        os.kill(killed, signal.SIGKILL)
        assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
        assert renderer.pid != killed


def test_a_process_killed_at_its_work_is_replaced_unnoticed() -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as thread:
        renderer.render(TEMPLATE, CONTEXT)
        killed = pid_of(renderer)
        os.kill(killed, signal.SIGSTOP)
        document = thread.submit(renderer.render, TEMPLATE, CONTEXT)
        time.sleep(0.2)
        os.kill(killed, signal.SIGKILL)
        assert document.result().startswith(b"%PDF-")


def test_a_hanging_process_is_given_up_and_ended() -> None:
    with Renderer() as renderer:
        renderer.render(TEMPLATE, CONTEXT)
        hanging = pid_of(renderer)
        os.kill(hanging, signal.SIGSTOP)
        with pytest.raises(DocumentUnavailable) as refused:
            renderer.render(TEMPLATE, CONTEXT, timeout=0.3)
        assert str(refused.value.sentence) == "单据暂时无法生成，请稍后再试。"
        assert ends_soon(hanging)
        assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")


def test_who_waits_too_long_for_a_turn_is_told_so() -> None:
    with Renderer() as renderer, ThreadPoolExecutor(1) as thread:
        renderer.render(TEMPLATE, CONTEXT)
        os.kill(pid_of(renderer), signal.SIGSTOP)
        first = thread.submit(renderer.render, TEMPLATE, CONTEXT, timeout=1)
        time.sleep(0.2)
        with pytest.raises(DocumentUnavailable, match="很多"):
            renderer.render(TEMPLATE, CONTEXT, timeout=0.2)
        with pytest.raises(DocumentUnavailable):
            first.result()


def test_a_process_that_nobody_waits_for_ends_itself() -> None:
    process = Process()
    try:
        late = wire.request_bytes(wire.Request(TEMPLATE, CONTEXT, seconds=-1.99))
        with pytest.raises(Gone):
            process.ask(late, until=time.monotonic() + 20)
    finally:
        process.end()


def test_a_process_ends_with_the_worker_it_serves() -> None:
    program = (
        "import os, signal\n"
        "from tests.documents.sheets import sheet\n"
        "from portal.documents import client\n"
        "client.render('confirmation', sheet().to_context())\n"
        "print(client._renderer.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    worker = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert worker.returncode == -signal.SIGKILL, worker.stderr
    assert ends_soon(int(worker.stdout))


def test_a_worker_never_loads_the_rendering_library() -> None:
    program = (
        "import sys\n"
        "from tests.documents.sheets import sheet\n"
        "from portal.documents import client, confirmation\n"
        "assert client.render('confirmation', sheet().to_context()).startswith(b'%PDF-')\n"
        "print(sorted({'weasyprint', 'fontTools', 'pydyf', 'tinyhtml5', 'segno'} & sys.modules.keys()))\n"
    )
    worker = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert worker.stdout.strip() == "[]"
    assert worker.stderr == ""


def test_a_process_is_replaced_after_its_number_of_documents() -> None:
    with Renderer(documents=2) as renderer:
        renderer.render(TEMPLATE, CONTEXT)
        first = pid_of(renderer)
        renderer.render(TEMPLATE, CONTEXT)
        assert renderer.pid is None
        assert ends_soon(first)
        renderer.render(TEMPLATE, CONTEXT)
        assert pid_of(renderer) != first


def test_a_process_that_has_grown_is_replaced() -> None:
    with Renderer(resident=1) as renderer:
        assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
        assert renderer.pid is None


def test_a_document_that_cannot_be_drawn_costs_only_itself(renderer: Renderer) -> None:
    renderer.render(TEMPLATE, CONTEXT)
    process = renderer.pid
    with pytest.raises(DocumentUnavailable):
        renderer.render("unheard_of", {})
    assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
    assert renderer.pid == process


def test_only_plain_data_is_sent(renderer: Renderer) -> None:
    with pytest.raises(TypeError):
        renderer.render(TEMPLATE, {"donor": object()})  # type: ignore[dict-item]


def test_the_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "a-key-that-must-not-travel")
    with Renderer() as renderer:
        renderer.render(TEMPLATE, CONTEXT)
        environment = Path(f"/proc/{renderer.pid}/environ").read_bytes()
    assert b"FONTCONFIG_FILE" in environment
    assert b"must-not-travel" not in environment


def test_a_forked_worker_starts_a_process_of_its_own(renderer: Renderer) -> None:
    renderer.render(TEMPLATE, CONTEXT)
    parents = pid_of(renderer)
    child = os.fork()
    if child == 0:
        own = False
        try:
            begun_anew = renderer.pid is None
            renderer.render(TEMPLATE, CONTEXT)
            own = begun_anew and renderer.pid != parents
            renderer.close()
        finally:
            os._exit(0 if own else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert renderer.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
    assert renderer.pid == parents


def test_the_worker_asks_by_one_function() -> None:
    try:
        assert client.render(TEMPLATE, CONTEXT).startswith(b"%PDF-")
    finally:
        client._renderer.close()
