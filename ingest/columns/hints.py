"""What a person is told about each column of a template, and two examples of what to write there. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.columns.fields import SheetKind


@dataclass(frozen=True, slots=True)
class Hint:
    """How to fill in a column, example texts, and the choices of a list; with `only` nothing else may be written."""

    text: str
    examples: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    only: bool = False
    width: int = 16  # in characters


PLATFORMS = tuple("淘宝 天猫 京东 拼多多 抖音 快手 小红书 微信".split())
_FLAG = ("是", "否")
_MOMENT = "写成 2026-11-01 00:00:00；只写日期时，"
_STARTS = Hint(_MOMENT + "从这一天零点起有效。留空表示一直有效", ("", "2026-11-01 00:00:00"), width=21)
_ENDS = Hint(_MOMENT + "这一天整天都有效。留空表示长期有效", ("", "2026-11-12 00:00:00"), width=21)

# Columns that are understood but that no merchant needs to be asked for.
NOT_OFFERED = {
    (SheetKind.PRODUCT, "sales"),
    (SheetKind.PRODUCT, "comments"),
    (SheetKind.PRODUCT, "date"),
    (SheetKind.FAQ, "valid"),
    (SheetKind.NOTICE, "valid"),
    (SheetKind.OFFER, "valid"),
}

HINTS: Mapping[SheetKind, Mapping[str, Hint]] = {
    SheetKind.PRODUCT: {
        "key": Hint("商品自己的编号，一个商品一个，改资料时靠它认出是同一个商品。没有就留空", ("DY-001", "DY-001")),
        "name": Hint("买家看到的商品名。同一商品有几个规格时写几行，名称相同", ("羊毛大衣", "羊毛大衣"), width=28),
        "sku": Hint("规格自己的编码，没有就留空", ("DY-001-W-M", "DY-001-W-L")),
        "brand": Hint("品牌名", ("暖言", "暖言")),
        "category": Hint("商品分类", ("女装", "女装")),
        "model": Hint("型号，没有就留空", ("", "")),
        "colour": Hint("这一行是什么颜色", ("米白", "米白")),
        "size": Hint("这一行是什么尺码", ("M", "L")),
        "spec": Hint("颜色、尺码以外的规格，如容量、片数", ("", "")),
        "price": Hint("单位元，只写数字", ("899", "899"), width=10),
        "stock": Hint("现货数量，只写数字；没货写 0", ("120", "0"), width=10),
        "points": Hint("买家最在意的优点，一行一条", ("80%羊毛，不起球", "80%羊毛，不起球"), width=28),
        "params": Hint("写成“名称：值”，一行一个", ("面料：80%羊毛", "面料：80%羊毛"), width=28),
    },
    SheetKind.FAQ: {
        "key": Hint("这一条的编号，改内容时靠它认出是同一条。没有就留空，按标准问题来认", ("Q001", "Q002"), width=12),
        "question": Hint("买家会怎么问，一条只问一件事", ("羊毛大衣可以机洗吗", "双11有什么优惠"), width=32),
        "phrasing": Hint(
            "同一个问题的其他问法，一行一句（单元格内换行按 Alt+Enter）",
            ("大衣能用洗衣机洗吗\n大衣要干洗吗", "双十一活动力度大吗"),
            width=36,
        ),
        "negative": Hint("看着像、其实不该用这条答复的问法，一行一句；没有就留空", ("大衣可以退吗", ""), width=24),
        "answer": Hint(
            "发给买家的原话，一个字都不会改",
            ("亲，羊毛大衣建议干洗，机洗会缩水哦", "亲，双11当天每满300减40"),
            width=48,
        ),
        "platform": Hint("只在某个平台这样答时填写，几个平台用顿号隔开；留空表示都适用", ("", "天猫"), PLATFORMS),
        "products": Hint("只对某些商品这样答时，填商品编号，几个用顿号隔开；留空表示都适用", ("DY-001", "")),
        "order_state": Hint(
            "只在订单到了某一步才这样答时填写：未付款、已付款、待发货、已发货、运输中、派送中、已签收、退款申请中……几个用顿号隔开；留空表示都适用",
            ("", "未付款"),
        ),
        "scene": Hint(
            "售前、售中、售后，或店里自己的叫法", ("售前", "售前"), tuple("售前 售中 售后 投诉".split()), width=10
        ),
        "category": Hint("店里自己的分类", ("洗涤保养", "活动")),
        "shortcut": Hint("客服输入它就能直接找到这条话术；没有就留空", ("dyxd", "s11"), width=12),
        "start": _STARTS,
        "end": _ENDS,
    },
    SheetKind.PHRASE: {
        "key": Hint("客服输入它就能直接找到这条短语；没有就留空", ("hy", "xj")),
        "phrase": Hint(
            "发给买家的原话，一个字都不会改",
            ("亲，欢迎光临，请问有什么可以帮您？", "亲，已经登记了，24小时内回复您"),
            width=60,
        ),
        "group": Hint("短语的分组", ("问候", "登记"), width=16),
    },
    SheetKind.NOTICE: {
        "key": Hint("通知的编号，没有就留空，按标题来认", ("N001", "N002"), width=12),
        "title": Hint("一句话说清是什么事", ("双11大促", "国庆期间发货安排"), width=28),
        "content": Hint(
            "给客服看的完整内容", ("每满300减40，可叠加店铺券", "10月1日至3日不发货，4日起按付款顺序发出"), width=60
        ),
        "start": Hint(_STARTS.text, ("2026-11-01 00:00:00", "2026-10-01 00:00:00"), width=21),
        "end": Hint(_ENDS.text, ("2026-11-12 00:00:00", "2026-10-04 00:00:00"), width=21),
        "must_read": Hint("填“是”，客服上线后要先看", ("是", "否"), _FLAG, only=True, width=12),
        "category": Hint("如 活动、发货、平台规则", ("活动", "发货")),
    },
    SheetKind.ORDER: {
        "order": Hint(
            "同一订单的几件商品写几行，编号相同。只用来认出是一起买的，不会保存",
            ("2026110100001", "2026110100001"),
            width=22,
        ),
        "product": Hint("和商品表里的商品编号一致", ("DY-001", "WJ-007")),
        "sku": Hint("和商品表里的SKU编码一致，没有就留空", ("DY-001-W-M", "")),
        "name": Hint("商品名称；有商品编号时可以留空", ("羊毛大衣", "羊绒围巾"), width=28),
        "quantity": Hint("买了几件", ("1", "1"), width=8),
        "at": Hint("写成 2026-11-01 12:30:00", ("2026-11-01 12:30:00", "2026-11-01 12:30:00"), width=21),
        "status": Hint("交易成功、已取消等，照后台的写", ("交易成功", "交易成功")),
        "refund": Hint("有退款的照后台的写，没有就留空", ("", "")),
    },
    SheetKind.OFFER: {
        "key": Hint("规则自己的编号，改规则时靠它认出是同一条。没有就留空", ("J001", "J002"), width=12),
        "way": Hint(
            "搭配、凑单（满减）、换购、赠品；“不推荐”写的是这个商品在什么情况下绝不推荐。留空当作搭配",
            ("搭配", "凑单"),
            tuple("搭配 凑单 换购 赠品 不推荐".split()),
            width=10,
        ),
        "products": Hint(
            "买家问到哪个商品时推荐，填商品编号、名称或类目，几个用顿号隔开；留空表示任何商品。凑单时是参加满减的商品",
            ("DY-001", ""),
            width=20,
        ),
        "partner": Hint(
            "推荐哪个商品，填商品编号或名称；“不推荐”也可以填类目。凑单可以留空，由系统挑价格刚好的；赠品可以写赠品名",
            ("WJ-007", ""),
            width=20,
        ),
        "text": Hint(
            "发给买家的原话，可以用 {商品名}{价格} 等变量，指的是推荐商品；留空用默认的话",
            ("亲，这款配羊绒围巾很好看，围巾{价格}元，要不要一起带上？", ""),
            width=48,
        ),
        "why": Hint("给客服看的一句话：为什么推荐", ("同色系，一起买的多", "双11满减"), width=24),
        "threshold": Hint("满减、满赠、换购的门槛，单位元；没有就留空", ("", "300"), width=10),
        "cut": Hint("满了减多少，单位元", ("", "40"), width=10),
        "price": Hint("换购价或搭配价，单位元；没有就留空", ("", ""), width=10),
        "in_stock": Hint("推荐商品的库存，没货写 0；留空看商品表", ("", ""), width=12),
        "floor": Hint("低于这个价就不推荐，单位元；留空不限", ("", ""), width=12),
        "cost": Hint("不想写最低成交价时，写成本价和最低毛利率也可以：只用来算最低成交价，不保存", ("", ""), width=10),
        "margin": Hint("写成 30%；和成本价一起用，不保存", ("", ""), width=12),
        "refuse": Hint("聊天里出现这些字就不推荐，几个用顿号隔开", ("", "孕妇、未成年"), width=20),
        "stages": Hint("售前、售中、售后，几个用顿号隔开；留空表示售前和售中", ("售前", ""), width=12),
        "active": Hint("填“否”就停用", ("是", "是"), _FLAG, width=10),
        "start": _STARTS,
        "end": _ENDS,
    },
    SheetKind.CHAT: {
        "session": Hint("同一次咨询的消息写同一个编号", ("A001", "A001")),
        "time": Hint("写成 2026-11-01 12:30:00", ("2026-11-01 12:30:00", "2026-11-01 12:30:20"), width=21),
        "sender": Hint("谁说的，照聊天记录写，导入时会打码", ("买家", "客服小雨")),
        "role": Hint("买家或客服", ("买家", "客服"), ("买家", "客服"), width=10),
        "buyer": Hint("是哪位买家，照聊天记录写，导入时会打码", ("", "")),
        "text": Hint("说了什么，一条消息一行", ("什么时候发货", "亲，48小时内发出"), width=60),
    },
}


def hint_of(kind: SheetKind, name: str) -> Hint:
    """What is told about a column; a column nobody has written about yet is still explained by its other names."""
    return HINTS.get(kind, {}).get(name, Hint("照列名填写，没有就留空"))
