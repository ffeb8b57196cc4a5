"""What is wrong with a cell, said in every language: whoever reads it may read another one than whoever made it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from portal.words import LANGUAGES, Words, spoken

Told = dict[str, str]
"""A sentence in each language of the portal."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one cell: the column's title, a sentence for whoever brought the table, the field."""

    column: str
    sentence: Words | str
    field: str


def in_each_language(words: Words | str) -> Told:
    """The sentence in every language of the portal."""
    return {code: texts[0] for code, texts in _translated([words]).items()}


def told_problems(rows: Iterable[Sequence[Problem]]) -> Callable[[Sequence[Problem]], list[Told]]:
    """A function from a row's problems to plain data: all sentences translated in one go, each only once."""
    sentences = list({id(p.sentence): p.sentence for problems in rows for p in problems}.values())
    texts = _translated(sentences)
    told = {id(words): {code: texts[code][n] for code in LANGUAGES} for n, words in enumerate(sentences)}

    def tell(problems: Sequence[Problem]) -> list[Told]:
        return [{"column": p.column, "field": p.field, **told[id(p.sentence)]} for p in problems]

    return tell


def _translated(sentences: Sequence[Words | str]) -> dict[str, list[str]]:
    texts = {}
    for language in LANGUAGES:
        with spoken(language):
            texts[language] = [str(words) for words in sentences]
    return texts
