"""The rendering process: `python -m portal.documents.renderer`, started by `process.py` and by nobody else.

It answers requests on standard input until that ends, so it never outlives the worker it serves. A document that
takes too long ends the process from inside, should the worker that would have ended it be gone as well.
"""

import logging
import os
import re
import resource
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import weasyprint
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint.text.fonts import FontConfiguration

from portal import resources
from portal.documents import enclosing, fonts, pictures, qr, signing, wire
from portal.documents.wire import JSON
from portal.money import capitals, yuan

log = logging.getLogger(__name__)
TIGHTEST = 3
GRACE = 2.0


class NothingToFetch:
    """A document brings all it needs (fonts by fonts.conf, pictures inline): any address is a mistake, and fatal."""

    _fail_on_errors = True

    def __call__(self, url: str) -> NoReturn:
        raise PermissionError(f"a document may not fetch {url[:80]}")


class Press:
    """Templates, fonts and parsed style sheets, kept from one document to the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=fonts.printable,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._pages.filters.update(yuan=yuan, capitals=capitals, day=day, qr=qr.svg)
        self._fonts = FontConfiguration()
        self._styles: dict[str, weasyprint.CSS] = {}

    def html(self, template: str, context: dict[str, JSON], *, density: int = 0) -> str:
        """The page's HTML. Raises jinja2 errors for an unknown template or a missing value."""
        return self._pages.get_template(f"{template}.html").render(context, density=density)

    def pdf(self, template: str, context: dict[str, JSON], enclosed: wire.Enclosed | None = None) -> bytes:
        """The document as PDF/A-3u with tags, signed last if it shall be signed."""
        document = self._document(template, context)
        if enclosed is None:
            return _written(document)
        signer = signing.signer(enclosed.key) if enclosed.key else None
        room = len(signer.container) if signer else 0
        files = list(enclosing.attachments(enclosed))
        pdf = _written(document, attachments=files, finisher=enclosing.finisher(enclosed, room))
        return signing.sign(pdf, signer) if signer else pdf

    def _document(self, template: str, context: dict[str, JSON]) -> weasyprint.Document:
        """The pages. A template that asks for `density` (0 airy – 3 tight) is set tighter until it fits one page."""
        if not re.fullmatch(r"[a-z_]+", template):
            raise ValueError(f"no template is called {template[:40]!r}")
        html = ""
        for density in range(TIGHTEST + 1):
            looser, html = html, self.html(template, context, density=density)
            if html == looser:
                break
            document = self._set(template, html)
            if len(document.pages) == 1:
                break
        return document

    def _set(self, template: str, html: str) -> weasyprint.Document:
        page = weasyprint.HTML(string=html, url_fetcher=NothingToFetch())
        return page.render(font_config=self._fonts, stylesheets=[self._style(template)], pdf_tags=True)

    def _style(self, template: str) -> weasyprint.CSS:
        if template not in self._styles:
            text = (self._folder / f"{template}.css").read_text(encoding="utf-8")
            self._styles[template] = weasyprint.CSS(string=text, font_config=self._fonts, url_fetcher=NothingToFetch())
        return self._styles[template]


def _written(document: weasyprint.Document, **more: Any) -> bytes:
    pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True, **more)
    return pdf


def day(iso: str) -> str:
    """2026年3月2日 from 2026-03-02."""
    it = date.fromisoformat(iso)
    return f"{it.year}年{it.month}月{it.day}日"


def main() -> None:
    """Answer one request after the other until the worker is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="renderer: %(message)s")
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        fonts.files()
        press = Press(resources().templates / "pdf")
        while request := wire.read_request(sys.stdin.buffer):
            signal.setitimer(signal.ITIMER_REAL, request.seconds + GRACE)
            answers.write(_answer(press, request))
            answers.flush()
            signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(press: Press, request: wire.Request) -> bytes:
    try:
        body, outcome = _drawn(press, request), wire.Outcome.DRAWN
    except (Exception, weasyprint.urls.FatalURLFetchingError) as error:
        log.exception("%s was not drawn", request.template[:40])
        body, outcome = f"{type(error).__name__}: {error}".encode(), wire.Outcome.FAILED
    return wire.answer_bytes(body, outcome=outcome, resident=_resident())


def _drawn(press: Press, request: wire.Request) -> bytes:
    pdf = press.pdf(request.template, request.context, request.enclosed)
    return pictures.png(pdf) if request.as_picture else pdf


def _resident() -> int:
    """Resident memory now, in KiB; where the system does not tell, the most there ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    main()
