"""The words users see: Chinese in the source, English in the catalogue.

Lower floors name a sentence lazily (`_l`), because nobody knows yet who will read it; outside a request (in the
renderer, at the command line, in jobs) a sentence is simply its Chinese.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

SOURCE = "zh"
"""The language of the source: it has no catalogue, and what has no translation is shown in it."""

LANGUAGES = (SOURCE, "en")

_reader: ContextVar[str] = ContextVar("language", default=SOURCE)


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


def language() -> str:
    """The language of whoever reads what is made now; one of LANGUAGES."""
    return _reader.get()


def speak(language: str) -> None:
    """From now on, in this thread, for a reader of this language."""
    _reader.set(language)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """In the block for a reader of this language."""
    before = _reader.set(language)
    try:
        yield
    finally:
        _reader.reset(before)


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations into a language, read once."""
    file = Path(__file__).parent / "translations" / language / "LC_MESSAGES" / "messages.mo"
    if not file.exists():
        return NullTranslations()
    with file.open("rb") as compiled:
        return GNUTranslations(compiled)


def _(text: str, /, **values: Any) -> str:
    """The text in the reader's language."""
    said = catalogue(_reader.get()).gettext(text)
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The text for so many, which it may name as `num`."""
    return catalogue(_reader.get()).ngettext(singular, plural, num) % {"num": num, **values}


def pgettext(context: str, text: str, /, **values: Any) -> str:
    """The text of a word that means different things."""
    said = catalogue(_reader.get()).pgettext(context, text)
    return said % values if values else said


def _l(text: str, /, **values: Any) -> Words:
    """The text in the language of whoever will read it."""
    return Words(text, values)
