"""The words that forms offer. They are kept as their Chinese; whoever finds none that fits writes her own."""

from portal.words import Words, _l

SKILLS: tuple[Words, ...] = (
    _l("医护"),
    _l("急救"),
    _l("心理疏导"),
    _l("法律"),
    _l("教学辅导"),
    _l("写作"),
    _l("外语"),
    _l("手语"),
    _l("摄影摄像"),
    _l("音乐舞蹈"),
    _l("书画"),
    _l("理发"),
    _l("烹饪"),
    _l("家电维修"),
    _l("水电维修"),
    _l("电脑和手机"),
    _l("驾驶"),
    _l("财务"),
)
SERVICES: tuple[Words, ...] = (
    _l("助老"),
    _l("助残"),
    _l("陪伴孩子"),
    _l("环境保护"),
    _l("文明劝导"),
    _l("文化文艺"),
    _l("体育健身"),
    _l("健康义诊"),
    _l("法律援助"),
    _l("科普宣传"),
    _l("应急救援"),
    _l("大型活动"),
    _l("社区治理"),
)
TIMES: tuple[Words, ...] = (
    _l("工作日白天"),
    _l("工作日晚上"),
    _l("周末白天"),
    _l("周末晚上"),
    _l("节假日"),
    _l("随叫随到"),
)
RELATIONS: tuple[Words, ...] = (_l("父亲"), _l("母亲"), _l("祖父母或外祖父母"), _l("其他监护人"))
"""民法典 §27: who stands in for a child."""

PARTIES: tuple[Words, ...] = (_l("中共党员"), _l("中共预备党员"), _l("共青团员"), _l("民主党派成员"), _l("群众"))
