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

PLACES = (
    "东苑", "西苑", "南苑", "北苑", "铁路里", "老街", "长水塘", "火车站", "三号院", "凉亭弄",
    "小桥", "河埠头", "文化站", "体育场", "菜场", "新桥", "梧桐里", "桂花弄", "紫藤院", "石榴院",
    "向阳里", "双桥", "望湖", "清水湾", "百步亭", "花溪", "柳岸", "竹园", "枫林", "槐荫",
)  # fmt: skip


# ── crowds ──────────────────────────────────────────────────────────────────────────────────────────
MORE_SURNAMES = SURNAMES + "王李张刘陈杨赵黄吴徐孙胡朱高郭马梁宋郑谢韩唐冯于董萧曹袁邓傅曾彭吕蒋蔡贾丁魏薛潘"
COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "东方", "夏侯", "慕容", "端木")
SYLLABLES = (
    "安白彬晨初春丹冬恩帆芳菲枫歌光禾荷虹华淮嘉简江皎锦静桔菊娟凯可岚朗乐黎荔连良林凌岭露麦满茂梅苗明墨木"
    "宁诺朴棋启青晴秋然瑞若森山杉尚诗石书舒双霜思松苏棠桃庭桐望微苇文梧希溪夏霞晓欣星杏秀雪雅言阳野一依以音"
    "银映雨玉远月云昀芸泽知芷舟竹子梓"
)
RARE = "㛃𠮷䶮㵘㭎"
FIRST_PARTS, SECOND_PARTS = ("阿依", "古丽", "努尔", "夏依", "热依", "艾山"), ("娜尔", "巴哈", "米热", "江", "夏提")
LAST_PARTS = ("示例", "样例", "演示")


def crowd(count: int, *, chance: random.Random) -> list[str]:
    """So many names of two to four characters, some rare or with a dot; namesakes occur, as in life."""
    return [_anybody(chance) for _ in range(count)]


def _anybody(chance: random.Random) -> str:
    drawn = chance.random()
    if drawn < 0.01:
        return f"{chance.choice(FIRST_PARTS)}{chance.choice(SECOND_PARTS)}·{chance.choice(LAST_PARTS)}"
    if drawn < 0.015:
        return chance.choice(MORE_SURNAMES) + chance.choice(RARE)
    surname = chance.choice(COMPOUND_SURNAMES) if drawn < 0.03 else chance.choice(MORE_SURNAMES)
    return surname + "".join(chance.choices(SYLLABLES, k=1 if drawn > 0.82 else 2))


# ── a chosen few ────────────────────────────────────────────────────────────────────────────────────
def people(count: int, *, chance: random.Random) -> list[str]:
    """So many different names, a few of them unusual ones."""
    pairs = [surname + given for surname in SURNAMES for given in GIVEN_NAMES]
    return [*UNUSUAL_NAMES, *chance.sample(pairs, count - len(UNUSUAL_NAMES))]
