"""What a question asks, as the bag of its telling characters: two questions with one bag are the same question.

能机洗吗, 可以机洗么 and 请问支持机洗吗 differ in politeness only. What is left when that is taken away, sorted, is a key
that can be looked up: 20,000 rows against 20,000 stored ones cost one dictionary. A bag forgets order and some words
that decide, so a pair it finds is asked again by `same_question`, with `kb.language.contrast`. A word of content more
(羽绒服 or 白色羽绒服) is another question: a special case may have its own answer.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from kb.language.contrast import FEATURES, Marks, contrast, marks
from kb.language.numerals import arabic

# What is written in many ways → one sign or word for all of them. Longer forms win. "" takes a word away.
_SAME = {
    "": (
        "请问一下 请问 想问一下 想问下 想问 问一下 问下 我想知道 想知道 想了解 亲亲 亲 您好 你好 客服 老板 店家 掌柜 麻烦 你们家的 你们家 "
        "你家的 你家 咱们家 咱家 咱们 你们 我们 您 你 我 咱 店铺 店里 本店 这边 "
        "那边 一下 能不能够 能不能 可不可以 可以不可以 可否 能否 是否 "
        "是不是 会不会 要不要 行不行 好不好 支不支持 支持 能够 可以 能 会 吗 么 嘛 呢 吧 啊 呀 哦 哈 啦 的 了 过 着 这个 这款 那个 这 那 "
        "都 还 就 也 再 大概 大约 一般 通常 到底 究竟 具体 目前 现在 帮忙 帮 给 是 有 需要 要 想 得 地 个 好 行 谢谢 期间 最少 至少 起码"
    ),
    "有没": "有没有",
    "①": "什么时候 什么时间 啥时候 啥时 何时 几时 多长时间 多少时间 多久 几天内 "
    "几天 多少天 几个小时 多少小时 几小时 几点钟 几点 几号 哪天 时间 期限",
    "③": "怎么样 怎么办 怎么操作 怎么弄 怎么 怎样 如何 咋办 咋弄 咋样 咋 方法 流程 步骤 办理 申请",
    "④": "什么 啥 哪家 哪个 哪种 哪些 哪款 哪几种 哪几家 哪",
    "⑤": "多少钱 什么价格 什么价 啥价 几块钱 价格 价位 怎么卖 怎么收费 多少 几种 几个 几件 几",
    "⑥": "从哪里 从哪儿 从哪 在哪里 在哪儿 在哪 哪里 哪儿 什么地方 啥地方 何处",
    "⑦": "为什么 为啥 为何 怎么回事 什么原因",
    "运费": "运费 邮费 快递费 物流费",
    "包邮": "包邮 免邮费 免邮 免运费 包运费",
    "保修": "保修期 保修 质保期 质保 三包",
    "发票": "开发票 开票 发票",
    "发货": "发货 寄出 发出 出库 出货 寄货",
    "到货": "到货 送达 送到 收到货 收到 能到 到手",
    "退货": "退货 退掉 退回 寄回",
    "退款": "退款 退钱 返款",
    "快递": "快递公司 快递 物流公司",
    "谁": "谁来承担 谁承担 谁来出 谁出 谁付 谁负责 谁给 谁掏",
    "每天": "每天 每日 一天 1天 1日",
    "材质": "材质 材料 面料 料子",
    "赠品": "赠品 送赠品 小礼品 送礼品 送小礼品 礼品",
    "无理由": "无理由退换货 无理由退货 无理由退换 无理由",
    "优惠券": "优惠券 优惠卷 券",
    "机洗": "机洗 用洗衣机洗 洗衣机洗 放洗衣机洗 放洗衣机",
}
_FORMS = {form: sign for sign, forms in _SAME.items() for form in forms.split()} | {"有没有": ""}
_FORM = re.compile("|".join(sorted(map(re.escape, _FORMS), key=len, reverse=True)))
_OR_NOT = re.compile(r"(\w{1,2})不\1")  # 防不防水 asks 防水
_ONE = re.compile(r"(?<![\d第])1[瓶包盒件个条支袋罐双台桶箱套](?=.)")  # 一瓶能用多久 asks what 能用多久 does
_NOT_WORD = re.compile(r"[^\w①③④⑤⑥⑦%.]")
_HOW_MUCH = "⑤"  # money and number both: 定金多少, 定金多少钱, 一箱多少个; told apart by `contrast`
_SIGNS = frozenset("①③④⑤⑥⑦")
# Said or left out without asking anything else: 几天发货, 几天发, 拍下几天发货.
_LIGHT = frozenset("货商品宝贝产买拍下单订预家件款人用到出满数和与跟每")
_ENOUGH = 2  # telling characters; one says too little without the light ones
_ORDERED = 4  # neighbours from which their order says something: 酒多少度, 酒的度数是多少
_LEAST_ORDER = 0.34  # of the neighbours of a bag that two texts share: 从京东退到天猫 is not 从天猫退到京东
_ASKS = FEATURES.index("asks_clash")
_CLASHES = tuple(i for i, name in enumerate(FEATURES) if name.endswith("_clash") and i != _ASKS)


def core(folded: str) -> str:
    """A folded question (`kb.language.text.fold`) without courtesies, its question words as signs."""
    text = _OR_NOT.sub(r"\1", arabic(folded)) if "不" in folded else arabic(folded)
    text = _ONE.sub("", text)
    return _NOT_WORD.sub("", _FORM.sub(lambda match: _FORMS[match[0]], text))


def bag(folded: str) -> str:
    """The key that all ways to ask one question share; "" for a text that asks nothing."""
    said = core(folded)
    telling = sorted(char for char in said if char not in _LIGHT)
    kept = telling if len(telling) >= _ENOUGH and not _SIGNS.issuperset(telling) else sorted(said)
    signs = sorted(_SIGNS.intersection(kept))  # once each: 上班时间是几点 asks once
    return "".join([*signs, *(char for char in kept if char not in _SIGNS)])


def same_question(one: str, other: str) -> bool:
    """Whether two folded questions of one bag ask the same: amounts, codes, negation and opposites agree, and so does
    the order of most characters."""
    if one == other:
        return True
    found = contrast(_marks(one), _marks(other))
    if any(found[i] for i in _CLASHES) or (found[_ASKS] and _HOW_MUCH in core(one)):
        return False
    ours, theirs = (Counter(pairwise(core(text))) for text in (one, other))
    shared, least = (ours & theirs).total(), min(ours.total(), theirs.total())
    return least < _ORDERED or shared >= _LEAST_ORDER * least


@lru_cache(maxsize=4096)
def _marks(folded: str) -> Marks:
    return marks(folded)
