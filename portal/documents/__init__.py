"""Documents: PDFs that people keep, print and check.

A web worker describes a document as plain data (`confirmation.py`) and asks for the PDF (`client.render`). A rendering
process of its own (`renderer.py`) holds the heavy library, the fonts (`fonts.py`) and the templates in templates/pdf;
it sees no database, no secrets and no network.

Words: confirmation 捐赠接收确认单 · void 作废 · check genuine 查真伪.
"""
