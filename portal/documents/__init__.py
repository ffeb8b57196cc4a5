"""Documents: PDFs that people keep, print and check.

A web worker describes a document as plain data (`confirmation.py`) and asks for the PDF (`client.render`). Rendering
processes (`renderer.py`) hold the heavy library, the fonts (`fonts.py`) and the templates in templates/pdf; they see no
database, no secrets and no network. Beside a server one service (`service.py`) has a few of them and the queue before
them; a command that draws many has a `pool` of its own and may put them into an `archive`.

Words: confirmation 捐赠接收确认单 · void 作废 · check genuine 查真伪.
"""
