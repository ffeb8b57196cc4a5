"""Photos that forms bring along."""

from werkzeug.datastructures import FileStorage

from portal.db import let_go
from portal.files.actions import put
from portal.files.pictures import LARGEST, Picture, picture_of
from portal.problems import DomainError
from portal.web.forms import tidy
from portal.words import Words


def photo_in(upload: FileStorage | None) -> Picture | None:
    """The photo that a form brought, written anew and on the disk already; None when there is none.

    Nobody waits for it: the transaction so far is ended. Raises a PictureRefused.
    """
    if upload is None or not upload.filename:
        return None
    let_go()
    picture = picture_of(upload.read(LARGEST + 1), filename=tidy(upload.filename) or "")
    put(picture.content)
    return picture


def needed_photo_in(upload: FileStorage | None, *, otherwise: Words) -> Picture:
    """The same where there must be one; `otherwise` says which. Raises DomainError beside the field `photo`."""
    photo = photo_in(upload)
    if photo is None:
        raise DomainError(otherwise, field="photo")
    return photo
