"""Personal data that leaves as a file: by whom, what for, until when it may be kept (个人信息保护法 §6, §19, §51).

Whoever exports names a purpose; the file says it, and the day by which it is to be deleted; the exporter is reminded
that day and ticks that it is gone. Rooms call `begin` in the transaction of the export, and write what it gives:

    export = begin(me(), what=_("队员名单"), purpose=form.said, count=len(rows), at=clock.now())
    return signed_csv("team", HEAD, rows, export)
"""

from portal.exports.actions import begin
from portal.exports.files import footer, signed, signed_csv
from portal.exports.models import Export

__all__ = ["Export", "begin", "footer", "signed", "signed_csv"]
