"""Where rooms above find how personal data leaves; teams and organisations, which lie below, ask `portal.exports`."""

from portal.exports import Export, begin, footer, signed, signed_csv
from portal.exports.purposes import PurposeForm

__all__ = ["Export", "PurposeForm", "begin", "footer", "signed", "signed_csv"]
