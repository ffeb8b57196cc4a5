"""Plainly invented people, teams and companies. Any likeness to living people is chance."""

import random

SURNAMES = "林何周沈罗许陆江程顾夏秦苏叶温柏尹乔简闻"
GIVEN_NAMES = (
    "一禾 远帆 小满 知秋 予安 星野 朝露 望舒 青禾 若水 思远 晴川 乐言 清和 长风 云起 子衿 南乔 书瑶 明夏 "
    "念慈 怀瑾 景行 安澜 嘉木 白露 立春 谷雨 霜降 冬至 向晚 初阳 听雨 归舟 问渠 半夏 玉竹 沉香 连翘 远志"
).split()
UNUSUAL_NAMES = ("欧阳若谷", "阿依努尔·示例", "王㛃", "𠮷安", "上官云帆")
COMPANIES = (
    "甲乙针织示例有限公司",
    "丙丁皮革示例有限公司",
    "示例商会",
    "戊己超市（演示）",
    "庚辛机械制造示例股份有限公司海宁分公司",
    "壬癸茶社（演示）",
)


def people(count: int, *, chance: random.Random) -> list[str]:
    """So many different names, a few of them unusual ones."""
    pairs = [surname + given for surname in SURNAMES for given in GIVEN_NAMES]
    return [*UNUSUAL_NAMES, *chance.sample(pairs, count - len(UNUSUAL_NAMES))]
