"""Where a service is found: in a private folder, at an address that is short enough."""

import os
import socket
from pathlib import Path

from portal.documents import line


def test_the_folder_belongs_to_this_account_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o777)
    place = line.place(tmp_path)
    assert place.parent == tmp_path / "run"
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


def test_what_a_killed_server_left_is_swept_and_who_listens_is_left_alone(tmp_path: Path) -> None:
    folder = line.place(tmp_path).parent
    dead, living = folder / "documents-1.sock", folder / "documents-2.sock"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(dead))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(living))
        listener.listen()
        line.place(tmp_path)
        assert not dead.exists()
        assert living.exists()


def test_clearing_what_is_gone_already_is_no_mistake(tmp_path: Path) -> None:
    line.clear(line.place(tmp_path))
