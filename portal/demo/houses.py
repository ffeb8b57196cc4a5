"""What the registry tells of the three organisations of the small demo: filings, stages, branches, terms."""

from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.orgs.chapters import CHAPTERS, add_entry
from portal.orgs.details import Details, PublicText
from portal.orgs.histories import BranchKind, Coverage, Filing, IncubationStage
from portal.orgs.models import Kind, Organisation, Standing
from portal.orgs.registering import change_details, change_text
from portal.people.models import Person

ABOUT = {
    "spark": "每个周末沿铁路老街一道走，捡垃圾、劝文明；夜里走失老人，也由我们的队伍去找。",
    "harbour": "上门看望独居老人，为行动不便的邻居理发，谁家有事先想到我们。",
    "seedling": "周末课堂陪孩子写作业、读绘本，夏天沿河巡岸，不让一个孩子溺水。",
}
STAGES = tuple(zip(IncubationStage, (0, 120, 420, 1100), strict=True))
"""Days after the beginning on which each stage was reached."""
BEGAN = date(2019, 3, 18)
FIRST_TERM = date(2024, 1, 20)
TERM = timedelta(days=3 * 365)


def describe_houses(organisations: list[Organisation], *, by: Person) -> None:
    """Let each be on file, with a text for everybody; the first has a whole history."""
    for number, organisation in enumerate(organisations[: len(ABOUT)], 1):
        details = Details(
            name=organisation.name,
            kind=Kind.COMMUNITY,
            standing=Standing.FILED,
            filing_no=f"演示备案-S{number:02d}",
            authority="西山街道办事处（演示）",
            standing_on=BEGAN + timedelta(days=400 * number),
        )
        change_details(organisation, details, seen=organisation.seq, by=by, at=clock.now())
        text = PublicText(address=f"西山社区服务中心 {number + 1} 楼（演示）", about=ABOUT[organisation.slug])
        change_text(organisation, text, seen=organisation.seq, by=by, at=clock.now())
    _tell_history(organisations[0], by=by)


def _tell_history(organisation: Organisation, *, by: Person) -> None:
    def add(key: str, **values: Any) -> None:
        add_entry(organisation, CHAPTERS[key], values, by=by, at=clock.now())

    for stage, days in STAGES:
        add("stages", stage=stage.value, happened_on=BEGAN + timedelta(days=days), place="社区服务中心", note=None)
    add(
        "branches",
        coverage=Coverage.BRANCH.value,
        kind=BranchKind.JOINT.value,
        name="志愿服务联合党支部（演示）",
        members=7,
        starts_on=BEGAN + timedelta(days=500),
        ends_on=None,
    )
    add("posts", person="简若谷", post_there="支部书记", post_here="副会长", starts_on=FIRST_TERM, ends_on=None)
    ends_on = max(FIRST_TERM + TERM, clock.today() + timedelta(days=60))
    add(
        "terms",
        number=2,
        starts_on=FIRST_TERM,
        ends_on=ends_on,
        head="林一禾",
        board_size=7,
        met_on=FIRST_TERM - timedelta(days=8),
    )
    changed_on = FIRST_TERM + timedelta(days=5)
    add(
        "changes",
        old_name="尹问渠",
        new_name="林一禾",
        changed_on=changed_on,
        state=Filing.FILED.value,
        filed_on=changed_on + timedelta(days=20),
    )
