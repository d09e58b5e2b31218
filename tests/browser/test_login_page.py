"""Getting in: by name and password, by the link of the demo, by a pasted key; what is told where something is wrong."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Route, expect

from browser.conftest import Keys
from browser.driving import People
from kb.store.folder import open_hub
from kb.store.grant import Role

GOOD, OTHER = "柳暗花明又一村路", "山重水复疑无路呀"


def test_link_logs_in_and_leaves_no_key_behind(people: People, keys: Keys) -> None:
    agent = people.visit(f"/login#key={keys.agent}")
    expect(agent["#shop-name"]).to_have_text("青萝女装")
    assert "hs_" not in agent.page.url
    assert agent.page.evaluate("() => document.activeElement.id") == "message"
    kept = agent.page.evaluate("() => JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert keys.agent not in kept
    agent.page.go_back(wait_until="commit")
    assert keys.agent not in agent.page.url


def test_link_to_the_trainer_page(people: People, keys: Keys) -> None:
    trainer = people.visit(f"/login#key={keys.trainer}&to=/trainer")
    expect(trainer["#entry-rows .row"].first).to_be_visible()
    assert trainer.page.url.split("?")[0].endswith("/trainer")


def test_pasted_key_logs_in(people: People, keys: Keys) -> None:
    agent = people.visit("/login")
    agent["#login-way"].click()
    assert agent.page.evaluate("() => document.activeElement.id") == "login-key"
    agent.paste(f"  {keys.agent}\n")
    agent.press("Enter")
    expect(agent["#shop-name"]).to_have_text("青萝女装")


def test_what_cannot_be_clicked_yet_does_not_look_as_if_it_could(people: People) -> None:
    agent, held = people.visit("/login"), list[Route]()
    agent.page.route("**/shared/login.js", lambda route: held.append(route))
    agent.page.reload(wait_until="commit")
    for button in ("#login-go", "#login-way", "#login-change"):
        expect(agent[button]).to_be_disabled()
    expect(agent["#login-say"]).to_have_text("正在打开…")
    agent["#login-password"].fill(GOOD)
    agent.press("Enter")
    while not held:
        agent.page.wait_for_timeout(20)
    held[0].continue_()
    agent["#login-way"].click()
    expect(agent["#login-key"]).to_be_focused()
    assert agent.page.url.endswith("/login")
    # Were it submitted without the script after all, what was typed would not stand in the address.
    assert agent["#login-form"].get_attribute("method") == "post"


def test_without_scripts_the_page_says_what_is_missing(chromium: Browser, people: People) -> None:
    agent = people.visit("/login")
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(agent.page.url)
        # Where there are scripts it is a text to the parser, and no paragraph.
        expect(page.locator("noscript p")).to_be_visible()


def test_key_pasted_where_the_name_belongs_logs_in_all_the_same(people: People, keys: Keys) -> None:
    agent = people.visit("/login")
    agent.paste(keys.agent)
    agent.press("Enter")
    expect(agent["#shop-name"]).to_have_text("青萝女装")


def test_name_and_password_log_in_with_the_keyboard_alone(people: People, data: Path) -> None:
    with open_hub(data) as hub:  # beside the service, as `huashu admin person add` does
        hub.people.add("王芳", GOOD, [Role.AGENT], ["qingluo"])
    agent = people.visit("/login")
    assert agent.page.evaluate("() => document.activeElement.id") == "login-name"
    agent.press("Enter")
    expect(agent["#login-say"]).to_have_text("请填写名字。")
    agent.paste("王芳")
    agent.press("Tab")
    agent.paste(OTHER)
    agent.press("Enter")
    agent.expect_complaint("401")
    expect(agent["#login-say"]).to_contain_text("名字或密码不对")
    agent["#login-password"].fill(GOOD)
    agent.press("Enter")
    expect(agent["#shop-name"]).to_have_text("青萝女装")
    kept = agent.page.evaluate("() => JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])")
    assert GOOD not in kept


def test_a_password_is_changed_on_the_login_page(people: People, data: Path) -> None:
    with open_hub(data) as hub:
        hub.people.add("李雷", GOOD, [Role.AGENT], ["qingluo"])
    agent = people.visit("/login")
    agent["#login-change"].click()
    for name, typed in (("name", "李雷"), ("password", GOOD), ("new", OTHER), ("again", GOOD)):
        agent[f"#login-{name}"].fill(typed)
    agent.press("Enter")
    expect(agent["#login-say"]).to_have_text("两遍新密码不一样。")
    agent["#login-again"].fill(OTHER)
    agent.press("Enter")
    expect(agent["#shop-name"]).to_have_text("青萝女装")
    with open_hub(data) as hub:
        assert hub.logins.with_password("李雷", OTHER)


def test_wrong_key_is_told_so(people: People, keys: Keys) -> None:
    wrong = "hs_" + "x" * 43
    agent = people.visit(f"/login#key={wrong}")
    agent.expect_complaint("401")
    expect(agent["#login-say"]).to_contain_text("密钥不对或已失效")
    assert wrong not in agent.page.url
    agent["#login-key"].fill(wrong)
    agent["#login-go"].click()
    expect(agent["#login-say"]).to_contain_text("密钥不对或已失效")
    agent["#login-key"].fill(keys.agent)
    agent.press("Enter")
    expect(agent["#shop-name"]).to_have_text("青萝女装")


def test_without_login_both_pages_lead_to_it_and_back(people: People, keys: Keys) -> None:
    trainer = people.visit("/trainer")
    trainer.expect_complaint("401")
    trainer.page.wait_for_url("**/login")
    trainer["#login-way"].click()
    trainer["#login-key"].fill(keys.trainer)
    trainer.press("Enter")
    expect(trainer["#shop-name"]).to_have_text("青萝女装")
    trainer["#logout"].click()
    trainer.page.wait_for_url("**/login")
    trainer.page.goto(f"{trainer.address}/")
    trainer.page.wait_for_url("**/login")


def test_agent_key_does_not_open_the_trainer_page(people: People, keys: Keys) -> None:
    agent = people.login(keys.agent, "/trainer")
    expect(agent["#denied"]).to_be_visible()
    expect(agent["#entry-rows .row"]).to_have_count(0)
    agent["#denied a"].click()
    expect(agent["#to-trainer"]).to_be_hidden()
