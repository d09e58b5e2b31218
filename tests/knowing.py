"""Random knowledge for the laws of export: everything a store may hold that a sheet can hold."""

from __future__ import annotations

from hypothesis import strategies as st

from ingest.export import Knowledge
from ingest.sheet import safe
from kb.language.mask import mask
from kb.language.order_states import WORDS
from kb.language.text import fold
from kb.model import Answer, Condition, Entry, EntryKind, Fact, Phrasing, Polarity, Product, Sku, Status, Window

NASTY = [
    "怎么退；能退吗|可以退？",
    "1. 怎么退 2. 怎么换",
    "第一行\n第二行",
    "\n前面空一行",
    "末尾空格 ",
    "'=1+1",
    "''",
    "=SUM(A1)",
    "-10元",
    "＝x",
    "@客服",
    "007",
    "1E5",
    "同上",
    "/",
    "备注：不是备注",
    "合计",
    "长期有效",
    "售前-尺码",
    "「天猫」",
    "a、b，c;d",
    "TRUE",
    "2026-11-01",
    "【示例】不是示例",
    "知识",
    "标准问题",
    "答复",
    "行类型（问答表）",
    "a\r\nb",
    "a\x00b",
    "\ufeff",
    "100毫升",
    "重量【g】",
    "&lt;b&gt;",
    "🙂",
    "_x000D_",
]
RAW = st.one_of(st.sampled_from(NASTY), st.text(max_size=10), st.text(alphabet="退换货多少钱0'=-；\n|", max_size=8))
TEXT = RAW.map(safe)
SAID = TEXT.filter(lambda text: bool(text.strip()))
# What a trainer types and an import reads is masked and without white space around it.
ASKED = TEXT.map(lambda text: mask(text.strip()))
STATES = st.frozensets(st.sampled_from(list(WORDS)), max_size=3)
NAMES = st.frozensets(st.one_of(st.sampled_from(["天猫", "京东", "DY-001"]), TEXT), max_size=3)
CONDITIONS = st.builds(Condition, NAMES, NAMES, STATES)
MOMENTS = st.none() | st.integers(0, 253_402_271_999)
WINDOWS = st.builds(Window, MOMENTS, MOMENTS)
KEYS = st.one_of(st.sampled_from(["Q1", "Q2", "Q10", "007", "=1"]), SAID)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(EntryKind))
    question = draw(ASKED)
    numbered = draw(st.booleans())
    asks = draw(st.lists(st.builds(Phrasing, st.just(""), ASKED.filter(bool), st.sampled_from(Polarity)), max_size=5))
    return Entry(
        id="",
        key=draw(KEYS) if numbered else fold(question) or draw(KEYS),
        kind=kind,
        question=question,
        phrasings=tuple({(p.text, p.polarity): p for p in asks}.values()),
        answers=tuple(draw(st.lists(st.builds(Answer, st.just(""), SAID, CONDITIONS, WINDOWS), max_size=3))),
        scene=draw(TEXT),
        category=draw(TEXT),
        shortcut=draw(TEXT),
        status=draw(st.sampled_from(Status)),
        window=draw(WINDOWS),
        must_read=draw(st.booleans()),
        version=0,
    )  # fmt: skip


UNITS = st.sampled_from(["", "g", "ml", "元", "箱"])
FACT_NAMES = st.sampled_from(
    [
        "面料",
        "重量",
        "价格",
        "售价",
        "颜色",
        "颜色分类",
        "尺码",
        "库存",
        "品牌",
        "状态",
        "商品名称*",
        "=名",
        "备注",
        "重量【g】",
        "0",
    ]
)
VALUES = st.one_of(SAID, st.sampled_from(["129", "0.50", "１２", "约500", "100毫升", "39-59元", "¥9", "否"]))
FACTS = st.lists(st.builds(Fact, FACT_NAMES, VALUES, UNITS), max_size=5).map(tuple)


@st.composite
def products(draw: st.DrawFn) -> Product:
    name = draw(SAID)
    skus = draw(st.lists(st.builds(Sku, st.just(""), SAID, SAID, FACTS), max_size=3, unique_by=lambda sku: sku.key))
    return Product(
        id="",
        key=draw(KEYS) if draw(st.booleans()) else fold(name) or draw(KEYS),
        name=name,
        brand=draw(TEXT),
        category=draw(TEXT),
        model=draw(TEXT),
        facts=draw(FACTS),
        skus=tuple(skus),
        status=draw(st.sampled_from(Status)),
        version=0,
    )


KNOWLEDGE = st.builds(
    Knowledge,
    st.lists(entries(), max_size=5, unique_by=lambda e: (e.kind, e.key)),
    st.lists(products(), max_size=4, unique_by=lambda p: p.key),
    st.lists(st.builds(Fact, SAID, SAID, UNITS), max_size=3, unique_by=lambda f: f.name),
)
