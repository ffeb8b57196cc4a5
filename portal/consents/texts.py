"""The words that people agree to, by purpose, newest last. One that somebody agreed to never changes: add another."""

from datetime import date
from typing import NamedTuple

from portal.consents.models import Purpose
from portal.words import Words, _l


class Text(NamedTuple):
    """One version: from which day it is shown, what it says, and what for."""

    version: int
    since: date
    words: Words


_FIRST = date(2026, 1, 1)

TEXTS: dict[Purpose, tuple[Text, ...]] = {
    Purpose.JOIN: (
        Text(
            1,
            _FIRST,
            _l(
                "我同意门户保存我的姓名、性别、出生日期、居住区域、联系方式、技能和服务时间，用来登记志愿者、安排活动、"
                "记录服务时长和联系我。只有我的队长、所在组织的管理员和社工看得到，别人看到的都打了星号。"
                "我可以随时查看、下载、更正，也可以撤回同意并退出。"
            ),
        ),
    ),
    Purpose.IDENTITY: (
        Text(
            1,
            _FIRST,
            _l(
                "我同意门户加密保存我的证件类型和号码，用来防止重复登记、办理保险和出具志愿服务记录证明。"
                "证件号码是敏感个人信息；谁看过完整号码、为什么看，我都能查到。不同意也能参加不需要保险的活动。"
            ),
        ),
    ),
    Purpose.HEALTH: (
        Text(
            1,
            _FIRST,
            _l(
                "我同意门户加密保存我写下的健康情况，只用来避免安排不适合我的服务。"
                "健康情况是敏感个人信息，可以不写，也可以随时撤回，撤回后立即删除。"
            ),
        ),
    ),
    Purpose.ETHNIC: (
        Text(1, _FIRST, _l("我同意门户加密保存我的民族，只用于上级部门要求的人数统计。可以不写，撤回后立即删除。")),
    ),
    Purpose.PARTY: (
        Text(
            1,
            _FIRST,
            _l("我同意门户加密保存我的政治面貌，只用于党员志愿者报到和人数统计。可以不写，撤回后立即删除。"),
        ),
    ),
    Purpose.REPORT: (
        Text(
            1,
            _FIRST,
            _l("我同意把我的志愿者信息和服务记录报送全国志愿服务信息系统和省志愿服务系统。撤回后不再报送新的记录。"),
        ),
    ),
    Purpose.PORTRAIT: (
        Text(1, _FIRST, _l("我同意在活动报道中使用有我的照片。可以不同意，撤回后不再新用，能撤的都撤下来。")),
    ),
}


def text_of(purpose: Purpose, version: int | None = None) -> Text:
    """The text shown today, or the one of that version."""
    texts = TEXTS[purpose]
    return texts[-1] if version is None else next(one for one in texts if one.version == version)
