"""Letters by mail and SMS: a row in the transaction that wants it, sent afterwards by a job.

A letter goes out at least once: whoever is killed between sending it and writing that down sends it again, under the
same number, by which a mail server or gateway may know it. One that has expired is never sent late.
"""

from portal.post.actions import NewLetter, post, post_many
from portal.post.models import Channel, Letter

__all__ = ["Channel", "Letter", "NewLetter", "post", "post_many"]
