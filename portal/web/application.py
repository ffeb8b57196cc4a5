"""Flask as the portal uses it: templates by language, and addresses at a tenth of the usual cost.

A queue of fifty rows names two hundred addresses. Most routes hold whole numbers, plain words or nothing, and their
addresses need no converter, no quoting and none of Flask's hooks.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from flask import Flask, has_request_context, request

from portal.web.translated import TranslatedEnvironment

_NUMBER = re.compile(r"<int:(\w+)>")
_WORD = re.compile(r"<(\w+)>")
_NOTHING_TO_QUOTE = re.compile(r"[A-Za-z0-9_-]+")


class Plain(NamedTuple):
    """The address of a route that holds whole numbers and words: by `%`, from values of exactly these names."""

    pattern: str
    names: frozenset[str]
    words: tuple[str, ...]

    def takes(self, values: Mapping[str, Any]) -> bool:
        """Whether the values are those of the route, and no word among them holds what must be quoted."""
        return self.names == values.keys() and all(_is_plain(values[word]) for word in self.words)


class Portal(Flask):
    """The application."""

    jinja_environment = TranslatedEnvironment

    def url_for(self, endpoint: str, **values: Any) -> str:
        """The endpoint's address, as Flask says it."""
        if endpoint not in self._plain:
            self._plain[endpoint] = self._plain_of(endpoint)
        plain = self._plain[endpoint]
        if plain is None or not plain.takes(values) or not has_request_context():
            return super().url_for(endpoint, **values)
        # Asked of the request itself: the proxy would look for it once more.
        root: str = request._get_current_object().root_path  # type: ignore[attr-defined]
        return root + plain.pattern % values

    @cached_property
    def _plain(self) -> dict[str, Plain | None]:
        return {}

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """All views and hooks are plain functions; Flask would look at each of them on each request."""
        return func

    def _plain_of(self, endpoint: str) -> Plain | None:
        rules = list(self.url_map.iter_rules(endpoint)) if endpoint in self.view_functions else []
        if len(rules) != 1 or "%" in rules[0].rule:
            return None
        with_words = _NUMBER.sub(r"%(\1)d", rules[0].rule)
        pattern = _WORD.sub(r"%(\1)s", with_words)
        if "<" in pattern:
            return None
        return Plain(pattern, frozenset(rules[0].arguments), tuple(_WORD.findall(with_words)))


def _is_plain(word: Any) -> bool:
    return isinstance(word, str) and _NOTHING_TO_QUOTE.fullmatch(word) is not None
