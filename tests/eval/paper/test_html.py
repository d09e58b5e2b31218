"""The HTML form: one strict file that runs nothing and fetches nothing, whatever stands in its texts."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from eval.paper.html import to_html
from eval.paper.svg import inlined
from papers import a_paper

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"' & ]]> $x^2$ \x00 \ud83d"
EMPTY = {"meta", "br", "path", "use", "rect", "circle", "line"}


class Reader(HTMLParser):
    """Every tag with its attributes, and whether all that were opened were closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag


@pytest.mark.parametrize("text", ["一段话", HOSTILE])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_runs_nothing_and_fetches_nothing(text: str, lang: str) -> None:
    read = Reader(to_html(a_paper(text), lang))
    assert not read.open
    names = {name for name, _ in read.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "image", "foreignobject", "a", "form", "base"}
    for _, attributes in read.tags:
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "src")]
        assert (attributes.get("href") or "#").startswith("#")
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) > 10


def test_its_policy_allows_its_own_style_alone() -> None:
    page = to_html(a_paper())
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None and "url(" not in style[1]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_the_same_report_is_the_same_page_and_text_stays_text() -> None:
    page = to_html(a_paper("青罗服饰"))
    assert page == to_html(a_paper("青罗服饰"))
    assert re.search(r"<text[^>]*>青罗服饰</text>", page)
    assert "23.1%" in page and "[21.2, 25.0]" in page and "20,000" in page and "付款会话 ÷ 咨询会话" in page


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<path onload="x"/>',
        '<use href="https://example.com/a.svg#b"/>',
        '<path style="fill: url(https://example.com/a)"/>',
        '<path fill="url(//example.com#a)"/>',
        '<a href="#x"><text>x</text></a>',
        '<text xml:base="https://example.com">x</text>',
        "<foreignObject/>",
        '<html:script xmlns:html="http://www.w3.org/1999/xhtml">1</html:script>',
    ],
)
def test_a_drawing_holds_shapes_and_text_only(inside: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    with pytest.raises(ValueError, match=r"no place|outside"):
        inlined(drawing, "p-", "alt")


def test_a_style_becomes_attributes_and_ids_become_the_drawings_own() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 900 9">'
        '<!-- a --><style>*{fill:red}</style><g id="a"/><use xlink:href="#a" clip-path="url(#a)"/>'
        "<text style=\"font: bold 9px 'DejaVu Sans', serif; font-family: x; text-anchor: middle\">字</text></svg>"
    )
    assert inlined(drawing, "p-", 'say "it"') == (
        '<svg viewBox="0 0 900 9" stroke-linejoin="round" role="img" aria-label="say &quot;it&quot;">'
        '<g id="p-a" /><use href="#p-a" clip-path="url(#p-a)" />'
        '<text font-size="9" font-weight="bold" text-anchor="middle">字</text></svg>'
    )
