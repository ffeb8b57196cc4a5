"""Every sentence that users see has its English: none missing, empty, fuzzy, still Chinese or left over.

`python -m tools.check_messages` extracts the words from the source, compares them with the catalogue and exits with 1
when they differ. `make messages` brings the catalogue up to date; the English is then written by hand.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "portal/translations/en/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+0 \d.]*[a-z]|\{(\w+)\}")
HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = frozenset({"中文"})
"""What stays Chinese in an English page."""

Word = tuple[str | None, str | tuple[str, ...]]
"""A context and a sentence; one that counts is a pair, singular and plural."""


def main() -> int:
    words = wanted()
    with CATALOGUE.open("rb") as file:
        faults = list(differences(words, read_po(file)))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"messages: {len(words)} wanted, {len(faults)} faults\n")
    return 1 if faults else 0


def wanted() -> set[Word]:
    """All words in code and templates."""
    with (ROOT / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, mapping, options, KEYWORDS)
    words: set[Word] = {(context, sentence) for _, _, sentence, _, context in found if sentence}
    # A catalogue has one message for both, the counting one.
    counting = {(context, sentence[0]) for context, sentence in words if isinstance(sentence, tuple)}
    return words - counting


def differences(words: set[Word], catalogue: Catalog) -> Iterator[str]:
    """A line for each sentence that the catalogue does not say well."""
    known = {_word(message): message for message in catalogue if message.id}
    if catalogue.fuzzy:
        yield "fuzzy: the whole catalogue, which would not be compiled"
    yield from (f"missing: {_source(word)}" for word in sorted(words - known.keys(), key=str))
    left_over = (known.keys() - words) | {_word(message) for message in catalogue.obsolete.values()}
    yield from (f"left over: {_source(word)}" for word in sorted(left_over, key=str))
    for word, message in known.items():
        yield from (f"{fault}: {_source(word)}" for fault in _faults(message))


def _faults(message: Message) -> Iterator[str]:
    texts = [text or "" for text in (message.string if isinstance(message.string, tuple | list) else [message.string])]
    wanted_here = _placeholders(_source(_word(message)))
    if message.fuzzy:
        yield "fuzzy"
    if not all(texts) or len(texts) < (2 if message.pluralizable else 1):
        yield "empty"
    elif any(HAN.search(text) for text in texts if text not in NAMES):
        yield "still Chinese"
    elif any(_placeholders(text) != wanted_here for text in texts):
        yield "other placeholders"


def _placeholders(text: str) -> set[str]:
    return {name or brace for name, brace in PLACEHOLDER.findall(text)}


def _word(message: Message) -> Word:
    return message.context, tuple(message.id) if isinstance(message.id, tuple | list) else str(message.id)


def _source(word: Word) -> str:
    return word[1] if isinstance(word[1], str) else word[1][0]


if __name__ == "__main__":
    sys.exit(main())
