"""What merchants call the columns that answer buyers: read by the importer to name a fact, and by kb/facts to find it again.

Each is our own word and then the others, separated by spaces. Data only.
"""

BRAND = "品牌 品牌名 品牌名称 brand"
MODEL = "型号 产品型号 商品型号 model"
COLOUR = "颜色 颜色分类 色号 花色 配色 color colour"
SIZE = "尺码 码数 鞋码 号型 size"
SPEC = "规格 颜色/规格 规格/颜色 颜色规格 颜色尺码 规格名称 销售规格 SKU名称 SKU规格 销售属性 规格属性 规格型号 净含量"
PRICE = "价格 售价 单价 日常价 到手价 现价 销售价 销售价格 零售价 一口价 活动价 券后价 拼单价 商品价格 price"
STOCK = "库存 现货库存 库存数量 库存量 可售库存 可用库存 商品库存 现货 stock"
