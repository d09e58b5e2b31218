"""Headers as merchants of five trades write them: over one to three rows, with units, remarks and group headings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.draft import SheetDraft
from ingest.drafting import draft_sheets
from ingest.sheet import Sheet, make_row


def sheet(*lines: str) -> Sheet:
    """A sheet from lines with cells between bars."""
    rows = [make_row(i, line.split("|")) for i, line in enumerate(lines, start=1)]
    return Sheet("商品", tuple(row for row in rows if row))


def draft(*lines: str) -> SheetDraft:
    return draft_sheets("商品.xlsx", [sheet(*lines)], None)[0]


def read(*lines: str) -> tuple[int, list[str]]:
    """The header row, and each column as its field, else = and what its facts are called."""
    found = draft(*lines)
    return found.header_row, [c.field or (f"={c.header}" if c.use == "fact" else str(c.use)) for c in found.columns]


# (lines of the header, last row of it, columns in short)
HEADERS = [
    # 女装
    (["款号|商品名称|规格||价格", "||颜色|尺码|"], 2, "key name colour size price"),
    (["款号|商品名称|规格||价格|", "||颜色|尺码|日常价|活动价"], 2, "key name colour size price =活动价"),
    (["26秋冬上新", "货号|品名|销售属性||吊牌价|面料", "||颜色|尺码||"], 3, "key name colour size =吊牌价 =面料"),
    (["款号|品名|面料||领型", "||成分|克重|"], 2, "key name =面料_成分 =面料_克重 =领型"),
    (["款号|款式名称|尺寸|||建议体重", "||胸围(cm)|衣长(cm)|袖长(cm)|斤"], 0, ""),
    (["款号|款式名称|胸围|衣长|建议体重", "||cm|cm|斤"], 2, "key name =胸围(cm) =衣长(cm) =建议体重(斤)"),
    (["宝贝ID|宝贝标题|颜色分类|尺码|一口价|可售库存"], 1, "key name colour size price stock"),
    (["款号*|品名（必填）|色号|码数|零售价（元）|卖点"], 1, "key name colour size price points"),
    (["商品货号|货品名称|花色|号型|现价|推荐理由"], 1, "key name colour size price points"),
    (["款号|商品名称|上衣||裤子|", "||衣长|胸围|裤长|腰围"], 2, "key name =上衣_衣长 =上衣_胸围 =裤子_裤长 =裤子_腰围"),
    (["款号|商品名称|里料|面料成分|洗涤方式|适用季节|版型"], 1, "key name =里料 =面料成分 =洗涤方式 =适用季节 =版型"),
    (["序号|款号|品名|颜色|尺码|到手价|现货"], 1, "skip key name colour size price stock"),
    (["款号|品名|规格|规格|价格", "款号|品名|颜色|尺码|价格"], 2, "key name colour size price"),
    # 食品
    (["商品编码|商品名称|净含量/g|保质期/天|产地"], 1, "key name spec =保质期/天 =产地"),
    (["商品编码|品名|规格|保质期|储存方式", "|||天|"], 2, "key name spec =保质期(天) =储存方式"),
    (["编码|商品名称|包装||价格", "||规格|箱规|"], 0, ""),
    (["产品编码|产品名称|配料表|过敏原提示|贮存条件|食用方法"], 1, "key name =配料表 =过敏原提示 =贮存条件 =食用方法"),
    (["产品ID|产品名|口味|净含量|单价（元）|产品亮点"], 1, "key name =口味 spec price points"),
    (["货品编号|货品名称|重量|重量|保质期", "||净重|毛重|"], 2, "key name =重量_净重 =重量_毛重 =保质期"),
    (["商品ID|标题|类目|配料|营养成分||", "||||能量|蛋白质|脂肪"], 2,
     "key name category =配料 =营养成分_能量 =营养成分_蛋白质 =营养成分_脂肪"),
    (["SPU|品名|甜度|酸度|保存温度(℃)|单果重（g）"], 1, "key name =甜度 =酸度 =保存温度(℃) =单果重（g）"),
    (["编号：|名称|"], 0, ""),
    (["商品代码|商品名|生产日期|保质期（单位：天）|售价/元"], 1, "key name =生产日期 =保质期（单位：天） price"),
    # 3C
    (["型号|商品名称|接口|功率(W)|规格参数|日常价"], 1, "model name =接口 =功率(W) params price"),
    (["商品编号|品名|充电参数||线材|", "||功率|协议|线长|是否带线"], 2,
     "key name =充电参数_功率 =充电参数_协议 =线材_线长 =线材_是否带线"),
    (["商品编号|品名|基本参数||电池||售价", "||重量|尺寸|容量|续航|", "||g|mm|mAh|小时|元"], 3,
     "key name =重量(g) =尺寸(mm) =电池_容量(mAh) =电池_续航(小时) price"),
    (["SKU编码|商品名|型号|颜色/规格|库存数量|质保期"], 1, "sku name model spec stock =质保期"),
    (["商品ID|名称/标题|技术参数|商品属性"], 0, ""),
    (["商品ID|商品标题|技术参数|商品属性|核心卖点"], 1, "key name params params points"),
    (["spu|title|brand|model|price|stock"], 1, "key name brand model price stock"),
    (["商品ID|商品名称|输入||输出|", "||电压|电流|电压|电流"], 2, "key name =输入_电压 =输入_电流 =输出_电压 =输出_电流"),
    (["商品ID|商品名称|国内||海外|", "||价格|库存|价格|库存"], 2, "key name =国内_价格 =国内_库存 =海外_价格 =海外_库存"),
    (["item_id|product_name|兼容机型|线缆长度 m|color"], 1, "key name =兼容机型 =线缆长度_m colour"),
    (["商品ID|商品名称|屏幕（英寸）|内存_GB|电池容量【mAh】"], 1, "key name =屏幕（英寸） =内存_GB =电池容量【mAh】"),
    # 美妆
    (["产品编号|产品名称|规格||备案号|卖点1|卖点2", "||净含量|价格|||"], 2, "key name spec price =备案号 points points"),
    (["产品编号|品名|适用肤质|核心成分|功效|使用方法|孕妇可用"], 1,
     "key name =适用肤质 =核心成分 =功效 =使用方法 =孕妇可用"),
    (["品牌名|产品名|色号|质地|容量（ml）|券后价"], 1, "brand name colour =质地 =容量（ml） price"),
    (["ID|品名|开封后保质期|保质期|香型|产品卖点"], 1, "key name =开封后保质期 =保质期 =香型 points"),
    (["美妆商品资料|运营部：小李|2026-10-01", "编号|商品编号|商品名称|防晒指数|PA值"], 2, "=编号 key name =防晒指数 =PA值"),
    (["商品ID|商品名称|成分||功效||", "||主要|禁忌|主打|次要|宣称依据"], 0, ""),
    (["商品编号|品名|价格||价格说明", "||日常|大促|"], 2, "key name =价格_日常 =价格_大促 =价格说明"),
    (["商品编号|品名|套装内容|赠品|容量|容量", "||||正装|小样"], 2, "key name =套装内容 =赠品 =容量_正装 =容量_小样"),
    (["商品编号|品名|肤质|用量|净含量", "||||ml"], 2, "key name =肤质 =用量 spec"),
    # 家居
    (["商品编码|商品名称|材质|外形尺寸|||承重", "|||长|宽|高|", "|||cm|cm|cm|kg"], 3,
     "key name =材质 =外形尺寸_长(cm) =外形尺寸_宽(cm) =外形尺寸_高(cm) =承重(kg)"),
    (["商品编码|商品名称|产品尺寸|||颜色", "||长度|宽度|高度|"], 2, "key name =长度 =宽度 =高度 colour"),
    (["家具报价单（以此为准）", "", "商品编码|商品名称|材质|安装方式|尺寸(cm)|一口价"], 3,
     "key name =材质 =安装方式 =尺寸(cm) price"),
    (["货号|品名|填充物|面料|规格|拼单价"], 1, "key name =填充物 =面料 spec price"),
    (["货号|品名|参数信息|其他属性|商品亮点"], 1, "key name params params points"),
    (["货号|品名|床品尺寸|||枕套", "||被套|床单|被芯|"], 2, "key name =床品尺寸_被套 =床品尺寸_床单 =床品尺寸_被芯 =枕套"),
    (["商品信息||价格|", "商品编号|商品名称|日常价|活动价"], 2, "key name price =活动价"),
    (["商品||价格|", "编号|名称|面价|底价"], 2, "key name =价格_面价 =价格_底价"),
    (["货号|品名|重量|容量", "||(kg)|(L)"], 2, "key name =重量(kg) =容量(L)"),
    (["货号|品名|安装||质保", "||方式|费用|"], 2, "key name =安装_方式 =安装_费用 =质保"),
    (["货号|品名|后台账号||备注", "||用户|密码|"], 2, "key name secret secret skip"),
    # 问答, 短语, 通知
    (["编号|问法||答案|", "|标准问题|相似问法|售前话术|售后话术"], 2, "key question phrasing answer answer"),
    (["知识编号|问题||有效期||答复", "|标准问题|相似问|开始时间|结束时间|"], 2, "key question phrasing start end answer"),
    (["常见问题汇总", "ID|买家问|客服答|场景"], 2, "key question answer scene"),
    (["问|答"], 1, "question answer"),
    (["快捷短语编码|快捷短语|快捷短语分组"], 1, "key phrase group"),
    (["短语编码|话术内容|话术分组"], 1, "key phrase group"),
    (["通知标题|通知内容|有效期||是否必读", "||开始时间|结束时间|"], 2, "title content start end must_read"),
    (["活动名称|活动规则|活动时间|活动类型"], 1, "title content valid category"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "row", "columns"), [each for each in HEADERS if each[1]])
def test_a_header_is_understood_as_it_was_meant(lines: list[str], row: int, columns: str) -> None:
    expected = [each.replace("_", " ") if each.startswith("=") else each for each in columns.split()]
    expected = [each.replace("内存 GB", "内存_GB") for each in expected]
    found_row, found = read(*lines, "|".join(f"值{i}" for i in range(len(expected))))
    assert (found_row, found) == (row, expected)


def test_there_are_enough_of_them() -> None:
    assert len([each for each in HEADERS if each[1]]) >= 57


@pytest.mark.parametrize(
    "lines",
    [
        ["款号|商品名称|规格||价格", "K1|衬衫|白|M|129"],
        ["款号|商品名称|颜色|尺码|价格", "K1|衬衫|白|M|129", "||黑|M|129"],
        ["款号|商品名称||价格", "K1|衬衫|纯棉|129"],
        ["商品名称|规格||价格", "|白|M|129"],
        ["商品名称|颜色|尺码|备注|价格", "衬衫|白|M||129"],
    ],
)
def test_a_row_of_data_is_no_second_header_row(lines: list[str]) -> None:
    assert draft(*lines).header_row == 1


def test_rows_with_a_gap_between_them_are_not_one_header() -> None:
    assert draft("款号|商品名称|规格||价格", "", "||颜色|尺码|", "K1|衬衫|白|M|9").header_row == 1


def test_units_of_a_row_of_their_own_belong_to_the_facts() -> None:
    (product,) = draft("款号|商品名称|重量|容量", "||g|ml", "K1|杯|200|0.5L").products
    assert [(f.name, f.value, f.unit) for f in product.facts] == [("重量", "200", "g"), ("容量", "0.5", "L")]


def test_a_span_takes_the_unit_of_its_header() -> None:
    (product,) = draft("款号|商品名称|建议体重(斤)", "K1|裙|90-105").products
    assert [(f.value, f.unit) for f in product.facts] == [("90-105", "斤")]


COLUMNS = ["款号", "商品名称", "颜色", "尺码", "价格", "面料", "重量(g)", "参数"]
LINES = [
    ["K1", "衬衫", "白", "S", "9", "棉", "200", "产地:江苏；领型:圆领"],
    ["K1", "衬衫", "白", "M", "9", "棉", "210", "产地:江苏；领型:圆领"],
    ["K2", "裙", "黑", "M", "19", "麻", "", "产地:浙江"],
]


def said(*lines: str) -> list[tuple[str, str]]:
    return sorted((p.key, p.row_hash) for p in draft(*lines).products)


PLAIN = said(*("|".join(line) for line in [COLUMNS, *LINES]))


@given(st.permutations(range(len(COLUMNS))), st.permutations(LINES))
def test_moved_columns_and_rows_say_the_same(order: list[int], lines: list[list[str]]) -> None:
    grid = [[line[i] for i in order] for line in [COLUMNS, *lines]]
    assert said(*("|".join(line) for line in grid)) == PLAIN


@settings(max_examples=50)
@given(st.sets(st.sampled_from(["规格", "重量"])), st.booleans())
def test_a_header_split_over_rows_says_the_same(split: set[str], title: bool) -> None:
    upper, lower = COLUMNS.copy(), [""] * len(COLUMNS)
    if "规格" in split:
        upper[2:4], lower[2:4] = ["规格", ""], COLUMNS[2:4]
    if "重量" in split:
        upper[6], lower[6] = "重量", "g"
    grid = [upper, lower] if split else [upper]
    if len(split) == 2:
        grid = [upper, [*lower[:6], "", ""], ["", "", "", "", "", "", "g", ""]]
    lines = ["|".join(line) for line in [*grid, *LINES]]
    assert said(*(["商品资料总表"] if title else []), *lines) == PLAIN
