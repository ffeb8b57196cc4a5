"""Uploads: kept by their content under a name nobody can choose, and read with care."""

from portal.files.actions import keep, path_of, put
from portal.files.models import StoredFile

__all__ = ["StoredFile", "keep", "path_of", "put"]
