"""The words users see: Chinese in the source, English in the catalogue.

Lower floors name a sentence lazily (`_l`), because nobody knows yet who will read it.
"""

from typing import Any, Protocol

import flask_babel


class Words(Protocol):
    """A sentence that becomes text in the reader's language when it is shown."""

    def __str__(self) -> str: ...


def _(text: str, **values: Any) -> str:
    """The text in the language of this request."""
    return str(flask_babel.gettext(text, **values))


def _l(text: str, **values: Any) -> Words:
    """The text in the language of whoever will read it."""
    lazy: Words = flask_babel.lazy_gettext(text, **values)
    return lazy
