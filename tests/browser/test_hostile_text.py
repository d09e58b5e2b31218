"""What a merchant or a buyer writes is text on every page: it never runs, asks nobody, and is copied as it is."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import NASTY_NAME, NASTY_PLATFORM, Keys
from browser.driving import People, Server, client, create_entry, csv_file

PAYLOADS = (
    "<script>alert(1)</script>",
    "<script src=https://evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://evil.example/pixel.png>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=javascript:alert(1)>点这里</a>",
    "<form action=https://evil.example><button>交</button></form>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css';*{display:none}</style>",
    "<template><img src=x onerror=alert(1)></template>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "${alert(1)}{{constructor.constructor('alert(1)')()}}",
    "&lt;img src=x onerror=alert(1)&gt;",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<x onclick=alert(1) style='position:fixed;inset:0'>x",
    "\u202e<script>alert(1)</script>",
    "{<img src=x onerror=alert(1)>}",
)


@pytest.fixture(scope="module")
def filled(running: Server, keys: Keys) -> Server:
    """Every payload as question, phrasing, category, scene, shortcut and answer; and as product, variant and fact."""
    running.start()
    with client(running.address, keys.nasty) as http:
        for i, payload in enumerate(PAYLOADS):
            create_entry(
                http,
                "nasty",
                question=f"题{i} {payload}",
                phrasings=[{"text": f"问{i} {payload}"}, {"text": f"反{i} {payload}", "polarity": "-"}],
                category=payload[:100],
                scene=payload[:100],
                shortcut=f"k{i}{payload}"[:100],
                answer=_answer(i),
            )
        _import_products(http)
    return running


def _answer(i: int) -> str:
    return f"答{i} {PAYLOADS[i]} 完"


def _import_products(http: httpx.Client) -> None:
    rows = [("商品编号", "商品名称", "品牌", "规格", "SKU编码", "价格", "成分说明")]
    rows += [
        (f"P{i}{payload}"[:60], f"货{i} {payload}", payload, f"款{i} {payload}", f"S{i}", "9.9", payload)
        for i, payload in enumerate(PAYLOADS)
    ]
    file = csv_file("<img src=x onerror=alert('file')>.csv", rows)
    reply = http.post(
        "/v1/imports",
        params={"shop": "nasty", "mode": "commit", "partial": "true", "sheet": "product"},
        files={"file": (file["name"], file["buffer"])},
    )
    assert reply.status_code == 200, reply.text
    assert reply.json()["committed"], reply.text


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 30


def test_on_the_agents_page(filled: Server, people: People, keys: Keys) -> None:
    agent = people.login(keys.nasty, shop="nasty")
    expect(agent["#shop-name"]).to_have_text(NASTY_NAME)
    expect(agent["#shop-platform"]).to_have_text(NASTY_PLATFORM)
    seen = set()
    for i, payload in enumerate(PAYLOADS):
        # The stock phrase of an entry is its exact question, so that it comes first whatever it is made of.
        agent.paste(f"题{i} {payload}")
        expect(agent["#answers-progress"]).not_to_have_class("progress on")
        expect(agent["#turns li"]).to_have_count(i + 1)
        seen |= set(agent["#hits .hit-text"].evaluate_all("nodes => nodes.map(node => node.textContent)"))
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("已复制")
    assert {_answer(i) for i in range(len(PAYLOADS))} <= seen, "each answer stood on the page, letter by letter"
    for word in ("货", "题", "k", "<img"):
        agent["#search"].fill(word)
        expect(agent["#search-list li"].first).to_be_visible()
    agent["#search"].fill("")
    agent.until_delivered()
    _nothing_but_ours(agent.page, "#hits, #goods, #turns, #search-list, #shop-bar")


def test_on_the_trainers_page(filled: Server, people: People, keys: Keys) -> None:
    trainer = people.login(keys.nasty, "/trainer", "nasty")
    expect(trainer["#entry-rows .row"]).to_have_count(len(PAYLOADS))
    for i in range(0, len(PAYLOADS), 4):
        row = trainer["#entry-rows .row-open"].nth(i)
        number = int(re.match(r"题(\d+) ", row.inner_text())[1])
        row.click()
        expect(trainer["#answers .a-text"]).to_have_value(_answer(number))
        expect(trainer["#f-question"]).to_have_value(re.compile(f"^题{number} "))
    trainer["#f-category"].fill("<b>粗</b>")
    trainer.press("Control+s")
    expect(trainer["#editor-said"]).to_contain_text("已保存")
    trainer["#tab-products"].click()
    expect(trainer["#product-rows .row"]).to_have_count(len(PAYLOADS))
    for i in range(0, len(PAYLOADS), 8):
        trainer["#product-rows .row-open"].nth(i).click()
    trainer["#tab-history"].click()
    expect(trainer["#history-rows"]).to_contain_text("onerror")
    trainer["#tab-import"].click()
    rows = [("标准问题", "答复", *PAYLOADS[:6])] + [(f"新{i} {p}", "" if i % 3 else p) for i, p in enumerate(PAYLOADS)]
    trainer["#import-file"].set_input_files(csv_file("</title><script>alert(1)</script>.csv", rows))
    expect(trainer["#report-verdict"]).to_be_visible()
    expect(trainer["#report"]).to_contain_text(PAYLOADS[0])
    _nothing_but_ours(trainer.page, "#desk")


def test_in_what_a_trainer_has_to_decide(people: People, keys: Keys) -> None:
    """Both sides of a contradiction, a form's facts, a job, the list of files, the record and the question before undo."""
    trainer = people.login(keys.nasty, "/trainer", "decide")
    trainer["#tab-import"].click()
    answers = [
        (f"第{i}款几天发货", f"{i + 2}天内发货 {p}", f"第{i}款多久发货呀", f"{i + 5}天内发货 {p}")
        for i, p in enumerate(PAYLOADS)
    ]
    rows = [("标准问题", "答复"), *(row for a, b, c, d in answers for row in ((a, b), (c, d)))]
    form = [
        ("项目", "内容"),
        ("发货地", PAYLOADS[2]),
        ("合作快递", PAYLOADS[4]),
        ("发货时效", PAYLOADS[0]),
        ("退货地址", PAYLOADS[7]),
    ]
    name = "<img src=x onerror=alert('job')>.csv"
    trainer["#import-file"].set_input_files([csv_file(name, rows), csv_file("<svg onload=alert(1)>.csv", form)])
    expect(trainer["#decisions .side"].first).to_be_visible()
    trainer["#decisions > button"].click()
    assert PAYLOADS[-1] in trainer["#decisions"].inner_text()
    _nothing_but_ours(trainer.page, "#desk")
    trainer["#import-commit"].click()
    expect(trainer["#file-list li"].nth(1)).to_contain_text("请看预览")
    trainer["#import-commit"].click()
    expect(trainer["#files-title"]).to_contain_text("已导入 2 个")
    trainer["#tab-products"].click()
    trainer["#profile summary"].click()
    expect(trainer["#profile-rows"]).to_contain_text(PAYLOADS[4])
    trainer["#tab-history"].click()
    trainer["#history-rows tr"].filter(has_text="job").get_by_role("button").first.click()
    expect(trainer["#undo-title"]).to_contain_text("onerror")
    _nothing_but_ours(trainer.page, "#desk, #undo")


def _nothing_but_ours(page, where: str) -> None:
    """No element that text could have become: the pages themselves use none of these kinds inside data."""
    strange = page.evaluate(
        """where => [...document.querySelectorAll(where)].flatMap(box => [...box.querySelectorAll(
             'script, img, iframe, object, embed, video, audio, math, base, meta, link, style, marquee, x, animate')])
           .map(node => node.outerHTML)""",
        where,
    )
    assert strange == []
    handlers = page.evaluate(
        """() => [...document.querySelectorAll('*')].flatMap(node => [...node.attributes])
           .filter(a => a.name.startsWith('on') || /^javascript:/i.test(a.value)).map(a => a.name + '=' + a.value)
           .filter(text => !/^(title|aria-label|value|data-)/.test(text))"""
    )
    assert handlers == []
