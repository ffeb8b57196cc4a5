"""A backup: database and uploads in one encrypted file, taken while people go on working, and put back elsewhere.

Words: the *snapshot* is the database at one moment; a *member* is one thing inside a backup (the manifest, the
database, an upload, the closing list of hashes). The portal's keys travel in a file of their own.
"""

from portal.backup.actions import make_backup
from portal.backup.restoring import restore_backup

__all__ = ["make_backup", "restore_backup"]
