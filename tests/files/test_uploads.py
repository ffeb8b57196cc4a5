"""What a form brings as a photo: nothing, too much of it, or none where there must be one."""

from io import BytesIO

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from portal.files import needed_photo_in, photo_in
from portal.files.pictures import LARGEST, PictureTooLarge
from portal.problems import DomainError
from portal.words import _l
from tests.files.test_pictures import photo


class Counted(BytesIO):
    """Remembers how much of it was asked for."""

    asked = 0

    def read(self, size: int | None = -1) -> bytes:
        self.asked = -1 if size is None else size
        return super().read(size)


def test_no_more_of_a_file_is_read_than_may_be_one(session: object) -> None:
    stream = Counted(b"\xff\xd8\xff" + bytes(LARGEST + 999))
    with pytest.raises(PictureTooLarge):
        photo_in(FileStorage(stream, filename="sheet.jpg"))
    assert stream.asked == LARGEST + 1


def test_without_a_file_there_is_no_photo_and_where_one_is_needed_that_is_said(app: Flask) -> None:
    for nothing in (None, FileStorage(BytesIO(b""), filename="")):
        assert photo_in(nothing) is None
        with pytest.raises(DomainError, match="请拍下") as asked:
            needed_photo_in(nothing, otherwise=_l("请拍下本人签字的申请。"))
        assert asked.value.field == "photo"


def test_a_photo_is_written_anew_under_the_name_it_had(session: object) -> None:
    found = photo_in(FileStorage(BytesIO(photo()), filename=" 同意书\u202e.jpg "))
    assert found is not None
    assert found.content != photo() and "\u202e" not in found.name
