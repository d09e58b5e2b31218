"""Cues: what a buyer's wording alone gives away — a threat, a grievance, haste, or a plain question.

Each cue is a pattern with the words that an agent is shown for it; never the buyer's own, which may hold a name or a
number. A shop sells alarms, law books and cameras too (手表会心率过高报警吗, 曝光补偿怎么调), and buyers ask before they buy
(假一赔十是真的吗), so a threat counts only in the shape of one. Held against eval/sets/tone.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern over a clean text and what it means, in words for an agent."""

    label: str
    pattern: re.Pattern[str]


def _cues(*pairs: tuple[str, str]) -> tuple[Cue, ...]:
    return tuple(Cue(label, re.compile(pattern, re.IGNORECASE)) for label, pattern in pairs)


# 维权: beyond the shop and its platform — authorities, courts, the press, the public.
THREATS = _cues(
    ("12315", r"(?<![\da-z-])123[14]5(?![\da-z-])|315见"),
    ("工商、市监", r"工商局|市场?监管|市监|工商部门|[找去向打告到上叫让]工商(?!银行)"),
    ("消协", r"消协|消保委|消费者(?:权益)?协会"),
    ("黑猫投诉", r"黑猫(?:投诉|平台|见)"),
    (
        "法律途径",
        r"起诉|打官司|律师函|[找请让联系委托]{1,2}了?律师|法院(?:见|传票)|法庭上?见|[上去告]法院|法律(?:程序|途径|手段|武器)",
    ),
    ("报警", r"(?:我|直接|要|去|已经|只能|马上|就)报警(?![器灯声功提音吗么嘛不])|[去找]派出所"),
    ("媒体曝光", r"[找叫让请给]\w{0,2}(?:媒体|记者|电视台)|被曝光|曝光(?:你|他|这|出|一下)|(?:网上|给你|去)曝光(?!补)"),
    ("发到网上", r"(?:发|挂)(?:到)?(?:抖音|小红书|微博|网上|朋友圈)\w{0,3}(?:让|给|避|挂|曝|见)|挂你们?"),
    ("举报", r"(?:我|要|去|已经|会|向\w{1,8})举报(?![吗么])|举报你"),
    (
        "赔偿条款",
        r"(?:要|按|必须|应该|规定|请|给我)\w{0,2}(?:退一赔|假一赔)|(?:退一|假一)赔\w ?(?:赔|一分|少)|三倍赔偿|十倍赔偿",
    ),
)

# 不满: words that are hardly ever said by a buyer who merely asks.
GRIEVANCES = _cues(
    ("差评", r"(?:给|打|要|就|等着|准备|绝对)\w{0,3}差评|^差评"),
    ("要投诉", r"(?:我|要|去|就|会|已经|直接)\w{0,2}投诉(?:你|他|客服|商家|店|平台|了|$)"),
    ("指责商家", r"骗子|骗人|坑人|黑店|黑心|奸商|垃圾|良心不会痛|不要脸|要点脸|眼瞎|[你们]有病"),
    ("感到受骗", r"被骗|上当|受骗|欺骗|欺诈|忽悠|糊弄|虚假宣传|当傻子|耍我|耍人|打发我|不诚信|点诚信|套路"),
    ("质量不满", r"质量\w{0,3}(?:差|烂|堪忧|不行)|破玩意|什么破|假货吧|做工\w{0,2}(?:差|粗糙)|太差|真烂|二手的|没法用"),
    (
        "服务不满",
        r"态度\w{0,5}(?:差|恶劣|不好|好一点)|服务\w{0,3}差|敷衍|推来推去|踢皮球|没人管|不负责任|装死|冷嘲热讽|(?:很|非常|真|特别|太)不满|摆设|难听",
    ),
    ("情绪激动", r"恶心|无语|气死我|生气|失望|寒心|过分|受气|心塞|凭什么|丢死人|后悔买|忍很久"),
    ("不再光顾", r"再也不|以后不(?:会|来|买|在)|大家别买|别买了?$|取关|拉黑"),
    (
        "要求说法",
        r"(?:给|要)\w{0,3}(?:说法|交代)|到底\w{0,6}(?:发|退|处理|负责|管|解决|给)|拖着?吧|拖了|赔我|想赖|不接受\w{0,2}(?:解释|这)",
    ),
    (
        "久等未决",
        r"(?:都|等了|已经)\w{0,4}(?:[天周月]|星期|小时)了?\w{0,2}[还又][没不在]|都\w{0,3}(?:[天周月]|星期)了|打不通|(?:这么|太)慢|每次都(?:这|说|一样|让|催)|催\w{0,2}[三四五几]次|问\w{0,2}[三四五几]遍",
    ),
    (
        "话里带责问",
        r"管不管|你们\w{0,4}(?:有没有(?:在|用心|良心)|也不|都不|就是这|就这|自己不|是不是不想)|到底(?!\w{0,4}[哪差什])|损失谁|"
        r"这(?:也叫|也算|也敢|还怎么|还能叫|能叫)|听谁的|没\w{0,4}说得清|还(?:要|让)我(?:自己|证明|重)|(?:才|就)等来",
    ),
    ("说好却没做到", r"说好的?\w{2,10} ?\w{0,4}(?:结果|没有|还|又|现在)|结果(?:又|还是|却)|明明\w{0,6}(?:写|说)"),
    (
        "反复说了没用",
        r"[讲说问催]了?(?:半天|[两三四五六七八九十几好多]\w?[遍次])(?:了|又|还|都)?|又让我|别再(?:发|找|跟|说|拖)|别跟我|不要(?:道歉|解释)",
    ),
    (
        "不再信任",
        r"(?:讲|有)点(?:诚信|信用|良心)|没(?:诚信|良心)|来气|离谱|可笑|笑话|气人|(?<!客)服了|记住你|看人下菜|太吓人",
    ),
)

