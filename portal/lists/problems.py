"""What stands in the way of a list, in sentences for its cashier or accountant."""

from collections.abc import Sequence

from portal.lists.models import DonationImport, ImportStatus
from portal.money import yuan
from portal.problems import ChangedMeanwhile, DomainError, NotAllowed
from portal.words import _, _l

NAMED = 5
"""Rows named in a sentence; the page lists them all."""

_STATES = {
    ImportStatus.READING: _l("这份名单还在读取，请等读完。"),
    ImportStatus.PREVIEW: _l("这份名单还没有移交。"),
    ImportStatus.WAITING: _l("这份名单已经移交给会计。"),
    ImportStatus.BOOKING: _l("这份名单已经确认，正在入账。"),
    ImportStatus.BOOKED: _l("这份名单已经入账。"),
    ImportStatus.RETURNED: _l("这份名单已经退回。"),
    ImportStatus.WITHDRAWN: _l("这份名单已经撤回。"),
}


def not_in_state(imported: DonationImport) -> ChangedMeanwhile:
    """The list is no longer, or not yet, where the action needs it; the sentence says where it is."""
    return ChangedMeanwhile(_STATES[ImportStatus(imported.status)])


class AlreadyImported(DomainError):
    """The fund has the same list already, handed over or booked: by its rows, whatever the file looks like."""

    def __init__(self, earlier: DonationImport, imported: DonationImport) -> None:
        super().__init__(already_imported(earlier, imported))
        self.earlier_id = earlier.id


def already_imported(earlier: DonationImport, imported: DonationImport) -> str:
    """Which list it is, and what to do when two lists without a date column only look alike."""
    who = earlier.handed_by.name if earlier.handed_by else earlier.uploaded_by.name
    day = (earlier.handed_at or earlier.uploaded_at).date().isoformat()
    sentence = _(
        "这份名单已经导入过：第 %(id)s 号，%(day)s 由%(who)s移交，%(count)s 笔，¥%(yuan)s。",
        id=earlier.id, day=day, who=who, count=f"{earlier.accepted:,}", yuan=yuan(earlier.total_fen),
    )  # fmt: skip
    if imported.default_date is None:
        return sentence
    return sentence + _("如果是另一批捐款，请在表里加上日期列再上传。")


class ProblemsInTheWay(DomainError):
    """Rows with problems are not left out yet: nothing is booked by halves unseen."""

    def __init__(self, row_nos: Sequence[int]) -> None:
        rows = "、".join(str(no) for no in row_nos[:NAMED]) + ("…" if len(row_nos) > NAMED else "")
        super().__init__(
            _l("还有 %(count)d 行有问题（第 %(rows)s 行）。请改好文件重新上传，或者把这些行剔除。",
               count=len(row_nos), rows=rows)
        )  # fmt: skip
        self.row_nos = list(row_nos)


class NothingToBook(DomainError):
    """Every row is left out, or the list has none."""

    def __init__(self) -> None:
        super().__init__(_l("没有可以入账的行。"))


class Unreadable(DomainError):
    """The columns are not known yet, or the file holds no list at all."""

    def __init__(self, imported: DonationImport) -> None:
        if imported.columns["titles"]:
            super().__init__(_l("「%(file)s」还没有读懂，请先指明各列。", file=imported.filename))
        else:
            super().__init__(_l("「%(file)s」读不出名单，请换一个文件上传。", file=imported.filename))


class BookedMeanwhile(ChangedMeanwhile):
    """Since the list was read, the fund has booked gifts that some of its rows are alike to."""

    def __init__(self, row_nos: Sequence[int], *, is_preview: bool) -> None:
        values = {"count": len(row_nos), "row": row_nos[0]}
        if is_preview:
            sentence = _l("读取之后，基金又入了 %(count)d 笔与名单相同的捐款（如第 %(row)d 行），请重读。", **values)
        else:
            sentence = _l("移交之后，基金又入了 %(count)d 笔与名单相同的捐款（如第 %(row)d 行），请退回。", **values)
        super().__init__(sentence)
        self.row_nos = list(row_nos)


class OtherIsBooked(DomainError):
    """Lists of one fund are booked one after the other, so that each is compared with all that came before."""

    def __init__(self) -> None:
        super().__init__(_l("这个基金有另一份名单正在入账，请等它完成后再确认。"))


class TwoPeople(NotAllowed):
    """Whoever brought or handed over a list does not confirm it."""

    def __init__(self) -> None:
        super().__init__(_l("移交和确认必须是两个人，请让另一位会计确认。"))
