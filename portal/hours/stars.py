"""The way to the next star (志愿者星级): a line on which one's own hours are a station."""

from portal import clock, rules
from portal.activities.stations import Station
from portal.rules.catalogue import STAR_HOURS
from portal.web.filters import hours_and_minutes
from portal.words import Words, _, _l

NAMES: tuple[Words, ...] = (_l("一星"), _l("二星"), _l("三星"), _l("四星"), _l("五星"))


def stars() -> list[tuple[int, Words]]:
    """Hours and the star they earn, by today's rule."""
    return list(zip(rules.value(STAR_HOURS, on=clock.today()), NAMES, strict=True))


def way_to_stars(approved: int) -> list[Station]:
    """The last stars reached, where one stands (in approved minutes), and the next star with what it still takes."""
    levels = stars()
    reached = [star for star in levels if approved >= star[0] * 60]
    line = [Station(name, amount=hours_and_minutes(hours * 60)) for hours, name in reached[-2:]]
    line.append(Station(_("您在这里"), "heart here", amount=hours_and_minutes(approved)))
    for hours, name in levels[len(reached) : len(reached) + 1]:
        missing = _("还差 %(hours)s", hours=hours_and_minutes(hours * 60 - approved))
        line.append(Station(name, "ahead", missing, hours_and_minutes(hours * 60)))
    return line
