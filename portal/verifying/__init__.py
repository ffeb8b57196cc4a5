"""Checking a confirmation without the portal: `portal verify FILE.pdf`, and one page that works from disk.

Both read a PDF in the same plain way (`reading.py` and templates/verifying/offline.js): three text files that are found
by `/Type /EmbeddedFile` and `/Length`, one signature over the whole file, nothing after it. Whatever can be read in two
ways is off.
"""
