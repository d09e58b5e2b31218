"""Texts read the short way are those that openpyxl reads the long way."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.text import Text
from openpyxl.xml.constants import SHEET_MAIN_NS

from ingest.readers.strings import Plain

SAID = st.one_of(st.none(), st.text(st.sampled_from("发货 \n\t<&>_x000D_aé😀"), max_size=6))
PART = st.tuples(st.sampled_from(["t", "r", "rPh", "phoneticPr"]), SAID)


def node_of(parts: list[tuple[str, str | None]]) -> Element:
    """A text as it comes out of a file: an element `si` of plain texts, runs with fonts, and pronunciations."""
    node = Element(f"{{{SHEET_MAIN_NS}}}si")
    for name, said in parts:
        child = SubElement(node, f"{{{SHEET_MAIN_NS}}}{name}")
        if name == "t":
            child.text = said
        elif name == "phoneticPr":
            child.set("fontId", "1")
        else:
            child.attrib |= {"sb": "0", "eb": "1"} if name == "rPh" else {}
            SubElement(child, f"{{{SHEET_MAIN_NS}}}t").text = said
    return fromstring(tostring(node))


@given(st.lists(PART, max_size=3))
def test_a_text_is_what_openpyxl_reads(parts: list[tuple[str, str | None]]) -> None:
    assert Plain.from_tree(node_of(parts)).content == Text.from_tree(node_of(parts)).content


def test_a_plain_text_needs_none_of_its_objects() -> None:
    assert Plain.from_tree(node_of([("t", "几天发货")])) == Plain("几天发货")