# 加急: the buyer has a deadline or has run out of patience.
HASTE = _cues(
    ("急用", r"急用|急需|急着|急等|着急|很急|挺急|好急|急急|加急|十万火急|在线等|[，。! ]急$|^急"),
    ("催促", r"赶紧|赶快|快[点些]|快一点|马上(?!有|到货|就到)|立刻|立即|立马|尽快|催一?[下催]|都催|火速"),
    (
        "赶时间",
        r"赶时间|赶[飞火高班]|来不来?得及|等着[用穿送]|[今明后]天\w{0,3}(?:就要|必须|婚礼|出差|出发|要用)|过两天生日|下班前",
    ),
    (
        "等不到回复",
        r"半天(?:了|没|不)|等半天|没人(?:回|理|吗)|(?<!悠)人呢|不回(?:我|消息|话|复)|回个话|等了一?(?:上午|下午|天|小时|晚)",
    ),
    ("连用问号叹号", r"[?!]{3}"),
)

# 询问: the shape of a question that may speak of a fault without having met it.
_ASKS = re.compile(
    r"吗|么$|会不会|有没有|是否|能不能|怎么[申开用样连退换投给调保处]|多少|几[天点]|什么时候有|哪[个里]|[?]$|\w不\w$"
)
# What only sounds bad: 垃圾桶 is sold, 不会给差评 is a kindness, 急救包 is no haste.
_HARMLESS = re.compile(
    r"(?:不会|没想|没有要|不是要|不想|不用|不至于|从[没不]|从来没|别)\w{0,3}(?:投诉|差评|举报|失望|骗|生气)|差评师|"
    r"垃圾(?:桶|袋|分类|处理|箱|铲)|不(?:着?急|赶)|(?:别|勿|不用)(?:着急|急|催)|急(?:救|冻|诊|性子)|[应紧气]急|慢慢(?!吞)"
)


def harmless_removed(text: str) -> str:
    """The text without what only sounds bad."""
    return _HARMLESS.sub("", text)


def threats(text: str) -> list[str]:
    """What the buyer threatens with. Like the others, it expects a clean text with `harmless_removed`."""
    return _found(THREATS, text)


def grievances(text: str) -> list[str]:
    """What the buyer is bitter about."""
    return _found(GRIEVANCES, text)


def haste(text: str) -> list[str]:
    """Why it cannot wait."""
    return _found(HASTE, text)


def asks(text: str) -> bool:
    """Whether the text is shaped like a question."""
    return _ASKS.search(text) is not None


def _found(cues: Iterable[Cue], text: str) -> list[str]:
    return [cue.label for cue in cues if cue.pattern.search(text)]
