"""What merchants call the columns that answer buyers: read by the importer to name a fact, and by kb/facts to find it again.

Each is our own word and then the others, separated by spaces. Data only.
"""

BRAND = "品牌 品牌名 品牌名称 brand"
MODEL = "型号 产品型号 商品型号 model"
COLOUR = "颜色 颜色分类 色号 花色 配色 color colour"
SIZE = "尺码 码数 鞋码 号型 size"
SPEC = "规格 颜色/规格 规格/颜色 颜色规格 颜色尺码 规格名称 销售规格 SKU名称 SKU规格 销售属性 规格属性 规格型号 净含量"
PRICE = "价格 售价 单价 日常价 到手价 现价 销售价 销售价格 零售价 一口价 活动价 券后价 拼单价 商品价格 基本售价 price"
STOCK = "库存 现货库存 库存数量 库存量 可售库存 可用库存 商品库存 可用数 现货 stock"

# What answers a question about a product, by the code under which kb/facts asks for it.
ATTRIBUTES = {
    "price": PRICE,
    "stock": STOCK,
    "colour": f"{COLOUR} 颜色/规格 规格/颜色 颜色规格",
    "size": SIZE,
    "fit_weight": "建议体重 适合体重 推荐体重 参考体重 适穿体重",
    "weight": "重量 净重 毛重 单重 裸重 商品重量 产品重量 机身重量 weight",
    "surface_weight": "克重 面料克重",
    "opened_life": "开封后保质期 开封保质期 开封后使用期限 开盖后保质期",
    "made_on": "生产日期 出厂日期",
    "shelf_life": "保质期 保质期限 有效期 赏味期",
    "content": "净含量 容量 含量 包装规格 数量 片数 支数 件数 包数 规格",
    "spec": SPEC,
    "capacity": "容量 电池容量 存储容量 内存 机身内存 运行内存",
    "power": "功率 额定功率 输出功率 最大功率 充电功率",
    "voltage": "电压 额定电压 输入电压",
    "endurance": "续航 续航时间 电池续航 使用时长 播放时长",
    "plug": "接口 接口类型 充电接口 插口",
    "protocol": "充电协议 快充协议 协议",
    "fits": "兼容机型 适用机型 适配机型 支持机型 适用型号 兼容设备",
    "cable": "线长 线缆长度",
    "with_cable": "是否带线 带线",
    "certificate": "3c认证 认证",
    "model": MODEL,
    "brand": BRAND,
    "lining": "里料 里衬 内衬 里布",
    "material": "材质 面料 面料成分 面料材质 材料 成分 主面料 主要成分 核心成分 全成分 配料 配料表 原料 填充物",
    "stretch": "弹性 弹力",
    "thickness": "厚薄 厚度",
    "cut": "版型",
    "collar": "领型",
    "sleeve": "袖长 袖型",
    "season": "适用季节 季节",
    "washing": "洗涤方式 洗涤说明 洗护 洗护方式 洗护说明 清洗方式",
    "usage": "使用方法 用法 食用方法",
    "skin": "适用肤质 适合肤质 肤质",
    "effect": "功效 功能 作用",
    "texture": "质地",
    "scent": "香味 味道 香型 气味",
    "alcohol": "是否含酒精 含酒精 酒精",
    "pregnancy": "孕妇可用 孕妇是否可用",
    "waterproof": "防水 是否防水 防水等级",
    "sun": "spf/pa spf 防晒指数 防晒值",
    "filing": "备案号 备案号/注册证号 注册证号 批准文号",
    "safety": "安全类别 安全技术类别",
    "ages": "适用年龄 适合年龄",
    "origin": "产地 原产地 生产地 制造地 原料产地",
    "warranty": "质保 保修 质保期 保修期 保修期限",
    "length": "长度 裙长 裤长 衣长",
    "existence": "",
    "dimensions": "尺寸 产品尺寸 商品尺寸 外形尺寸 规格尺寸",
}

# Many facts in one cell (材质:棉；重量:200g), and what a shop praises: said by people, never stated as a measured value.
PARAMETERS = (
    "参数 属性 规格参数 商品属性 商品参数 产品参数 产品属性 技术参数 主要参数 详细参数 基本参数 属性参数 参数信息 属性信息"
    " 商品参数信息 其他属性 其它属性 其他参数"
)
POINTS = "卖点 亮点 商品卖点 产品卖点 核心卖点 主要卖点 卖点提炼 卖点描述 商品亮点 产品亮点 推荐理由 推荐语 种草文案 selling_point"
# What a size table measures: of a body or of a garment.
MEASURES = (
    "胸围 腰围 臀围 肩宽 袖长 袖口 衣长 前衣长 后衣长 裤长 裙长 下摆 下摆围 领围 大腿围 小腿围 脚口 裤口 裆长 前裆 后裆 浪长"
    " 腰长 通袖长 袖肥 袖围 臂围 脚长 内长 鞋长 鞋宽 脚围 筒高 筒围 跟高 身高 体重 建议身高 建议体重 适合身高 适合体重 推荐身高"
    " 推荐体重 参考身高 参考体重 适穿身高 适穿体重 上胸围 下胸围 杯型 帽围 头围 手围 指围 床宽 床长 背长 颈围"
)
