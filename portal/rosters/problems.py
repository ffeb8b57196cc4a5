"""What stands in the way of a roster, in sentences for whoever brought it."""

from portal.problems import ChangedMeanwhile, DomainError
from portal.rosters.models import Roster, RosterStatus
from portal.words import _l

_STATES = {
    RosterStatus.READING: _l("这份名册还在读取，请等读完。"),
    RosterStatus.PREVIEW: _l("这份名册还没有确认。"),
    RosterStatus.BOOKING: _l("这份名册已经确认，正在登记。"),
    RosterStatus.BOOKED: _l("这份名册已经登记完了。"),
    RosterStatus.WITHDRAWN: _l("这份名册已经撤回。"),
}


def not_in_state(roster: Roster) -> ChangedMeanwhile:
    """The roster is no longer, or not yet, where the action needs it; the sentence says where it is."""
    return ChangedMeanwhile(_STATES[roster.state])


class Undecided(DomainError):
    """Doubts that nobody has decided: nothing is guessed."""

    def __init__(self, roster: Roster) -> None:
        super().__init__(_l("还有 %(count)d 行要您决定，决定了才能登记。", count=roster.undecided))


class NothingToBook(DomainError):
    """No row is new, and none changes anything."""

    def __init__(self) -> None:
        super().__init__(_l("没有要登记的行：都已经是这样了，或者都有错误。"))
