"""What a shop's handover form (店铺交接表) calls its items, by the name under which each is known afterwards. Data only.

Scripts will be filled from these names ({发货地}), so one thing has one name whatever the merchant called it. A label that
is not here keeps its own words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.columns.naming import plain


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STANDARD: dict[str, tuple[str, ...]] = {
    "店铺名称": _words("店铺名 店名 店铺全称"),
    "平台": _words("店铺平台 所属平台 经营平台 接待平台"),
    "主营类目": _words("主营 经营类目 店铺类目 主营产品 主营商品"),
    "店铺链接": _words("店铺网址 店铺首页 店铺首页链接"),
    "服务时间": _words("客服时间 在线时间 客服在线时间 客服工作时间 人工时间 人工客服时间 接待时间 客服服务时间"),
    "主推产品": _words("主推 主推款 主推商品 主推宝贝 主推品 爆款 热销款 热销产品 主打产品 主卖产品"),
    "店铺卖点": _words("卖点 店铺优势 产品卖点"),
    "发货地": _words("发货地址 发货地点 发货城市 发货仓 发货仓库 从哪里发货 仓库所在地"),
    "合作快递": _words("快递 默认快递 快递公司 发货快递 合作物流 物流公司 快递合作 常用快递"),
    "发货时效": _words("发货时间 发货时限 几天发货 多久发货 发货速度"),
    "包邮门槛": _words("包邮 包邮条件 包邮政策 包邮规则 是否包邮 邮费 运费 运费说明"),
    "不发货地区": _words("不发货区域 不配送地区 不发地区 偏远不发"),
    "退货地址": _words("退换货地址 退货信息 退货收件信息 寄回地址 退件地址"),
    "售后补偿标准": _words("补偿标准 售后补偿 赔付标准 售后赔付标准 售后赔付 补偿权限 赔偿标准"),
    "快递对接": _words(
        "快递对接联系方式 快递对接联系人 快递对接人 快递联系人 快递联系方式 快递对接电话 物流对接 物流对接人 物流联系人"
    ),
    "运费险": _words("是否有运费险 退货运费险 运费险说明 有无运费险"),
    "发票": _words("开票 发票政策 发票说明 开发票 是否开票 能否开票"),
    "赠品政策": _words("赠品 赠品规则 赠品说明 礼品 礼品政策"),
    "退货政策": _words("退货规则 退货标准 退货说明 七天无理由 7天无理由 无理由退货"),
    "换货政策": _words("换货 换货规则 换货标准 换货说明"),
    "退换货时限": _words("退换货 退换货政策 退换政策 退换货规则 退换货标准"),
    "退款时效": _words("退款时间 退款时限"),
    "价保": _words("价格保护 保价 价保政策 保价政策"),
    "优惠券": _words("优惠 优惠券/满减 满减 优惠活动 店铺优惠 店铺优惠券"),
    "会员": _words("会员政策 会员权益 会员制度"),
    "质保": _words("质保期 保修 保修期 质保政策"),
    "禁用话术": _words("违禁词 禁用词 敏感词 禁语 禁用语 禁止话术 服务禁语"),
    "升级联系人": _words("升级对接人 紧急联系人 主管联系人"),
    "对接人": _words("店铺对接人 运营对接人 店铺联系人 商家对接人 店铺负责人"),
}

# Pairs of headers that make whatever stands below a form, and what the column of remarks is called.
HEADERS = (
    ("项目", "内容"),
    ("事项", "内容"),
    ("项目", "说明"),
    ("字段", "内容"),
    ("项目名称", "内容"),
    ("项目", "填写内容"),
)
REMARKS = _words("备注 说明 补充 补充说明 备注说明")
# Labels that no question sheet uses as a category; one of them must be in a form without a header.
SURE = _words(
    "店铺名称 店铺名 店铺全称 主营类目 店铺链接 店铺网址 账号 密码 登陆账号 登录账号 登陆密码 登录密码 登陆账号/密码 登录账号/密码"
)
ENOUGH = 3  # labels in one sheet that make it a form

# A label with one of these names a credential or the way in. Longer than a column's: a form has no questions.
SECRETS = _words(
    "密码 口令 账号 帐号 账户 帐户 用户名 登录 登陆 密钥 密保 验证码 授权码 动态码 后台地址 后台链接"
    " password passwd secret token cookie pwd appkey"
)
# Contacts that buyers are told by design; any other is a person's.
PUBLIC = _words("退货地址 客服电话 售后电话 店铺电话 退货电话 服务热线 客服热线 售后热线 发货地 店铺链接")


_ORDINAL = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、)]")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {plain(alias): name for name, aliases in STANDARD.items() for alias in (name, *aliases)}


def standard_name(label: str) -> str:
    """The name of a label as merchants write it ("3、默认快递：" → 合作快递); "" for one that is not in the vocabulary."""
    return _names().get(_ORDINAL.sub("", plain(label)), "")


def is_sure(label: str) -> bool:
    """Whether a label stands in no other kind of sheet."""
    return _ORDINAL.sub("", plain(label)) in SURE


def names_secret(label: str) -> bool:
    """Whether a label names an account, a password, or how to get in."""
    folded = plain(label)
    return any(word in folded for word in SECRETS) and not folded.endswith(("数量", "个数"))
