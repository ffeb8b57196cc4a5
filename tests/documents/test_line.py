"""Where a service is found: in a private folder, at an address that is short enough."""

import os
import socket
from pathlib import Path

import pytest

from portal.documents import line


@pytest.fixture
def near(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path leaves room for a socket's name."""
    return tmp_path_factory.mktemp("l")


def test_the_folder_belongs_to_this_account_alone(near: Path) -> None:
    (near / "run").mkdir(mode=0o777)
    place = line.place(near)
    assert place.parent == near / "run"
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_an_instance_with_a_long_path_gets_an_address_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("很长的名字" * 6) / "instance"
    deep.mkdir(parents=True)
    place = line.place(deep)
    try:
        assert len(os.fsencode(place)) <= line.LONGEST
        assert place.parent.stat().st_mode & 0o777 == 0o700
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place))
    finally:
        line.clear(place)
    assert not place.parent.exists()


def test_what_a_killed_server_left_is_swept_and_who_listens_is_left_alone(near: Path) -> None:
    folder = line.place(near).parent
    dead, living = folder / "documents-1.sock", folder / "documents-2.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(dead))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(living))
        listener.listen()
        line.place(near)
        assert not dead.exists()
        assert living.exists()


def test_clearing_what_is_gone_already_is_no_mistake(tmp_path: Path) -> None:
    line.clear(line.place(tmp_path))
