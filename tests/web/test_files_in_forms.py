"""A form that is sent without its files holds their names as text: nothing may take such a text for a file."""

import pytest
from flask_wtf.file import FileField
from wtforms.fields import FileField as AnyText

from portal.web.forms import PortalForm
from tests.applications import Client
from tests.volunteers import Cast, published


def _kinds(of: type[PortalForm] = PortalForm) -> list[type[PortalForm]]:
    return [one for kind in of.__subclasses__() for one in (kind, *_kinds(kind))]


def test_no_form_takes_text_for_a_file(client: Client) -> None:
    assert client.get("/").status_code == 200, "all rooms are there"
    fields = [(form.__name__, name) for form in _kinds() for name, field in vars(form).items() if _takes_text(field)]
    assert fields == []
    assert any(getattr(field, "field_class", None) is FileField for form in _kinds() for field in vars(form).values())


def _takes_text(field: object) -> bool:
    kind = getattr(field, "field_class", None)
    return isinstance(kind, type) and issubclass(kind, AnyText) and not issubclass(kind, FileField)


@pytest.mark.parametrize("address", ["/volunteers/new", "/rosters/new", "/loans/new", "/rosters"])
def test_a_photo_sent_as_text_is_no_photo(client: Client, cast: Cast, address: str) -> None:
    answer = client.sign_in(cast.lead).post(address, data={"photo": "photo.jpg", "file": "list.csv", "table": "x"})
    assert answer.status_code in (404, 405, 422)


def test_nor_is_one_sent_so_with_hours(client: Client, cast: Cast) -> None:
    activity = published(cast)
    day = f"{activity.starts_at:%Y-%m-%d}"
    sent = {
        "served_on": day,
        "starts_at": "08:30",
        "minutes": "60",
        "hours": "1",
        "place": "河边",
        "photo": "photo.jpg",
    }
    answer = client.sign_in(cast.member).post(f"/hours/new/{activity.id}", data=sent)
    assert answer.status_code < 500
