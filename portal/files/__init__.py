"""Uploads: kept by their content under a name nobody can choose, and read with care.

Tables are read (`sheets`), photos are written anew (`pictures`); a photo is served again as an attachment (`serving`).
"""

from portal.files.actions import keep, keep_picture, path_of, put
from portal.files.models import StoredFile
from portal.files.pictures import Picture, PictureRefused, picture_of
from portal.files.queries import file_by_public_id
from portal.files.serving import attachment
from portal.files.uploads import needed_photo_in, photo_in

__all__ = [
    "Picture",
    "PictureRefused",
    "StoredFile",
    "attachment",
    "file_by_public_id",
    "keep",
    "keep_picture",
    "needed_photo_in",
    "path_of",
    "photo_in",
    "picture_of",
    "put",
]
