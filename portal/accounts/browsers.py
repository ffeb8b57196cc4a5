"""What a browser says of itself, in words that its owner recognises. It may lie: nothing rests on it."""

from portal.words import Words, _l

DEVICES: tuple[tuple[str, Words], ...] = (
    ("iPad", _l("苹果平板")),
    ("iPhone", _l("苹果手机")),
    ("HarmonyOS", _l("鸿蒙设备")),
    ("Android", _l("安卓手机")),
    ("Windows", _l("Windows 电脑")),
    ("Macintosh", _l("苹果电脑")),
    ("Linux", _l("Linux 电脑")),
)
# The more particular first: nearly all of them name Safari and Chrome as well.
PROGRAMS: tuple[tuple[str, Words], ...] = (
    ("MicroMessenger", _l("微信")),
    ("DingTalk", _l("钉钉")),
    ("AlipayClient", _l("支付宝")),
    ("QQBrowser", _l("QQ 浏览器")),
    ("UCBrowser", _l("UC 浏览器")),
    ("HuaweiBrowser", _l("华为浏览器")),
    ("MiuiBrowser", _l("小米浏览器")),
    ("Edg", _l("Edge 浏览器")),
    ("Firefox", _l("火狐浏览器")),
    ("Chrome", _l("Chrome 浏览器")),
    ("Safari", _l("Safari 浏览器")),
)
UNKNOWN = _l("认不出的设备")


def described(user_agent: str) -> list[Words]:
    """Device and program, as far as they are known; never empty."""
    found = [words for kinds in (DEVICES, PROGRAMS) for words in _first(user_agent, kinds)]
    return found or [UNKNOWN]


def device(user_agent: str) -> str:
    """The same in one text, in the source's language: the same for each version of a program."""
    return "，".join(words.text for words in described(user_agent))


def _first(user_agent: str, kinds: tuple[tuple[str, Words], ...]) -> list[Words]:
    return [words for mark, words in kinds if mark in user_agent][:1]
