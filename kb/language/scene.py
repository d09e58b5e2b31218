"""The scene of a message — 售前, 售中, 售后 — by what the shop's own entries say, else by its words.

The entries found vote with their squared probability, so that one sure entry outvotes two vague ones: a merchant's
sheet says of each in which scene it is used. Where they are silent (nothing found, no scene in the sheet) a short list
of words decides, and without any the scene is 其他. Votes are right far more often than words (docs/benchmarks.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.model import Hit, Scene

_VOTERS = 3
_WORD = 0.03  # one word votes like an entry that answers with probability 0.17
_MOST_WORDS = 3

# What is asked before an order, while it is under way, and after it arrived.
_WORDS = {
    Scene.BEFORE: re.compile(
        r"有货|没货|补货|多少钱|便宜|优惠|满减|包邮|活动|打折|尺码|码数|穿[多什啥几]|多大|多重|多高|材质|面料|成分|正品|"
        r"适合|能用吗|可以用|推荐|区别|哪[个款]好|支持|兼容|起球|掉色|缩水|显[瘦胖黑]|厚不厚|怎么用|保质期|预售|赠品|小样|想买|拍下"
    ),
    Scene.DURING: re.compile(
        r"发货|发出|没发|物流|快递|到哪|几天到|多久到|什么时候到|今天能?到|送到|派送|签收|自提|驿站|催|地址|收货人|改[成一]|"
        r"拍错|取消|拦截|拒收|付款|支付|单号|出库|揽收|备注"
    ),
    Scene.AFTER: re.compile(
        r"退[货款换了回掉]?|换货|换新|坏|破|损|碎|裂|质量|维修|返修|修好|售后|补发|少[发件了]|漏发|错发|发错|不符|瑕疵|"
        r"运费险|价保|保价|降价|差价|发票|过敏|用不了|没反应|连不上|安装|取件|评价"
    ),
}


def scene_of(text: str, hits: Sequence[Hit] = ()) -> Scene:
    """The scene with the most votes; 其他 when nobody votes. `hits` are best first, `text` is clean."""
    votes = dict.fromkeys(Scene, 0.0)
    for hit in hits[:_VOTERS]:
        if hit.entry.scene:
            votes[scene_named(hit.entry.scene)] += hit.probability**2
    for scene, words in _WORDS.items():
        votes[scene] += _WORD * min(len(set(words.findall(text))), _MOST_WORDS)
    best = max(votes, key=lambda scene: votes[scene])  # the first of those that tie, in the order of a purchase
    return best if votes[best] > 0 else Scene.OTHER


def scene_named(scene: str) -> Scene:
    """A sheet's own word for a scene; one that we do not know (账户, 会员) is another scene than ours."""
    return Scene(scene) if scene in tuple(Scene) else Scene.OTHER
