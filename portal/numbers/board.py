"""The page of figures: its charts, each with the table that says the same in full."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.identity import GENDER_NAMES
from portal.numbers.charts import Bars, Pairs, bars_of, pairs_of
from portal.numbers.queries import (
    AGES,
    AWAY,
    MOST_AREAS,
    MOST_TEAMS,
    NEW,
    SPANS,
    Fact,
    Month,
    TeamCount,
    by,
    facts,
    months,
    running_out,
    teams,
)
from portal.numbers.small import FEWEST, Told, is_too_few, shielded, told
from portal.numbers.views import View
from portal.profiles.models import STATUS_NAMES
from portal.teams.models import TeamKind
from portal.web.libs import _, ngettext


class Block(NamedTuple):
    """One chart: what it is called, what must be known to read it, its figures, how it is drawn."""

    key: str
    title: str
    note: str
    groups: list[Told]
    drawings: list[Bars]


@dataclass(frozen=True)
class Board:
    """All that the page shows. `away` have not served for a year; `papers` are run out, then by days to go."""

    members: int
    served_lately: int
    away: int
    papers: list[int]
    blocks: list[Block]
    months: list[Month]
    pairs: list[Pairs]
    is_small: bool


def board_of(view: View) -> Board:
    """Four statements."""
    counted = facts(view)
    members = sum(fact.people for fact in counted)
    active, by_month = by(counted, "active"), months(view)
    return Board(
        members=members,
        served_lately=active[1] + active[2],
        away=active[AWAY],
        papers=running_out(view),
        blocks=[_block(*one) for one in _blocks(counted, teams(view), is_small=is_too_few(members))],
        months=by_month,
        pairs=pairs_of(by_month),
        is_small=is_too_few(members),
    )


def _block(key: str, title: str, note: str, groups: list[Told]) -> Block:
    return Block(key, title, note, groups, bars_of(groups))


def _blocks(
    counted: list[Fact], of_teams: list[TeamCount], *, is_small: bool
) -> Iterator[tuple[str, str, str, list[Told]]]:
    yield "active", _("最近一次服务"), _("按审核通过的时长算。"), told(_activity(by(counted, "active")))
    if not is_small:
        age, gender, area = (by(counted, field) for field in ("age", "gender", "area"))
        yield "age", _("年龄"), _("按出生年份算，今年满多少岁。"), [*shielded(_ages(age)), *_unsaid(age)]
        yield "gender", _("性别"), "", [*shielded(_genders(gender)), *_unsaid(gender)]
        yield "area", _("地区"), "", [*shielded(_most(area, MOST_AREAS)), *_unsaid(area)]
    yield "team", _("队伍"), _("一人参加几个队，每个队都算。"), told(_largest(of_teams))
    yield "kind", _("队伍类型"), _("一人参加几个队，每个队都算。"), told(_kinds(of_teams))
    yield "status", _("志愿者状态"), "", told(_statuses(by(counted, "status")))


# ── in words ────────────────────────────────────────────────────────────────────────────────────────
Groups = list[tuple[str, int]]


def _activity(counted: dict[int, int]) -> Groups:
    named = [
        (1, ngettext("%(num)d 天内", "%(num)d 天内", SPANS[0])),
        *((n, _("%(less)d 到 %(more)d 天前", less=SPANS[n - 2] + 1, more=SPANS[n - 1])) for n in (2, 3)),
        (AWAY, _("一年以上没有服务")),
        (NEW, _("新来的，还没有服务过")),
    ]
    return [(words, counted.get(key, 0)) for key, words in named]


def _unsaid(counted: dict[Any, int]) -> list[Told]:
    """How many have not said it, which says nothing of anybody."""
    unsaid = counted.get(None, 0) + counted.get("", 0)
    return told([(_("没有填"), unsaid)] if unsaid else [])


def _ages(counted: dict[int | None, int]) -> Groups:
    ends = (*AGES[1:], None)
    return [(_age(start, end), counted.get(start, 0)) for start, end in zip(AGES, ends, strict=True)]


def _age(start: int, end: int | None) -> str:
    if start == 0 and end is not None:
        return _("不满 %(num)d 岁", num=end)
    return _("%(num)d 岁以上", num=start) if end is None else _("%(first)d–%(last)d 岁", first=start, last=end - 1)


def _genders(counted: dict[str | None, int]) -> Groups:
    return [(str(words), counted.get(gender.value, 0)) for gender, words in GENDER_NAMES.items()]


def _statuses(counted: dict[str, int]) -> Groups:
    return [(str(words), counted[status.value]) for status, words in STATUS_NAMES.items() if counted.get(status.value)]


def _most(counted: dict[str | None, int], most: int) -> Groups:
    """The most frequent that may be told, and the rest together."""
    named = sorted(((area, count) for area, count in counted.items() if area), key=lambda one: (-one[1], one[0]))
    shown = [one for one in named[:most] if one[1] >= FEWEST]
    rest = sum(count for _area, count in named[len(shown) :])
    return [*shown, *_others(rest, len(named) - len(shown))]


def _largest(counted: Sequence[TeamCount]) -> Groups:
    rest = sum(one.people for one in counted[MOST_TEAMS:])
    return [*((one.name, one.people) for one in counted[:MOST_TEAMS]), *_others(rest, len(counted) - MOST_TEAMS)]


def _others(people: int, groups: int) -> Groups:
    return [(ngettext("其他 %(num)d 个", "其他 %(num)d 个", groups), people)] if people else []


def _kinds(counted: Sequence[TeamCount]) -> Groups:
    found: dict[str, int] = {}
    for one in counted:
        found[one.kind] = found.get(one.kind, 0) + one.people
    return [(str(kind.label), found[kind.value]) for kind in TeamKind if kind.value in found]


def as_rows(board: Board) -> Iterator[tuple[Any, ...]]:
    """Everything on the page as lines of a file: table, group, figure."""
    yield (_("成员"), _("合计"), board.members)
    for block in board.blocks:
        yield from ((block.title, one.label, one.text) for one in block.groups)
    for month in board.months:
        yield (_("入队"), month.month, month.joined)
        yield (_("退队"), month.month, month.left)
    for words, count in zip(papers_in_words(), board.papers, strict=True):
        yield (_("证书和保险到期"), words, count)


def papers_in_words() -> list[str]:
    return [_("已过期（一年内）"), _("30 天内到期"), _("31 到 60 天"), _("61 到 90 天")]
