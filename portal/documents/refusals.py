"""Why there is no document now. What it would tell is safe in the database all the same."""

from portal.problems import DomainError
from portal.words import Words, _l


class DocumentUnavailable(DomainError):
    """The document could not be drawn now; what it tells is safe in the database."""

    def __init__(self, sentence: Words | None = None) -> None:
        super().__init__(sentence or _l("单据暂时无法生成，请稍后再试。"))


class DocumentsBusy(DocumentUnavailable):
    """Too many documents are asked for at once, or those who draw them are just starting: soon it will work."""

    RETRY_AFTER = 5
    """Seconds after which asking again is worth while."""

    def __init__(self) -> None:
        super().__init__(_l("现在要生成的单据很多，请过几秒再试一次。"))
