"""Every sentence that users see has its English: none missing, empty, fuzzy or left over.

`python -m tools.check_messages` extracts the words from the source, compares them with the catalogue and exits with 1
when they differ.
"""

import re
import string
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
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")


def main() -> int:
    faults = list(differences(wanted(), read_po(CATALOGUE.open("rb"))))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"messages: {len(wanted())} wanted, {len(faults)} faults\n")
    return 1 if faults else 0


def wanted() -> set[tuple[str | None, str]]:
    """(context, sentence) of all words in code and templates."""
    with (ROOT / "babel.cfg").open() as file:
        mapping, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, mapping, options, KEYWORDS)
    return {
        (context, sentence[0] if isinstance(sentence, tuple) else sentence)
        for _, _, sentence, _, context in found
        if sentence
    }


def differences(words: set[tuple[str | None, str]], catalogue: Catalog) -> Iterator[str]:
    """A line for each sentence that the catalogue does not say well."""
    known = {(message.context, _text(message)): message for message in catalogue if message.id}
    yield from (f"missing: {sentence}" for _, sentence in sorted(words - known.keys(), key=str))
    yield from (f"left over: {sentence}" for _, sentence in sorted(known.keys() - words, key=str))
    for message in known.values():
        yield from _faults(message)


def _faults(message: Message) -> Iterator[str]:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    source = _text(message)
    if message.fuzzy or not all(texts):
        yield f"not translated: {source}"
    elif any(HAN.search(text) for text in texts if text not in _NAMES):
        yield f"still Chinese: {source}"
    elif any(set(PLACEHOLDER.findall(text)) - set(PLACEHOLDER.findall(source)) for text in texts):
        yield f"unknown placeholder: {source}"


def _text(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else str(message.id)


_NAMES = frozenset({"中文", *string.whitespace})

if __name__ == "__main__":
    sys.exit(main())
