"""Plainly invented people, teams and companies. Any likeness to living people is chance."""

import random

SURNAMES = "林何周沈罗许陆江程顾夏秦苏叶温柏尹乔简闻"
GIVEN_NAMES = tuple(
    "一禾远帆小满知秋予安星野朝露望舒青禾若水思远晴川乐言清和长风云起子衿南乔书瑶明夏"
    "念慈怀瑾景行安澜嘉木白露立春谷雨霜降冬至向晚初阳听雨归舟问渠半夏玉竹沉香连翘远志"[start : start + 2]
    for start in range(0, 80, 2)
)
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
