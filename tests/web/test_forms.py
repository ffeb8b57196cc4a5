"""The portal's own attributes of inputs are WTForms'."""

from typing import Any

import pytest
from markupsafe import Markup
from wtforms.widgets import html_params

from portal.web.forms import attributes


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"id": "day", "name": "day", "type": "date", "value": "2026-11-22", "required": True},
        {"class_": "short", "for_": "x", "data_one_two": 1, "aria_invalid": "true", "aria_describedby": False},
        {"value": "\"' & <b>", "autofocus": False, "readonly": True},
        {"value": Markup('<b title="x">&amp;</b>')},
        {"min": 0, "max": 24, "maxlength": 80, "list": None},
    ],
)
def test_attributes_are_written_as_wtforms_writes_them(given: dict[str, Any]) -> None:
    assert attributes(**given) == html_params(**given)
