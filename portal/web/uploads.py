"""What a form brings along as a file."""

import re

from flask import request

from portal.web.libs import _

_FILE = re.compile(rb'name="file"; filename="([^"\r\n]{1,300})"')


def name_in_head() -> str:
    """What a file is called that was too large to be read at all: its name stands in the first bytes of the body."""
    match = _FILE.search(request.environ["wsgi.input"].read(8192))
    return match[1].decode("utf-8", "replace") if match else _("这个文件")
