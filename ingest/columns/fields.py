"""Which columns each kind of sheet may have, under all the names merchants give them. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.language import names


class SheetKind(StrEnum):
    """The kinds of sheet that can be imported."""

    PRODUCT = "product"
    FAQ = "faq"
    PHRASE = "phrase"
    NOTICE = "notice"
    HANDOVER = "handover"
    ORDER = "order"
    OFFER = "offer"
    CHAT = "chat"


KIND_LABELS = {
    SheetKind.PRODUCT: "商品表",
    SheetKind.FAQ: "问答表",
    SheetKind.PHRASE: "快捷短语",
    SheetKind.NOTICE: "活动通知",
    SheetKind.HANDOVER: "店铺交接表",
    SheetKind.ORDER: "订单表",
    SheetKind.OFFER: "加购规则",
    SheetKind.CHAT: "聊天记录",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One meaning of a column. A repeating field may stand in several columns (相似问1, 相似问2 …).

    A required field may be missing where one of `instead` is there.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    required: bool = False
    repeats: bool = False
    instead: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _field(
    name: str, label: str, aliases: str, *, required: bool = False, repeats: bool = False, instead: str = ""
) -> Field:
    return Field(name, label, tuple(dict.fromkeys((label, *_words(aliases)))), required, repeats, _words(instead))


_PRODUCT = (
    _field(
        "key",
        "商品编号",
        "商品ID 商品编码 款号 货号 id SPU SPUID SPU编码 宝贝ID 商品代码 产品编号 产品编码 产品ID product_id item_id"
        " 款式编码 货品编号 商品款号 商品货号",
    ),
    _field(
        "name",
        "商品名称",
        "商品名 品名 产品名称 产品名 标题 title 宝贝名称 宝贝标题 商品标题 name product_name 货品名称"
        " 款式名称 产品标题",
        required=True,
    ),
    _field(
        "sku",
        "SKU编码",
        "SKU SKUID SKU_ID SKU编号 规格编码 规格ID 规格编号 商家编码 规格商家编码 商家SKU编码 单品编码 规格货号",
    ),
    _field("brand", "品牌", names.BRAND),
    _field("category", "类目", "分类 品类 类别 商品类目 商品分类 产品分类 产品类别 所属类目 category"),
    _field("model", "型号", names.MODEL),
    _field("colour", "颜色", names.COLOUR),
    _field("size", "尺码", names.SIZE),
    _field("spec", "规格", names.SPEC),
    _field("price", "价格", names.PRICE),
    _field("stock", "库存", names.STOCK),
    _field("points", "卖点", names.POINTS, repeats=True),
    _field("params", "参数", names.PARAMETERS, repeats=True),
    _field("sales", "销量", "月销量 累计销量 sale_count sales"),
    _field("comments", "评论数", "评价数 累计评价 comment_count"),
    _field("date", "更新时间", "更新日期 日期 采集时间 采集日期 update_time updated_at date"),
)
_ENTRY_KEY = "编号 知识编号 知识ID 问题编号 问题ID FAQ编号 id faq_id"
_START = "开始时间 开始日期 起始时间 起始日期 生效日期 活动开始时间 上线时间"
_END = "结束时间 结束日期 截止时间 截止日期 失效日期 到期时间 活动结束时间 下线时间"
_FAQ = (
    _field("key", "编号", _ENTRY_KEY),
    _field(
        "question",
        "标准问题",
        "问题 客户问题 常见问题 问 标准问 标准问法 买家问题 顾客问题 用户问题 咨询问题 问题标题 知识标题 提问 问法"
        " 买家问 顾客问 客户问 买家常问"
        " question q",
        required=True,
    ),
    _field(
        "phrasing",
        "相似问",
        "相似问法 相似问题 相似说法 其他问法 其它问法 扩展问 扩展问法 类似问 类似问题 类似问法 常见问法"
        " 同义问 同义问法 客户可能的问法 可能的问法"
        " 关联问法 客户问法 similar",
        repeats=True,
    ),
    _field("negative", "反例", "反例问法 反例问题 负例 排除问法 不适用问法", repeats=True),
    _field(
        "answer",
        "答复",
        "答案 回复 标准回复 标准答案 标准话术 话术 回复内容 回复话术 参考话术 答复内容 客服回复 客服答 客服回答"
        " 怎么答 回答 解答 答 answer a",
        required=True,
        repeats=True,
    ),
    _field("scene", "场景", "阶段 环节 服务阶段 咨询阶段"),
    _field("category", "分类", "类目 类别 问题分类 问题类型 知识分类 目录 模块 category"),
    _field("shortcut", "快捷编码", "快捷码 快捷键"),
    _field("platform", "平台", "适用平台 渠道 适用渠道 所属平台 店铺平台 电商平台 销售平台 platform"),
    # Not 商品名称: a sheet that is sorted by products says for which one a question is typical, not where alone it holds.
    _field(
        "products",
        "适用商品",
        "适用产品 适用宝贝 适用款号 适用货号 关联商品 商品编号 商品编码 商品ID 宝贝ID 款号 货号 item_id",
        repeats=True,
    ),
    _field(
        "order_state",
        "适用订单状态",
        "订单状态 适用状态 订单阶段 适用订单阶段 适用物流状态 物流状态 发货状态 order_status",
    ),
    _field("start", "生效时间", _START),
    _field("end", "失效时间", _END),
    _field("valid", "有效期", "有效时间 有效期限"),
)
_PHRASE = (
    _field("key", "快捷短语编码", "快捷编码 短语编码 快捷键 快捷码 编码 代码"),
    _field("phrase", "快捷短语", "快捷短语内容 短语 短语内容 话术 话术内容 常用语 快捷回复 快捷用语", required=True),
    _field("group", "快捷短语分组", "短语分组 话术分组 分组 分组名称 组别 分类 类别"),
)
_NOTICE = (
    _field("key", "编号", "通知编号 公告编号 活动编号 id"),
    _field("title", "标题", "通知标题 公告标题 活动标题 活动名称 通知名称 公告名称 主题 title", required=True),
    _field("content", "内容", "通知内容 公告内容 活动内容 正文 活动说明 活动规则 详细内容 content", required=True),
    _field("start", "生效时间", _START),
    _field("end", "失效时间", _END),
    _field("valid", "有效期", "有效时间 有效期限 活动时间"),
    _field("must_read", "是否必读", "必读"),
    _field("category", "类型", "通知类型 公告类型 活动类型 分类 类别"),
)

_ORDER = (
    _field(
        "order",
        "订单编号",
        "订单号 主订单编号 主订单号 平台订单号 线上订单号 原始订单号 交易单号 交易编号 订单ID order_id order_no order_sn",
        required=True,
    ),
    _field(
        "product", "商品编号", "商品编码 商品ID 宝贝ID 货号 款号 款式编码 货品编号 商品货号 商品款号 product_id item_id"
    ),
    _field("sku", "规格编码", "SKU SKU编码 SKUID SKU_ID 商家编码 规格商家编码 外部系统编号 单品编码 样式ID sku_id"),
    _field(
        "name",
        "商品名称",
        "宝贝标题 商品标题 宝贝名称 货品名称 商品名 产品名称 品名 标题 商品 goods_name product_name",
        required=True,
        instead="product sku",
    ),
    _field("quantity", "数量", "宝贝数量 商品数量 购买数量 件数 商品数量(件) 订购数量 quantity num qty"),
    _field(
        "at",
        "下单时间",
        "订单创建时间 创建时间 拍下时间 订单成交时间 付款时间 订单付款时间 支付时间 order_time created",
    ),
    _field("status", "订单状态", "交易状态 状态 order_status status"),
    _field("refund", "退款状态", "售后状态 退货状态 售后情况 退款情况 refund_status"),
)
_OFFER = (
    _field("key", "规则编号", "编号 序号编码 规则ID 搭配编号 id"),
    _field("way", "方式", "加购方式 推荐方式 规则类型 加购类型 搭配类型 搭配方式 类型 活动类型"),
    _field(
        "products",
        "买家在看的商品",
        "主商品 主推商品 主款 主品 触发商品 适用商品 购买商品 商品编号 主商品编号 买家在看 商品 主推款 适用主品",
        repeats=True,
    ),
    _field(
        "partner",
        "推荐商品",
        "搭配商品 加购商品 关联商品 换购商品 赠送商品 推荐款 副商品 连带商品 推荐商品编号 搭配商品编号 加购商品编号 搭配款 推荐加购",
        required=True,
        instead="threshold",
    ),
    _field("text", "推荐话术", "搭配话术 加购话术 参考话术 推荐语 话术 客服话术 凑单话术"),
    _field("why", "推荐理由", "搭配理由 理由 原因 推荐原因 加购理由"),
    _field("threshold", "满多少元", "满减门槛 门槛 凑单门槛 门槛金额 满额 满 使用门槛 满赠门槛 换购门槛 满(元)"),
    _field("cut", "减多少元", "满减金额 立减 优惠金额 减免金额 立减金额 减 减(元)"),
    _field("price", "换购价", "加购价 搭配价 加价购价格 优惠价 换购价格"),
    _field("in_stock", "推荐商品库存", "库存 是否有货 有货 可推荐 推荐库存"),
    _field("floor", "最低成交价", "底价 最低售价 保本价 底线价 最低价"),
    _field("cost", "成本价", "成本 进货价 采购价 商品成本"),
    _field("margin", "最低毛利率", "毛利底线 毛利率底线 毛利率下限 最低毛利"),
    _field(
        "refuse",
        "不适用人群",
        "禁用人群 禁忌人群 慎用人群 不适合人群 禁忌 限制人群 限制词 年龄限制 不适用情况",
        repeats=True,
    ),
    _field("stages", "阶段", "适用阶段 推荐阶段 推荐时机 时机 适用场景 场景"),
    _field("active", "是否启用", "启用 状态 是否有效 规则状态"),
    _field("start", "生效时间", _START),
    _field("end", "失效时间", _END),
    _field("valid", "有效期", "有效时间 有效期限 活动时间"),
)
_CHAT = (
    _field(
        "session", "会话", "会话ID 会话编号 会话号 对话 对话ID 对话编号 咨询编号 session session_id conversation_id"
    ),
    _field("time", "时间", "发送时间 消息时间 聊天时间 发言时间 time timestamp created_at"),
    _field(
        "sender",
        "发送者",
        "发送人 发送方 发言人 说话人 昵称 发送者昵称 旺旺 旺旺昵称 sender from nickname",
        required=True,
    ),
    _field("role", "角色", "身份 发送者角色 发送者身份 发送者类型 发送方类型 消息来源 role speaker sender_type"),
    _field("buyer", "客户", "买家 顾客 客户昵称 买家昵称 顾客昵称 客户ID 买家ID 买家旺旺 customer buyer"),
    _field("text", "内容", "消息 消息内容 聊天内容 聊天记录 对话内容 发送内容 message content text", required=True),
)

FIELDS: dict[SheetKind, tuple[Field, ...]] = {
    SheetKind.FAQ: _FAQ,
    SheetKind.NOTICE: _NOTICE,
    SheetKind.PHRASE: _PHRASE,
    SheetKind.PRODUCT: _PRODUCT,
    SheetKind.HANDOVER: (),  # a form, not a table: its labels stand in `ingest.columns.labels`
    SheetKind.ORDER: _ORDER,
    SheetKind.OFFER: _OFFER,
    SheetKind.CHAT: _CHAT,
}

# Columns for people, not for answers; left out without a word.
SKIPPED = _words(
    "首图 主图 图片 商品图 商品图片 主图链接 图片链接 图片地址 缩略图 详情图 image img 备注 内部备注 序号 no no."
)

# A header holding one of these is never read: neither into the store nor into a message.
SECRET_WORDS = _words(
    "密码 口令 账号 帐号 账户名 登录名 登陆名 用户名 密钥 密保 验证码 授权码 动态码 password passwd pwd secret token cookie"
)

# A header with one of these makes a sheet an order list, whatever else it looks like: it is about buyers.
ORDER_HEADERS = tuple(alias for alias in _ORDER[0].aliases)
# Enough only where the rows below are clearly baskets, or where a person says so: an id names anything.
BASKET_IDS = _words("id no 编号 单号 流水号 小票号 交易号 tid transaction transaction_id invoice invoiceno member")
BASKET_ITEMS = _words("goods item items 商品 宝贝 货品 产品 品名 商品名称 product description")
# Columns of an order list that say who bought. Named in the report, never read.
BUYER_WORDS = _words(
    "买家 收货 收件 会员名 昵称 姓名 电话 手机 地址 邮编 身份证 邮箱 留言 旺旺 用户名 用户id 联系 支付宝 抬头 税号"
    " buyer receiver phone mobile address email"
)
