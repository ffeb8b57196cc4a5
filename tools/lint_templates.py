"""Rules for templates that no general linter knows: the content security policy, forms, words.

`python -m tools.lint_templates` prints a line for each fault and exits with 1 when there is one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"

FORBIDDEN = {
    r"\sstyle\s*=": "inline style: the CSP refuses it, use a class",
    r"<style\b": "style element: the CSP refuses it",
    r"\son[a-z]+\s*=": "inline handler: the CSP refuses it",
    r"<script(?![^>]*\bsrc=)": "inline script: the CSP refuses it",
    r"\bhx-on\b": "hx-on needs eval, which is off",
    r"\bhx-boost\b": "hx-boost does not update the attributes of html and body",
    r"\bhx-headers\b": "hx-headers: tokens go into forms",
    r"hx-vals\s*=\s*[\"']\s*js:": "hx-vals with js: is sent without its values when eval is off",
    r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)": "a trigger filter is always true when eval is off",
    r"\|\s*safe\b": "safe: markup comes from macros, never from data",
    r"target\s*=\s*[\"']_blank": "a new window takes the way back from people",
    r"<img(?![^>]*\balt=)": "an image without alt",
    r"hx-disabled-elt": "hx-disabled-elt drops the focus: use hx-sync",
}
WORDS_OF_ITS_OWN = ("pdf/", "verifying/offline")
"""Documents, and the page that checks them from disk, are Chinese whatever language the reader's pages have, and bring
styles of their own."""

HAN = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
FORM = re.compile(r"<form\b[^>]*method\s*=\s*[\"']?post[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
WITHOUT_TOKEN = ("/preferences", "receipts.verify", "notices.stop")
"""Forms on pages that are the same for everyone: the origin check alone guards them."""


def main() -> int:
    faults = [fault for path in sorted(TEMPLATES.rglob("*.html")) for fault in faults_of(path)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"templates: {len(list(TEMPLATES.rglob('*.html')))} read, {len(faults)} faults\n")
    return 1 if faults else 0


def faults_of(path: Path, *, root: Path = TEMPLATES) -> Iterator[str]:
    """The faults of one template, each as `name:line: what is wrong`."""
    name, text = path.relative_to(root).as_posix(), path.read_text()
    if name.startswith(WORDS_OF_ITS_OWN):
        return
    # What is marked as another language stands in that language whatever the reader's is.
    other_language = re.compile(r"<(\w+)\b[^>]*\blang=[^>]*>[^<]*</\1>")
    plain = other_language.sub(
        lambda match: " " * len(match[0]), CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    )
    comment_free = re.sub(r"\{#.*?#\}", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)
    for pattern, sentence in FORBIDDEN.items():
        for match in re.finditer(pattern, comment_free, re.IGNORECASE):
            yield f"{name}:{_line(text, match.start())}: {sentence}"
    for match in HAN.finditer(plain):
        yield f"{name}:{_line(text, match.start())}: words outside _(): {plain[match.start() : match.start() + 12]!r}"
    for match in FORM.finditer(comment_free):
        if not re.search(r"csrf\(\)|csrf_token", match[0]) and not any(way in match[0] for way in WITHOUT_TOKEN):
            yield f"{name}:{_line(text, match.start())}: a form that posts without a token"


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


if __name__ == "__main__":
    sys.exit(main())
