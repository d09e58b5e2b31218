"""What merchants and their tools call the variables of a script, by the name under which each is told to agents. Data only.

One name each, and then the others as scripts write them ({快递公司}, {{express}}). A name that is not here may still be that of
a product's fact ({里料}).
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from kb.facts.attributes import plain_name
from kb.language import names


class Kind(Enum):
    """Where a variable's value comes from."""

    PRODUCT = "product"
    FACT = "fact"
    SHOP = "shop"
    ORDER = "order"
    TIME = "time"
    NOBODY = "nobody"  # nothing here knows it: buyers are not recorded, parcels are the platform's


VARIABLES: dict[Kind, dict[str, str]] = {
    Kind.PRODUCT: {
        "商品名称": "商品名 商品 商品标题 产品 产品名 产品名称 宝贝 宝贝名 宝贝名称 宝贝标题 product product_name item title goods",
        "商品编号": "货号 款号 商品编码 商品货号 item_id product_id goods_id",
    },
    Kind.FACT: {
        "价格": f"{names.PRICE} 商品价 单品价格",
        "颜色": names.COLOUR,
        "尺码": names.SIZE,
        "库存": names.STOCK,
        "品牌": names.BRAND,
        "型号": names.MODEL,
    },
    Kind.SHOP: {
        "店铺名称": "店铺名 店名 店铺 本店 shop shop_name store",
        "发货地": "发货地址 发货地点 发货城市 发货仓 发货仓库 仓库所在地 ship_from",
        "合作快递": "默认快递 发货快递 合作物流 常用快递",
        "快递公司": "快递 物流 物流公司 承运快递 express express_company courier",
        "发货时效": "发货时间 发货时限 发货速度",
        "包邮门槛": "包邮 包邮条件 包邮政策 包邮规则 运费说明",
        "不发货地区": "不发货区域 不配送地区",
        "退货地址": "退换货地址 寄回地址 退件地址 return_address",
        "运费险": "退货运费险 运费险说明",
        "发票": "开票说明 发票政策 发票说明",
        "赠品政策": "赠品 赠品规则 赠品说明",
        "退货政策": "退货规则 退货说明",
        "换货政策": "换货规则 换货说明",
        "退换货时限": "退换货政策 退换政策 退换货规则",
        "退款时效": "退款时间 退款时限",
        "价保": "价格保护 价保政策 保价政策",
        "会员": "会员政策 会员权益",
        "质保": "保修 质保期 保修期 质保政策 warranty",
    },
    Kind.ORDER: {
        "订单号": "订单 订单编号 订单尾号 单号后四位 order order_id order_no order_number",
        "规格": "所选规格 选择规格 SKU规格 款式规格 下单规格 sku sku_name",
        "物流状态": "快递状态 发货状态 logistics_status",
        "订单状态": "当前订单状态 order_status",
        "付款状态": "支付状态 pay_status",
        "退款状态": "售后状态 refund_status",
    },
    Kind.TIME: {
        "问候语": "时段问候 时间问候 时段 早晚问候 greeting",
        "日期": "今天日期 当前日期 今日日期 今日 date today",
        "明天日期": "明日日期 明日 tomorrow",
        "星期": "今天星期 星期几 weekday",
    },
    Kind.NOBODY: {
        "买家昵称": "昵称 买家 买家名 买家名称 买家姓名 客户 客户名 客户昵称 客户姓名 顾客 顾客昵称 用户名 用户昵称 会员名 旺旺 姓名 收件人"
        " buyer buyer_nick buyer_name nick nickname customer customer_name name",
        "快递单号": "运单号 物流单号 单号 运单编号 express_no tracking tracking_no tracking_number",
        "客服名称": "客服 客服名 客服昵称 客服姓名 工号 客服工号 agent agent_name",
        "金额": "订单金额 实付金额 付款金额 退款金额 补差金额 amount pay_amount",
        "收货地址": "地址 收件地址 address",
        "手机号": "电话 联系电话 收件电话 phone mobile",
        "时间": "时刻 预计时间 time",
        "预计到达时间": "预计到达 预计送达 预计送达时间 到货时间",
        "优惠券": "优惠 优惠券名称 券 coupon",
        "链接": "商品链接 购买链接 网址 link url",
    },
}


# A shop's form may name several (默认中通，偏远发邮政): which of them carries a parcel it does not say.
ONE_COURIER = re.compile(
    r"(?:中通|圆通|申通|韵达|极兔|顺丰|京东|邮政|EMS|德邦|百世|天天|菜鸟|丹鸟|跨越|安能|优速|宅急送)(?:快递|速运|速递|物流|快运)?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, tuple[Kind, str]]:
    found: dict[str, tuple[Kind, str]] = {}
    for kind, variables in VARIABLES.items():
        for name, others in variables.items():
            for word in (name, *others.split()):
                found.setdefault(plain_name(word), (kind, name))
    return found


def variable(name: str) -> tuple[Kind, str] | None:
    """What a name in a script means, and what it is called here; None where no variable is called so."""
    return _by_name().get(plain_name(name))
