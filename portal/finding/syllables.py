"""How letters may be cut into syllables: `zhangxm` is zhang·x·m, `xian` is xian or xi·an."""

from collections.abc import Iterator
from itertools import islice, product

_ALL = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha
chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan
cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en
eng er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang
gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang
jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan kuang kui
kun kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv
lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen
neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei pen peng pi
pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren
reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she shei shen
sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te
teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao
xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang
zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui
zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_ALL.split())
"""Mandarin's syllables without tones, ü written v (GB/T 16159)."""

BEGINNINGS = frozenset(syllable[:end] for syllable in SYLLABLES for end in range(1, len(syllable) + 1))
ABBREVIATIONS = frozenset({syllable[0] for syllable in SYLLABLES} | {"zh", "ch", "sh"})
LONGEST = 6
"""Letters of a syllable: zhuang."""

MOST_LETTERS = 60
MOST_CUTS = 6
"""So many ways to cut are looked for, those of the fewest syllables first."""

Cut = tuple[str, ...]
"""Syllables, each whole or only its beginning."""


def cuts(chunks: list[str]) -> list[Cut]:
    """The ways in which letters, parted already where somebody left a blank, may be cut; none: they are no pinyin."""
    if sum(map(len, chunks)) > MOST_LETTERS:
        return []
    ways = product(*(_cuts_of(chunk) for chunk in chunks))
    whole = (sum(parts, ()) for parts in ways)
    return sorted(islice(whole, MOST_CUTS**2), key=len)[:MOST_CUTS]


def _cuts_of(letters: str) -> list[Cut]:
    """From the end to the beginning: the best ways to cut what follows each letter are known before it."""
    best: dict[int, list[Cut]] = {len(letters): [()]}
    for start in range(len(letters) - 1, -1, -1):
        found = ((part, *rest) for part, end in _parts(letters, start) for rest in best[end])
        best[start] = sorted(found, key=len)[:MOST_CUTS]
    return best[0]


def _parts(letters: str, start: int) -> Iterator[tuple[str, int]]:
    """What may be a syllable from here on. The last one may just be being typed."""
    for end in range(min(start + LONGEST, len(letters)), start, -1):
        part = letters[start:end]
        if part in SYLLABLES or part in ABBREVIATIONS or (end == len(letters) and part in BEGINNINGS):
            yield part, end
