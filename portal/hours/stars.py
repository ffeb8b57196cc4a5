"""The way to the next star (志愿者星级): a line on which one's own hours are a station."""

from portal.activities.stations import Station
from portal.web.filters import hours_and_minutes
from portal.words import Words, _, _l

STARS: tuple[tuple[int, Words], ...] = (
    (100, _l("一星")),
    (300, _l("二星")),
    (600, _l("三星")),
    (1000, _l("四星")),
    (1500, _l("五星")),
)
"""Hours and the star they earn."""


def way_to_stars(approved: int) -> list[Station]:
    """The last stars reached, where one stands (in approved minutes), and the next star with what it still takes."""
    reached = [star for star in STARS if approved >= star[0] * 60]
    line = [Station(name, amount=hours_and_minutes(hours * 60)) for hours, name in reached[-2:]]
    line.append(Station(_("您在这里"), "heart here", amount=hours_and_minutes(approved)))
    for hours, name in STARS[len(reached) : len(reached) + 1]:
        missing = _("还差 %(hours)s", hours=hours_and_minutes(hours * 60 - approved))
        line.append(Station(name, "ahead", missing, hours_and_minutes(hours * 60)))
    return line
