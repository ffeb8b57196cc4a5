"""Whether a preview can be handed over, and if not, what stands in the way: one answer for actions and pages."""

from enum import StrEnum

from portal.lists.models import DonationImport


class Standing(StrEnum):
    """What a preview needs next; the first that is true."""

    UNREADABLE = "unreadable"
    """The file holds no list: another one is needed."""
    COLUMNS = "columns"
    """A table whose columns or day a person must name."""
    AGAIN = "again"
    """The fund has the same list already."""
    PROBLEMS = "problems"
    """Rows with a problem are neither mended nor left out."""
    EMPTY = "empty"
    """No row is left to book."""
    READY = "ready"


def standing(imported: DonationImport, *, is_again: bool) -> Standing:
    """Where a preview stands; `is_again` says whether `queries.same_list` found one."""
    if imported.refusal:
        return Standing.COLUMNS if imported.columns["titles"] else Standing.UNREADABLE
    if is_again:
        return Standing.AGAIN
    if imported.in_the_way:
        return Standing.PROBLEMS
    return Standing.READY if imported.accepted else Standing.EMPTY
