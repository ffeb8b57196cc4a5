"""What a person can do wrong, said so that the person can mend it.

Every rule that refuses raises a `DomainError`. It carries one translatable sentence and, where there is one,
the form field it belongs to; the web floor shows it beside that field with status 422, the command line on stderr.
"""

from portal.words import Words, _l


class DomainError(Exception):
    """A rule said no. `sentence` is for people; `field` names the form field it belongs to."""

    def __init__(self, sentence: Words | str, *, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field


class NotAllowed(DomainError):
    """The person may see this, but not do that to it (403)."""

    def __init__(self, sentence: Words | str | None = None) -> None:
        super().__init__(sentence or _l("您没有做这件事的权限。"))


class ChangedMeanwhile(DomainError):
    """Somebody else was quicker: the record is no longer in the state the page showed."""


class AlreadyDone(DomainError):
    """The same thing was asked for before, with other content."""
