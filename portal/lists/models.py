from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.files import StoredFile
from portal.funds.models import Fund
from portal.people.models import Person
from portal.words import Words, _l


class ImportStatus(StrEnum):
    """reading (a long file, in a job) → preview (the cashier looks) → waiting (handed over) → booking → booked; or
    returned, or withdrawn."""

    READING = "reading"
    PREVIEW = "preview"
    WAITING = "waiting"
    BOOKING = "booking"
    BOOKED = "booked"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return STATUS_NAMES[self]


STATUS_NAMES: dict[ImportStatus, Words] = {
    ImportStatus.READING: _l("正在读取"),
    ImportStatus.PREVIEW: _l("核对中"),
    ImportStatus.WAITING: _l("待确认"),
    ImportStatus.BOOKING: _l("正在入账"),
    ImportStatus.BOOKED: _l("已入账"),
    ImportStatus.RETURNED: _l("已退回"),
    ImportStatus.WITHDRAWN: _l("已撤回"),
}


class DonationImport(Model):
    """A list of gifts that a cashier brings and an accountant confirms: never the same person (the database asks too).

    `content_hash` is of the normalised rows, so the same list in other clothes is recognised. `rows` and `listed_fen`
    are all that the list says, `accepted` and `total_fen` what will be or was booked, `booked` how many rows were so
    far; `in_the_way` have a problem and are not left out, `booked_before` seem to be in the books and are not left out.
    `columns` holds what became of each column, `reading` what the reader has to say besides, `refusal` why the list
    could not be read (then it has no rows; with titles in `columns` a person can still say what they mean).

    While a job reads the list, `rows` are those kept so far, the other sums wait, and `reading` names the job and its
    run, and how many rows were found: {"job", "run", "found"}.
    """

    __tablename__ = "lists_import"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(s.value) for s in ImportStatus)})", name="status_known"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> uploaded_by_id", name="two_people_uploaded"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> handed_by_id", name="two_people_handed"),
        CheckConstraint(
            "status NOT IN ('booking', 'booked') OR (confirmed_by_id IS NOT NULL AND handed_by_id IS NOT NULL)",
            name="booked_by_two",
        ),
        CheckConstraint(
            "status NOT IN ('waiting', 'booking', 'booked') OR (handed_by_id IS NOT NULL AND accepted > 0)",
            name="handed_over_by_someone",
        ),
        CheckConstraint(
            "status <> 'returned' OR (return_reason IS NOT NULL AND return_reason <> '')", name="returned_with_reason"
        ),
        CheckConstraint("booked >= 0 AND booked <= accepted AND accepted <= rows", name="booked_of_accepted"),
        CheckConstraint("status <> 'booked' OR booked = accepted", name="booked_whole"),
        Index(
            "uq_lists_import_same_list",
            "fund_id",
            "content_hash",
            unique=True,
            sqlite_where=text("status IN ('waiting', 'booking', 'booked')"),
            postgresql_where=text("status IN ('waiting', 'booking', 'booked')"),
        ),
        # One after the other in each fund: a list confirmed meanwhile could hold the same gifts.
        Index(
            "uq_lists_import_one_booking",
            "fund_id",
            unique=True,
            sqlite_where=text("status = 'booking'"),
            postgresql_where=text("status = 'booking'"),
        ),
    )

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files_file.id"))
    filename: Mapped[str]
    status: Mapped[str]
    content_hash: Mapped[str]
    columns: Mapped[dict[str, Any]]
    column_map: Mapped[dict[str, Any]]
    reading: Mapped[dict[str, Any]]
    refusal: Mapped[dict[str, Any] | None]
    method: Mapped[str]
    default_date: Mapped[date | None]
    declared_fen: Mapped[int | None]
    declared_rows: Mapped[int | None]
    rows: Mapped[int]
    listed_fen: Mapped[int]
    accepted: Mapped[int]
    problems: Mapped[int]
    repeats: Mapped[int]
    in_the_way: Mapped[int]
    booked_before: Mapped[int]
    left_out: Mapped[int]
    left_out_fen: Mapped[int]
    total_fen: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    uploaded_at: Mapped[datetime]
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    handed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    confirmed_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    finished_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    file: Mapped[StoredFile] = relationship()
    uploaded_by: Mapped[Person] = relationship(foreign_keys=[uploaded_by_id])
    handed_by: Mapped[Person | None] = relationship(foreign_keys=[handed_by_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])


class ImportRow(Model):
    """One row of the list as read.

    A row with a problem (`is_bad`) is never booked; left out by name (`is_left_out`) it no longer stands in the way of
    the others. `problem_words` are `{"column", "field", "zh", "en"}`. A repeat is a twin of an earlier row of the list
    (`twin_of`, its number) or equal to a gift that the fund has already (`same_gift_id`): named, kept unless left out.
    """

    __tablename__ = "lists_row"
    __table_args__ = (
        UniqueConstraint("import_id", "row_no"),
        CheckConstraint(
            "is_bad OR (fen IS NOT NULL AND fen > 0 AND received_on IS NOT NULL)", name="good_rows_are_whole"
        ),
        CheckConstraint("is_repeat = (twin_of IS NOT NULL OR same_gift_id IS NOT NULL)", name="repeat_of_something"),
    )

    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("lists_import.id"))
    row_no: Mapped[int]
    received_on: Mapped[date | None]
    donor_name: Mapped[str]
    public_name: Mapped[str | None]
    is_anonymous: Mapped[bool]
    fen: Mapped[int | None]
    method: Mapped[str]
    intention: Mapped[str]
    order_no: Mapped[str]
    memo: Mapped[str]
    problem_words: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    is_bad: Mapped[bool] = mapped_column(default=False)
    is_repeat: Mapped[bool] = mapped_column(default=False)
    twin_of: Mapped[int | None]
    same_gift_id: Mapped[int | None] = mapped_column(ForeignKey("funds_gift.id"))
    is_left_out: Mapped[bool] = mapped_column(default=False)
