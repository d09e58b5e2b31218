"""A drawing made fit to stand inside a page: nothing but shapes and text, ids of its own, no style that a strict page
would have to allow.

What may stand in it is a list, so a script, a foreign document or an address outside is refused however it came in.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as tree  # only to write; what is read goes through defusedxml

from defusedxml.ElementTree import fromstring

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_SHAPES = frozenset(
    "svg g defs pattern path clipPath rect line circle polygon polyline use text tspan title desc".split()
)
_DROPPED = frozenset(["metadata", "style"])
_NARROW = 450  # points of width; wider ones fill the page
_FONT = re.compile(r"^(?:(?P<weight>bold|[1-9]00)\s+)?(?P<size>[\d.]+)px\b")
_INSIDE = re.compile(r"url\(#([\w-]+)\)")


def inlined(svg: str, prefix: str, alt: str) -> str:
    """The drawing as an element for HTML, its ids beginning with `prefix`. Raises ValueError for what is no drawing of ours."""
    root = fromstring(
        svg, forbid_dtd=False
    )  # matplotlib's has a doctype, which is only a name; entities stay forbidden
    _clean(root, prefix)
    if float(root.get("viewBox", "0 0 0 0").split()[2]) < _NARROW:
        root.set("class", "narrow")
    root.set("stroke-linejoin", "round")  # all that matplotlib's dropped style sheet said
    root.set("role", "img")
    root.set("aria-label", alt)
    return tree.tostring(root, encoding="unicode")


def _clean(element: tree.Element, prefix: str) -> None:
    name = _name(element)
    if name not in _SHAPES:
        raise ValueError(f"<{name}> has no place in a report's drawing")
    element.tag = name  # in HTML an svg needs no name space
    for key, value in [*element.attrib.items()]:
        del element.attrib[key]
        for attribute, text in _attributes(key, value):
            element.set(attribute, _own(attribute, text, prefix))
    for child in [*element]:
        if callable(child.tag) or _name(child) in _DROPPED:  # a comment's tag is a function
            element.remove(child)
        else:
            _clean(child, prefix)


def _name(element: tree.Element) -> str:
    space, _, name = element.tag.rpartition("}")
    if space != "{" + _SVG:
        raise ValueError(f"<{element.tag}> has no place in a report's drawing")
    return name


def _attributes(key: str, value: str) -> list[tuple[str, str]]:
    """One attribute, or those that a style declares: a style attribute would need 'unsafe-inline'."""
    if key == f"{{{_XLINK}}}href":
        return [("href", value)]
    if key != "style":
        return [(key, value)]
    declared = [part.partition(":") for part in value.split(";") if part.strip()]
    pairs = [(name.strip(), text.strip()) for name, _, text in declared]
    pairs = [one for name, text in pairs for one in (_font(text) if name == "font" else [(name, text)])]
    return [(name, text) for name, text in pairs if name != "font-family"]  # the page's


def _font(text: str) -> list[tuple[str, str]]:
    match = _FONT.match(text)
    if match is None:
        raise ValueError(f"font: {text}")
    weight = [("font-weight", match["weight"])] if match["weight"] else []
    return [("font-size", match["size"]), *weight]


def _own(key: str, value: str, prefix: str) -> str:
    if key.startswith("on") or ":" in key or "{" in key or "javascript:" in value.lower():
        raise ValueError(f"{key} has no place in a report's drawing")
    if key == "id":
        return prefix + value
    if key == "href":
        if not value.startswith("#"):
            raise ValueError(f"{value} lies outside of the drawing")
        return f"#{prefix}{value[1:]}"
    inside = _INSIDE.sub(rf"url(#{prefix}\1)", value)
    if "url(" in inside.replace(f"url(#{prefix}", ""):
        raise ValueError(f"{value} lies outside of the drawing")
    return inside
