"""The words users see: Chinese in the source, English in the catalogue.

Lower floors name a sentence lazily (`_l`), because nobody knows yet who will read it; outside the application (in the
renderer, in plain functions) a sentence is simply its Chinese.
"""

from dataclasses import dataclass, field
from typing import Any

import flask_babel
from flask import has_app_context


@dataclass(frozen=True)
class Words:
    """A sentence that becomes text in the reader's language when it is shown."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return _(self.text, **self.values)

    def __mod__(self, values: dict[str, Any]) -> str:
        """WTForms fills the limits of its validators in this way."""
        return str(self) % values


def _(text: str, /, **values: Any) -> str:
    """The text in the language of this request."""
    if has_app_context():
        return str(flask_babel.gettext(text, **values))
    return text % values if values else text


def _l(text: str, /, **values: Any) -> Words:
    """The text in the language of whoever will read it."""
    return Words(text, values)
