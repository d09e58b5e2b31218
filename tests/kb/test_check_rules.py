"""What may not be said, in the disguises that people use, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.check.finding import Concern, Severity, in_order
from kb.check.pack import Pack, breaches, shipped
from kb.check.view import View
from kb.check.weigh import objections
from kb.errors import Invalid


def said_wrong(text: str, category: str = "") -> dict[str, str]:
    """The parts of a text that the shipped packs object to, by concern."""
    found = in_order(breaches(View(text), shipped(), "", category))
    return {str(one.concern): text[one.start : one.end] for one in found}


CONTACT = """
加V信聊 | 薇❤：abc12345 | 加❤详聊 | 徽信同号 | 加薇了解 | 加 微 领券 | 加v: shop2026 | ＶＸ：ａｂｃ１２３ | v❤
| 微❤️号 | 加威信 | 加卫星聊 | 加围信 | jia wei xin | 加个微 | +V发您图 | ➕薇 | 加我v信 | weixin联系
| WeChat找我 | wx号发您 | 加wx | vx同号 | 亻言加微亻言 | 微\u200b信联系 | 微.信 | 微 信 号 | 加QQ
| 扣扣号12345 | q裙有优惠 | 进裙领券 | 加Q群 | 企鹅号发我 | 加扣 | 叩叩联系 | 福利群里更便宜
| 打①③⑧零零一三八零零零 | 电话壹叁捌零零壹叁捌零零零 | 手机一三八 零零一三 八零零零 | 联系13800138000
| 私下转账便宜十块 | 线下交易给您优惠 | 扫码加店长 | 来抖音搜我们 | 去淘宝店下单更便宜
| 扫描包裹里的二维码领红包 | 加店长v | 私聊我拿内部价 | 朋友圈有更多优惠 | 看这个 www.abc-shop.com 下单
| 绿泡泡联系 | v我发您 | 徵信发您 | 薇信 | 支付宝转我就行 | 加客服微信 | 加一下微 | ⓥⓧ联系 | 🐧号私发您
| 公众号搜我们店名 | 留个微
"""
ABSOLUTE = """
这是全网最好的面霜 | 全网最低价 | 销量第一 | 行业第一品牌 | 国家级品质 | 世界级工艺 | 顶级面料 | 独一无二
| 史无前例的优惠 | 绝无仅有 | 最优质的服务 | 最便宜 | 最先进的技术 | 最柔软的羊绒 | 全国首家
| 天花板级别的充电器 | 极致享受 | 遥遥领先同行 | 蕞好用的 | 朂低价 | NO.1品牌 | no１ | TOP1热销 | 质量最好
| 万能的 | 史上最低 | 最 好 的 | 最*低*价 | 最受欢迎的一款 | 全网独家 | 王牌产品 | 驰名商标 | 今年最低价了
| 冠军单品 | 领导品牌 | 没有比我们更便宜的了 | 唯一正品 | 第一名的面膜 | 苐一品牌 | zui好 | 最舒服的内衣
| 全网销冠 | 100%最安全
"""
PROMISE = """
绝对不会坏 | 保证明天到 | 好评返现 | 肯定能到 | 一定明天送到 | 百分百不过敏 | 保证不掉色 | 绝不起球 | 永久质保
| 终身免费维修 | 无效退款 | 好评截图返5元 | 五星好评送红包 | 晒图领3元 | 包您满意 | 保证有效 | 三天见效
| 绝对安全 | 充电宝一定能上飞机 | 今天拍明天必到 | 保证三天内送达 | 周五前肯定收到 | 用坏包换 | 绝对正常
| 给好评给您返现金 | 删差评给您补10元 | 永不褪色 | 保证不降价 | 肯定合身 | 百分之百不缩水 | 无条件退换
| 保 证 不 坏 | 好.评.返.现 | 一辈子都不会坏 | 打包票明天能到 | 绝对没有问题 | 随便用多久都可以退
| 写好评领取红包 | 好坪返现
"""
MEDICAL = """
能治疗湿疹 | 消炎祛痘 | 无副作用 | 根治脚气 | 减肥瘦身 | 降血压 | 改善睡眠 | 增强免疫力 | 祛斑效果好
| 药妆级别 | 医美级修护 | 缓解颈椎病 | 排毒养颜 | 活血化瘀 | 防脱生发 | 祛疤 | 促进血液循环 | 抗癌 | 丰胸
| 治好了很多人的痘痘 | 止痒消肿 | 医生推荐 | 补肾壮阳 | 临床验证有效 | 杀菌消炎 | 治 疗 失眠 | 疗效显著
"""
FINE = """
最晚48小时发出 | 最近的快递点 | 最新物流 | 最新款 | 最大尺码是XL | 第一次购买 | 第一时间为您处理 | 最好手洗
| 最好先试一下 | 最后一件了 | 最早明天发 | 最多可以买两件 | 最低水温 | 最高水温30度 | 最佳食用温度 | 最长1.5米
| QQ糖 | QQ弹弹的口感 | V领连衣裙 | 微波炉不能用 | 卫星电视 | 支持微信支付 | 支付宝微信都可以付款
| 请不要加微信交易，谨防诈骗 | 平台规定不能加微信哦 | 退款原路返回微信零钱 | 相信我们 | 加V领的那件 | 微弹面料
| 加微量元素 | 增加微循环面积 | 不能保证明天到 | 没办法承诺具体送达时间 | 不支持好评返现 | 我们不搞好评返现的
| 面料是100%棉 | 成分100%聚酯纤维 | 一定帮您催 | 我们一定尽快 | 肯定会帮您跟进的 | 质量有保证 | 正品保证
| 假一赔十 | 您放心 | 有一定的色差 | 本品不能代替药物治疗 | 建议咨询医生 | 孕期请咨询医生 | 敏感肌可以用
| 过敏可以退 | 凭医院诊断证明 | 不能治疗痘痘 | 显瘦 | 修身版型 | 保湿补水 | 第一件原价第二件半价
| 排在第一位的那个 | 第一步先清洁 | 唯一码在盒底 | 万能转换插头 | 7天无理由退换 | 运费险最高赔12元
| 最终以页面为准 | 最迟72小时 | 最合适您的尺码 | 最爱的颜色 | 一定要手洗 | 请一定先联系我们 | 必须拆封前
| 下单必看 | 每天用一次 | 淘宝群里有通知 | 手包 书包都有 | 红包可以抵扣 | 亲，包邮的 | 退货包运费
| 订单号 992611210027280000 | 收件人手机号13800138000对吗 | 备案号浙G妆网备字0000100101 | 充电到100%
| 请加购物车 | 加绒加厚 | 我们的极光色 | 绝对湿度 | 如有质量问题一定给您处理 | 保证收到时保质期还有18个月
| 好评我们都会看的 | 欢迎您如实评价 | 不含酒精和香精 | 裙子长度到脚踝 | 群青色 | 请提供开箱视频 | 最快今天发
| 发最近的仓库 | 相机最大支持512G | 请您最好连盒子一起寄回 | 第一批货 | 顶部有提手 | 领口最宽处 | 家用卫星锅
"""


def rows(table: str) -> list[str]:
    return [row.strip() for row in table.replace("\n", " ").split("|")]


@pytest.mark.parametrize(
    ("concern", "text"),
    [
        (concern, text)
        for concern, table in zip(
            ("contact", "absolute", "promise", "medical"), (CONTACT, ABSOLUTE, PROMISE, MEDICAL), strict=True
        )
        for text in rows(table)
    ],
)
def test_what_may_not_be_said_is_found_in_every_disguise(concern: str, text: str) -> None:
    assert concern in said_wrong(text), said_wrong(text)


@pytest.mark.parametrize("text", rows(FINE))
def test_what_only_looks_like_it_is_let_pass(text: str) -> None:
    assert said_wrong(text) == {}


# -- the packs themselves


def test_every_rule_says_what_is_wrong_what_to_say_and_where_it_is_written() -> None:
    packs = shipped()
    assert {pack.rules[0].concern for pack in packs} == {
        Concern.CONTACT, Concern.ABSOLUTE, Concern.PROMISE, Concern.MEDICAL,
    }  # fmt: skip
    for pack in packs:
        assert "《" in pack.source and len(pack.date) == len("2026-01-01")
        for rule in pack.rules:
            assert rule.why.endswith("。") and rule.advice and rule.severity in Severity
    ids = [rule.id for pack in packs for rule in pack.rules]
    assert len(ids) == len(set(ids))


PACK = 'kind = "promise"\ntitle = "试"\nsource = "《某法》"\ndate = 2026-01-01\n{more}\n[[rule]]\nid = "x"\nseverity = "warn"\nwhy = "错。"\nadvice = "改"\n{rule}'  # noqa: E501


def test_a_pack_is_for_its_platforms_and_categories() -> None:
    more = 'platforms = ["京东"]\ncategories = ["美妆"]\nnot_categories = ["药品"]'
    pack = Pack.load("试", PACK.format(more=more, rule='words = "包过"'))
    assert pack.applies("京东", "美妆护肤") and pack.applies("", "美妆护肤")
    assert not pack.applies("淘宝", "美妆护肤") and not pack.applies("京东", "食品")
    assert not pack.applies("京东", "美妆、药品")


RUNAWAYS = ['patterns = ["包.*过"]', 'patterns = ["包+过"]', 'patterns = ["包{2,}"]', "", 'patterns = ["("]']


@pytest.mark.parametrize("rule", [*RUNAWAYS, 'words = "包过"\nwithin = "loose"'])
def test_a_rule_that_could_run_away_or_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Invalid, match="试"):
        Pack.load("试", PACK.format(more="", rule=rule))


def test_an_exemption_covers_only_what_lies_within_it() -> None:
    pack = Pack.load("试", PACK.format(more="", rule='words = "包过"\nunless = ["卡包过期"]'))
    text = "卡包过期了，考试包过"
    assert [(f.start, f.end) for f in breaches(View(text), [pack], "", "")] == [(8, 10)]


def test_saying_that_one_leaves_the_platform_is_told_only_where_no_way_out_is_named() -> None:
    """One finding for one way out."""
    assert {f.rule for f in breaches(View("退差价不走平台，薇信给您"), shipped(), "", "")} == {"contact.wechat"}
    assert {f.rule for f in breaches(View("退差价不走平台"), shipped(), "", "")} == {
        "contact.not-here",
        "contact.off-platform",
    }


@pytest.mark.parametrize("filler", ["最", "加", "保证", "不", "1", "微 ", "绝对", "好评", "a-", "​", "❤️"])
def test_a_hostile_text_costs_no_more_than_its_length(filler: str) -> None:
    text = (filler * 10_000)[:10_000]
    assert cost(lambda: in_order(breaches(View(text), shipped(), "", ""))) < 0.5  # what backtracks takes hours


@given(st.text(max_size=60), st.sampled_from(rows(CONTACT + "|" + PROMISE)), st.text(max_size=60))
def test_spans_are_of_the_text_as_typed(before: str, wrong: str, after: str) -> None:
    text = before + wrong + after
    found = in_order(breaches(View(text), shipped(), "", ""))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert list(found) == sorted(found, key=lambda one: one.start)
    assert in_order(found) == found


@given(st.sampled_from(rows(ABSOLUTE)), st.sampled_from("\u200b\u00ad\u2060\ufe0f"), st.integers(0, 9))
def test_invisible_characters_hide_nothing(wrong: str, char: str, at: int) -> None:
    assert said_wrong(wrong[:at] + char + wrong[at:]).keys() == said_wrong(wrong).keys()


# -- what was learned beside the rules


def weighed(text: str) -> set[str]:
    return {str(one.concern) for one in in_order(objections(View(text), shipped(), "", ""))}


def test_what_was_learned_lets_no_rule_down_and_raises_few_alarms_of_its_own() -> None:
    """The lists above: everything that rules find there is still found, and of what is harmless one in fifty at most is told."""
    for concern, table in zip(
        ("contact", "absolute", "promise", "medical"), (CONTACT, ABSOLUTE, PROMISE, MEDICAL), strict=True
    ):
        assert [text for text in rows(table) if concern not in weighed(text)] == []
    assert len([text for text in rows(FINE) if weighed(text)]) * 50 <= len(rows(FINE))


def test_a_learned_finding_says_what_made_it_and_never_blocks() -> None:
    text = "外面说吧，老客有后门价"
    assert said_wrong(text) == {}  # no rule knows it
    (found,) = objections(View(text), shipped(), "", "")
    assert found.rule == "contact.learned" and found.severity is Severity.WARN
    assert "外面" in text[found.start : found.end] and "主要是“外面”" in found.why and found.advice


def test_an_exemption_that_was_written_down_stands_above_what_was_learned() -> None:
    pack = Pack.load("试", PACK.format(more="", rule='words = "保证不掉色"\nunless = ["保证不掉色测试"]'))
    assert [f.rule for f in objections(View("保证不掉色"), [pack], "", "")] == ["试.x"]
    assert list(objections(View("保证不掉色测试"), [pack], "", "")) == []


@given(st.text(max_size=60), st.sampled_from(rows(CONTACT + "|" + PROMISE)), st.text(max_size=60))
def test_learned_spans_are_of_the_text_as_typed(before: str, wrong: str, after: str) -> None:
    text = before + wrong + after
    found = list(objections(View(text), shipped(), "", ""))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert found == list(objections(View(text), shipped(), "", ""))
